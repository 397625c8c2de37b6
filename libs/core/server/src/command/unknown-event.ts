import { UnknownEventError } from '@daybook/event-store';
import { reject, RejectionError } from '@daybook/kernel';

/**
 * Rejects what would be decided or answered from an unknown event type: a newer version wrote it, and this one cannot know
 * what it changed. Better a 503 that says what to do than a wrong answer.
 */
export async function rejectUnknownEvents<T>(read: () => Promise<T>, skip?: false): Promise<T>;
/** With `skip`, null instead: for lists that show events one by one.  */
export async function rejectUnknownEvents<T>(read: () => Promise<T>, skip: boolean): Promise<T | null>;
export async function rejectUnknownEvents<T>(read: () => Promise<T>, skip = false): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof UnknownEventError)) throw error;
    if (skip) return null;
    const message = `This version of Daybook does not know the event ${error.wireType}, which a newer version wrote. Nothing was changed. Update this installation.`;
    throw new RejectionError(
      reject('platform.program-too-old', message, { status: 503, details: { event: error.wireType } }),
    );
  }
}
