import { truncate, RejectionError } from '@daybook/kernel';

/** Why a running attempt is aborted. */
export type StopCause = 'cancelled' | 'timed-out' | 'stopping' | 'claim-lost';

/** The reason of a job's abort signal. */
export class JobAborted extends Error {
  override readonly name = 'JobAborted';
  constructor(readonly stop: StopCause) {
    super(`The job was aborted: ${stop}.`);
  }
}

export type AttemptOutcome =
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'stopped'; readonly cause: Exclude<StopCause, 'timed-out'> }
  | { readonly kind: 'rejected'; readonly error: AttemptError }
  | { readonly kind: 'broken'; readonly error: AttemptError; readonly cause: unknown };
interface AttemptError {
  readonly code: string;
  readonly message: string;
}

/**
 * Runs one attempt to its outcome; never throws. An attempt that ignores its abort signal is abandoned at the timeout, and its
 * later result is discarded.
 */
export async function attempt(
  work: () => Promise<unknown>,
  controller: AbortController,
  timeoutSeconds: number,
): Promise<AttemptOutcome> {
  const timer = setTimeout(() => controller.abort(new JobAborted('timed-out')), timeoutSeconds * 1000);
  const abandoned = new Promise<never>((_, fail) => {
    controller.signal.addEventListener('abort', () => {
      const { reason } = controller.signal;
      if (reason instanceof JobAborted && (reason.stop === 'timed-out' || reason.stop === 'claim-lost')) fail(reason);
    });
  });
  try {
    return { kind: 'done', result: (await Promise.race([work(), abandoned])) ?? null };
  } catch (error) {
    const reason: unknown = controller.signal.aborted ? controller.signal.reason : null;
    if (error instanceof RejectionError && !(reason instanceof JobAborted)) {
      return { kind: 'rejected', error: { code: error.rejection.code, message: error.rejection.message } };
    }
    if (reason instanceof JobAborted) {
      if (reason.stop !== 'timed-out') return { kind: 'stopped', cause: reason.stop };
      const message = `The job took longer than ${timeoutSeconds} seconds.`;
      return { kind: 'broken', error: { code: 'platform.job-timed-out', message }, cause: null };
    }
    return { kind: 'broken', error: { code: 'platform.job-failed', message: firstLine(error) }, cause: error };
  } finally {
    clearTimeout(timer);
  }
}

const firstLine = (error: unknown): string =>
  truncate(String(error instanceof Error ? error.message : error).split('\n', 1)[0]!, 500);
