import { setTimeout as sleep } from 'node:timers/promises';

/** Waits longer after each failure, up to `maxMs`, and never all at the same moment (full jitter). */
export class Backoff {
  #failures = 0;
  constructor(
    private readonly firstMs = 50,
    private readonly maxMs = 10_000,
  ) {}

  reset(): void {
    this.#failures = 0;
  }

  async wait(signal?: AbortSignal): Promise<void> {
    const bound = Math.min(this.maxMs, this.firstMs * 2 ** this.#failures++);
    await pause(bound / 2 + (Math.random() * bound) / 2, signal);
  }
}

/** A sleep that an abort ends early, without an error. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: true }).catch((error: unknown) => {
    if (!signal?.aborted) throw error;
  });
}
