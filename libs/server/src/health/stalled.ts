import { type Check, NotReady } from './readiness.js';

/** Projections that do not move for so long while events wait are not working. */
const stalledAfterMs = 30_000;

/**
 * Fails when events wait and the projections' checkpoint has not moved for half a minute. Being behind while moving (a
 * large import) is no failure.
 */
export function notStalled(
  source: { head(): Promise<bigint>; position(): Promise<bigint> },
  now: () => number = () => performance.now(),
): Check {
  let seen: { position: bigint; at: number } | null = null;
  return async () => {
    const position = await source.position();
    const head = await source.head();
    const moved = seen === null || seen.position !== position || position >= head;
    if (moved) seen = { position, at: now() };
    const facts = { position: String(position), behind: String(head > position ? head - position : 0n) };
    const stillMs = now() - (seen?.at ?? now());
    if (stillMs >= stalledAfterMs) throw new NotReady({ ...facts, stillSeconds: Math.round(stillMs / 1000) });
    return facts;
  };
}
