import { UnknownEventError } from '@daybook/event-store';
import { reject, RejectionError } from '@daybook/kernel';

/**
 * What is decided or answered from events is refused where one of them is unknown: a newer version wrote it,
 * and nobody here can tell what it changed. The caller is told what to do instead of being given a wrong answer.
 */
export async function refusingUnknown<T>(read: () => Promise<T>, skip?: false): Promise<T>;
/** With `skip` null stands for it: where a list shows events one by one, and says of each what it knows. */
export async function refusingUnknown<T>(read: () => Promise<T>, skip: boolean): Promise<T | null>;
export async function refusingUnknown<T>(read: () => Promise<T>, skip = false): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof UnknownEventError)) throw error;
    if (skip) return null;
    const message = `This version of Daybook does not know the event ${error.wireType}, which a newer one wrote. Nothing was changed. Update this installation.`;
    throw new RejectionError(
      reject('platform.program-too-old', message, { status: 503, details: { event: error.wireType } }),
    );
  }
}
