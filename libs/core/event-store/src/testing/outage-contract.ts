import { newId, streamName } from '@daybook/kernel';
import type { EventStore } from '../port.js';
import { StoreUnavailable, type Unavailability } from '../store-unavailable.js';
import { collect } from './contract.js';
import { noteFor } from './events.js';

/** A store whose server can be made unavailable. */
export interface Outage {
  readonly store: EventStore;
  /** How often the store reported an interruption. */
  readonly interruptions: () => number;
  refuse(): Promise<void> | void;
  restore(): Promise<void> | void;
  /** Only with a double of the server; null with a real one. */
  readonly double: { fallSilent(): void; dieInAppend(when: 'before' | 'after'): void } | null;
}

const tenant = newId();
const stream = streamName('spec.note', tenant, 'outage');

/** Each method of a store, once. */
const asked: Readonly<Record<string, (store: EventStore) => Promise<unknown>>> = {
  append: (store) => store.append(stream, 'any', [noteFor(tenant)]),
  readStream: (store) => collect(store.readStream(stream)),
  readAll: (store) => collect(store.readAll()),
  eventAt: (store) => store.eventAt(1n),
  lastRevisions: (store) => store.lastRevisions([stream]),
  head: (store) => store.head(),
};

/** Retries while the store is unavailable, as callers do: a busy machine may miss the short deadlines of these specs. */
async function answered<T>(ask: () => Promise<T>, rounds = 50): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof StoreUnavailable) || rounds === 0) throw error;
    return answered(ask, rounds - 1);
  }
}

/** The contract of every event store while its server is unavailable. `against` says whether `open` uses a double. */
export function outageContract(
  against: 'a double' | 'a server',
  open: () => Promise<Outage & { close(): Promise<void> }>,
): void {
  let outage: Awaited<ReturnType<typeof open>>;
  beforeAll(async () => {
    outage = await open();
    await answered(() => outage.store.append(stream, 'any', [noteFor(tenant)]));
  });
  afterEach(() => outage.restore());
  afterAll(() => outage.close());

  const expectUnavailable = async (way: string, why: Unavailability): Promise<void> => {
    const error = await asked[way]!(outage.store).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(StoreUnavailable);
    expect((error as StoreUnavailable).why).toBe(why);
  };

  it.each(Object.keys(asked))('%s says that the store cannot be reached while connections are refused', async (way) => {
    const before = outage.interruptions();
    await outage.refuse();
    await expectUnavailable(way, 'unreachable');
    expect(outage.interruptions()).toBeGreaterThan(before);
    await outage.restore();
    await answered(() => asked[way]!(outage.store));
  });

  it('takes up every one of many appends that were cut off, and each counts once when it is sent again', async () => {
    const streams = Array.from({ length: 40 }, (_, i) => streamName('spec.note', tenant, `many-${i}`));
    const notes = streams.map(() => noteFor(tenant, 'x'.repeat(20_000)));
    outage.double?.fallSilent();
    const cut = streams.map((name, i) =>
      outage.store.append(name, 'none', [notes[i]!]).catch((error: unknown) => error),
    );
    await outage.refuse();
    for (const error of await Promise.all(cut)) {
      if (error instanceof Error) expect(error).toBeInstanceOf(StoreUnavailable);
    }
    await outage.restore();
    const again = await Promise.all(
      streams.map((name, i) => answered(() => outage.store.append(name, 'none', [notes[i]!]))),
    );
    expect(again.map((outcome) => outcome.kind === 'appended' && outcome.revision)).toEqual(streams.map(() => 0));
    expect(await answered(() => outage.store.lastRevisions(streams))).toEqual(streams.map(() => 0));
  });

  const followed = async (leave: () => Promise<void> | void, why: Unavailability): Promise<void> => {
    const abort = new AbortController();
    const seen: string[] = [];
    const after = await answered(() => outage.store.head());
    const following = (async () => {
      for await (const { events } of outage.store.subscribeAll({ after, signal: abort.signal })) {
        seen.push(...events.map(({ id }) => id));
        if (seen.length >= 2) break;
      }
    })();
    const [first, second] = [noteFor(tenant), noteFor(tenant)];
    await answered(() => outage.store.append(stream, 'any', [first]));
    while (seen.length < 1) await new Promise((done) => setTimeout(done, 5));
    await leave();
    await expectUnavailable('head', why);
    await outage.restore();
    await answered(() => outage.store.append(stream, 'any', [second]));
    await following;
    expect(seen).toEqual([first.id, second.id]);
  };

  it('goes on with a subscription after connections were refused', () =>
    followed(() => outage.refuse(), 'unreachable'));

  // Where the server does not respond, the time limits of every PostgreSQL connection apply.
  if (against === 'a server') return;

  it('goes on with a subscription after nothing was said', () => followed(() => outage.double!.fallSilent(), 'silent'));

  it.each(Object.keys(asked))('%s says so within the deadline when connections are taken and nothing is said', async (way) => {
    outage.double!.fallSilent();
    await expectUnavailable(way, 'silent');
    await outage.restore();
    await answered(() => asked[way]!(outage.store));
  }); // prettier-ignore

  it.each(['before', 'after'] as const)(
    'appends once when the server dies in the middle of it, %s it was written',
    async (when) => {
      const name = streamName('spec.note', tenant, `dying ${when}`);
      const note = noteFor(tenant);
      outage.double!.dieInAppend(when);
      const outcome = await outage.store
        .append(name, 'none', [note])
        .catch(() => answered(() => outage.store.append(name, 'none', [note])));
      expect(outcome).toMatchObject({ kind: 'appended', revision: 0 });
      expect(await answered(() => collect(outage.store.readStream(name)))).toHaveLength(1);
    },
  );
}
