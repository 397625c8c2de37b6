import type { Check } from './readiness.js';

/** How far reads are behind writes, as this process has seen it. */
export interface Lag {
  readonly position: bigint;
  readonly events: bigint;
  /** Since when, in seconds, nothing was applied although events wait; 0 while level. */
  readonly stillSeconds: number;
}

/** Nothing applied for so long while events wait: the projector has stopped, or cannot go on. */
export const stalledAfterSeconds = 30;

/**
 * Watches the projections' checkpoint. One that lags is no reason to send nobody here: reads are answered as of where they
 * are, writes are taken, and another API process would be as far behind. So it is shown and fails nothing (docs/adr/0033).
 */
export function watchLag(
  source: { head(): Promise<bigint>; position(): Promise<bigint> },
  now: () => number = () => performance.now(),
): () => Promise<Lag> {
  let moved: { position: bigint; at: number } | null = null;
  return async () => {
    const position = await source.position();
    const head = await source.head();
    if (moved === null || moved.position !== position || position >= head) moved = { position, at: now() };
    const events = head > position ? head - position : 0n;
    return { position, events, stillSeconds: Math.round((now() - moved.at) / 1000) };
  };
}

/** For `/health/ready`: information, whatever the lag is; failed only where nobody can say. */
export const lagShown =
  (lag: () => Promise<Lag>): Check =>
  async () => {
    const { position, events, stillSeconds } = await lag();
    const state = events === 0n ? 'level' : stillSeconds >= stalledAfterSeconds ? 'stalled' : 'behind';
    return { state, position: String(position), behind: String(events), stillSeconds };
  };
