import type { EventOf } from '../event.js';
import { withKey } from '../decider-tables.js';
import { emptyOf, type RecordType, refOf } from './record.js';
import type { RecordEvent } from './record-events.js';
import type { Present } from './record-step.js';

/*
 * Many records in one stream: the roles of a tenant, beside its members. Commands are decided by `decideRecord` on one of them,
 * and their events fold as those of an aggregate do.
 */
type Holding<N extends string> = Readonly<Record<N, ReadonlyMap<string, Present>>>;
type FoldsInto<E extends readonly RecordEvent[], N extends string> = {
  readonly [D in E[number] as D['name']]: <S extends Holding<N>>(state: S, data: EventOf<D>['data']) => S;
};

/** Folds of a state that has records of the type by id, under `name`: each event sets what it says, and is one version on. */
export function foldsInto<
  const N extends string,
  const E extends readonly RecordEvent<string, RecordEvent['data'], true>[],
>(record: RecordType, name: N, events: E): FoldsInto<E, N> {
  const fold = (event: RecordEvent) => (state: Holding<N>, data: Readonly<Record<string, unknown>>) => {
    const { id } = refOf(record, data);
    const before: Present = state[name].get(id) ?? { ...emptyOf(record), [record.id]: id, version: 0 };
    return {
      ...state,
      [name]: withKey(state[name], id, { ...before, ...event.sets?.(data), version: before.version + 1 }),
    };
  };
  return Object.fromEntries(events.map((event) => [event.name, fold(event)])) as unknown as FoldsInto<E, N>;
}
