import type { Check } from './readiness.js';

/** How far the read models are behind the event store, as seen by this process. */
export interface Lag {
  readonly position: bigint;
  readonly events: bigint;
  /** Seconds without progress although events are waiting; 0 when up to date. */
  readonly stillSeconds: number;
}

/** After this long without progress the projector has stopped or is stuck. */
export const stalledAfterSeconds = 30;

/**
 * Watches the checkpoint of the projections. Lag does not make an API process unready: it still answers reads and accepts
 * writes, and every other process is as far behind. So lag is reported and fails nothing (docs/adr/0033).
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

/** For `/health/ready`: reports the lag; fails only when it cannot be determined. */
export const lagShown =
  (lag: () => Promise<Lag>): Check =>
  async () => {
    const { position, events, stillSeconds } = await lag();
    const state = events === 0n ? 'level' : stillSeconds >= stalledAfterSeconds ? 'stalled' : 'behind';
    return { state, position: String(position), behind: String(events), stillSeconds };
  };
