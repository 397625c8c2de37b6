import { type PublishedState, streamName } from '@daybook/kernel';
import type { Caller, EventReader, QueryContext } from '../context.js';
import { accessBy } from '../dispatch/rights.js';
import type { FactReader, FactSources, SoftFactSources } from '../facts.js';
import type { StateCache } from '../state/state-cache.js';

type Given = {
  readonly events: EventReader;
  readonly states?: StateCache;
  /** Queries the read models for a caller, in one snapshot. */
  readonly read?: <T>(caller: Caller, work: (read: QueryContext) => Promise<T>) => Promise<T>;
};

/** The last revision of a stream that was asked for with the rights of the caller (`askedWithRights`). */
const lastOf = ({ aggregate }: PublishedState, caller: Caller, id = caller.tenant): number | null =>
  accessBy(caller)?.revisions?.get(streamName(aggregate, caller.tenant, id)) ?? null;

/** How far a soft fact may be behind. */
const softForMs = 10_000;

/** What decision facts are read from in this process. */
export function factReader({ events, states, read }: Given): FactReader {
  const statesOf: StateCache['of'] = (published) => {
    if (!states) throw new Error(`There is no cache to read ${published.name} from.`);
    return states.of(published);
  };
  const binding = ({ tenant }: Caller): FactSources => ({
    events,
    of: (published, id) => statesOf(published).current(tenant, id),
  });
  const soft = (caller: Caller): SoftFactSources => ({
    events,
    of: async (published, id) =>
      statesOf(published).cached(caller.tenant, id, softForMs) ??
      statesOf(published).current(caller.tenant, id, lastOf(published, caller, id)),
    read: (work) => {
      if (!read) throw new Error('There are no read models to read a soft fact from.');
      return read(caller, work);
    },
  });
  return { binding, soft };
}
