import { setTimeout as sleep } from 'node:timers/promises';
import { reject, type Rejection } from '@daybook/kernel';
import type { ReadContext } from '@daybook/projections';

/** Port to the read models: one snapshot per call, and how far they have come. */
export interface Reads {
  /** `knownAt` is what the caller wrote: null for now, an instant, a trail number or `position:<n>`. */
  read<T>(tenant: string, knownAt: string | null, work: (read: ReadContext) => Promise<T>): Promise<T>;
  /** Position up to which all live projections are. */
  position(): Promise<bigint>;
}

export const longestWaitMs = 2_000;

/** Read your own writes: waits until the projections have passed `minPosition`, or says 503 after two seconds. */
export async function waitFor(
  reads: Pick<Reads, 'position'>,
  minPosition: string,
  waitMs = longestWaitMs,
): Promise<Rejection | null> {
  if (!/^\d{1,19}$/.test(minPosition)) {
    return reject('platform.invalid-input', 'min-position is not a position.', {
      status: 400,
      errors: [{ pointer: '/min-position', code: 'invalid', message: 'Use the position that a command answered.' }],
    });
  }
  const wanted = BigInt(minPosition);
  const started = performance.now();
  // The look is cheap and a projection takes milliseconds, so it looks often at first.
  for (let waited = 0; ; waited = performance.now() - started) {
    const pause = Math.min(5 + waited / 10, 100);
    const reached = await reads.position();
    if (reached >= wanted) return null;
    if (waited + pause > waitMs) {
      return reject(
        'platform.read-model-behind',
        'Reading has not caught up with that change yet. Try again in a moment.',
        {
          status: 503,
          details: { retryAfterSeconds: 1, wanted: minPosition, reached: String(reached) },
        },
      );
    }
    await sleep(pause);
  }
}
