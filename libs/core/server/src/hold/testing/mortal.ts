import type { EventStore } from '@daybook/event-store';
import type { ReservationRows } from '../personal-reservations.js';

/** The process was killed: nothing that it does has an effect any more. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/** Where a process dies or waits: at its n-th call (from 1) or at each, before the call has its effect or after it. */
export interface Fate {
  readonly call: number | 'each';
  readonly when: 'before' | 'after';
  /** Only calls that write count. */
  readonly ofWrites?: boolean;
  /** It waits for this instead of dying. */
  readonly until?: () => Promise<void>;
}

/** A store and rows for one process, which dies or waits at one of its calls. */
export function mortal(
  store: EventStore,
  rows: ReservationRows,
  fate: Fate | null,
): { store: EventStore; rows: ReservationRows } {
  let calls = 0;
  let isDead = false;
  const meet = async (when: Fate['when'], call: number): Promise<void> => {
    if (fate && [call, 'each'].includes(fate.call) && fate.when === when) {
      if (fate.until) await fate.until();
      else isDead = true;
    }
    if (isDead) throw new Killed();
  };
  const through = async <T>(work: () => Promise<T>, isWrite = false): Promise<T> => {
    if (isDead) throw new Killed();
    if (isWrite || !fate?.ofWrites) calls += 1;
    else return work();
    const call = calls;
    await meet('before', call);
    const result = await work();
    await meet('after', call);
    return result;
  };
  return {
    store: {
      ...boundTo(store),
      append: (...args) => through(() => store.append(...args), true),
      appendGroup: (...args) => through(() => store.appendGroup(...args), true),
      lastRevisions: (...args) => through(() => store.lastRevisions(...args)),
      readStream: async function* (...args) {
        const events = await through(async () => {
          const all = [];
          for await (const event of store.readStream(...args)) all.push(event);
          return all;
        });
        yield* events;
      },
    },
    rows: {
      find: (...args) => through(() => rows.find(...args)),
      replace: (...args) => through(() => rows.replace(...args), true),
    },
  };
}

const boundTo = (store: EventStore): EventStore => ({
  findsRepeats: store.findsRepeats,
  append: (...args) => store.append(...args),
  appendGroup: (...args) => store.appendGroup(...args),
  readStream: (...args) => store.readStream(...args),
  readAll: (...args) => store.readAll(...args),
  subscribeAll: (...args) => store.subscribeAll(...args),
  lastRevisions: (...args) => store.lastRevisions(...args),
  eventAt: (...args) => store.eventAt(...args),
  head: () => store.head(),
  close: () => store.close(),
});
