import { truncate, RejectionError } from '@daybook/kernel';

/** Why a running attempt is aborted. */
export type StopCause = 'cancelled' | 'timed-out' | 'stopping' | 'yielding' | 'claim-lost';

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
 * Runs one attempt to its outcome; never throws. An attempt that ignores its abort signal is abandoned at the timeout or when
 * `claim` is aborted, whatever aborted it before, and its later result is discarded.
 */
export async function attempt(
  work: () => Promise<unknown>,
  controller: AbortController,
  timeoutSeconds: number,
  claim?: AbortSignal,
): Promise<AttemptOutcome> {
  // Apart from the handler's signal, which aborts once only.
  const { promise: abandoned, reject: abandon } = Promise.withResolvers<never>();
  const giveUp = (stop: StopCause): void => {
    controller.abort(new JobAborted(stop));
    abandon(new JobAborted(stop));
  };
  const timer = setTimeout(() => giveUp('timed-out'), timeoutSeconds * 1000);
  claim?.addEventListener('abort', () => giveUp('claim-lost'), { once: true });
  if (claim?.aborted) giveUp('claim-lost');
  try {
    return { kind: 'done', result: (await Promise.race([work(), abandoned])) ?? null };
  } catch (error) {
    const reason: unknown = controller.signal.reason;
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
