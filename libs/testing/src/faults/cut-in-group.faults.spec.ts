import { type EventStore, type EventToAppend, openPostgresEventStore, StoreUnavailable } from '@daybook/event-store';
import { metaFor } from '@daybook/event-store/testing/events';
import { newId, streamName } from '@daybook/kernel';
import { testDatabase, type TestDatabase } from '@daybook/postgres/testing/database';
import { type DatabaseProxy, databaseProxy } from '@daybook/postgres/testing/proxy';
import { everyEvent } from './books.js';
import { type HeldCommits, heldCommits, heldType, until } from './held-commits.js';
import { programMigrations } from './program.js';

/* A connection is cut while a group of appends is before its COMMIT; the caller cannot know whether it was written. */
const tenant = newId();
const streams = Array.from({ length: 20 }, (_, n) => streamName('faults.account', tenant, `a${n}`));
const eventsOf = (): EventToAppend[] =>
  [1, 2].map((number) => ({ id: newId(), type: heldType, data: { number }, meta: metaFor(tenant) }));

/** Repeats what it has no answer for as something new. */
const repeatsAsNew = (store: EventStore): Pick<EventStore, 'append'> => ({
  append: (stream, expected, events) => store.append(stream, 'any', events.map((event) => ({ ...event, id: newId() }))), // prettier-ignore
});

describe('a connection that is cut inside a group', () => {
  let database: TestDatabase;
  let held: HeldCommits;
  let proxy: DatabaseProxy;
  let store: EventStore;
  beforeEach(async () => {
    database = await testDatabase(programMigrations);
    held = await heldCommits(database);
    proxy = await databaseProxy(database.projectorUrl);
    store = openPostgresEventStore({ url: proxy.through(database.projectorUrl), appendAnswerMs: 600_000 });
    await store.head();
  });
  afterEach(async () => {
    await Promise.all([store.close(), held.end()]);
    await proxy.close();
    await database.drop();
  });

  /** Sends a group, and does this while it is before its COMMIT; answers what the appends came to. */
  async function group(appends: readonly EventToAppend[][], meanwhile: () => void | Promise<void>) {
    await held.hold();
    const outcomes = Promise.allSettled(streams.map((stream, at) => store.append(stream, 'none', appends[at]!)));
    await until(async () => (await held.waiting()) === 1);
    await meanwhile();
    return outcomes;
  }
  const release = async (): Promise<void> => {
    await held.release();
    await until(async () => (await held.waiting()) === 0);
  };
  /** Positions of the last event of each append, as stored. */
  async function stored(appends: readonly EventToAppend[][]): Promise<bigint[]> {
    const log = await everyEvent(store);
    expect(log.map(({ id }) => id).sort()).toEqual(appends.flat().map(({ id }) => id).sort()); // prettier-ignore
    expect(log.map(({ position }) => position)).toEqual(log.map((_, at) => BigInt(at + 1)));
    return appends.map((events) => log.find(({ id }) => id === events[1]!.id)!.position);
  }

  it('is retried by the store, with the positions that the first attempt was given', async () => {
    const appends = streams.map(eventsOf);
    const outcomes = group(appends, async () => {
      proxy.cut();
      await release();
    });
    const positions = (await outcomes).map((one) =>
      one.status === 'fulfilled' && one.value.kind === 'appended' ? one.value.position : one,
    );
    expect(positions).toEqual(await stored(appends));
  });

  it('and cannot be opened again answers 503, and the same events again get the same positions', async () => {
    const appends = streams.map(eventsOf);
    const outcomes = await group(appends, () => proxy.refuse());
    expect(outcomes.every((one) => one.status === 'rejected' && one.reason instanceof StoreUnavailable)).toBe(true);
    await release();
    proxy.restore();
    const again = await Promise.all(streams.map((stream, at) => store.append(stream, 'none', appends[at]!)));
    expect(again.map((one) => one.kind === 'appended' && one.position)).toEqual(await stored(appends));
    expect(again.every((one) => one.kind === 'appended' && one.repeated)).toBe(true);
  });

  it('shows a caller that repeats under new ids: every event is there twice', async () => {
    const appends = streams.map(eventsOf);
    await group(appends, () => proxy.refuse());
    await release();
    proxy.restore();
    const broken = repeatsAsNew(store);
    await Promise.all(streams.map((stream, at) => broken.append(stream, 'none', appends[at]!)));
    await expect(stored(appends)).rejects.toThrow();
    expect(await everyEvent(store)).toHaveLength(2 * appends.flat().length);
  });
});
