import type { EventReader } from '../context.js';
import { StateCache } from '../state/state-cache.js';

/** The cache of states over a reader in memory, for specs that have no store. */
export const statesOver = (events: EventReader, now: () => number = Date.now): StateCache =>
  new StateCache(
    {
      events,
      lastRevisions: (streams) => Promise.all(streams.map((stream) => lastRevision(events, stream))),
      logWentBack: async () => undefined,
    },
    { now },
  );

async function lastRevision(events: EventReader, stream: string): Promise<number> {
  let last = -1;
  for await (const { revision } of events.stream(stream)) last = revision;
  return last;
}
