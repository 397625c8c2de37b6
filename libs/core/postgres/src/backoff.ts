import { setTimeout as sleep } from 'node:timers/promises';

/** Waits longer after each failure, up to `maxMs`, at a random moment within it (full jitter). */
export class Backoff {
  #failures = 0;
  constructor(
    private readonly firstMs = 50,
    private readonly maxMs = 10_000,
    private readonly pause: (ms: number, signal?: AbortSignal) => Promise<void> = sleepUntil,
  ) {}

  reset(): void {
    this.#failures = 0;
  }

  async wait(signal?: AbortSignal): Promise<void> {
    const bound = Math.min(this.maxMs, this.firstMs * 2 ** this.#failures++);
    await this.pause(bound / 2 + (Math.random() * bound) / 2, signal);
  }
}

/** A sleep that an abort ends early, without an error. */
export const pause = sleepUntil;
async function sleepUntil(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: true }).catch((error: unknown) => {
    if (!signal?.aborted) throw error;
  });
}
