import {
  catalogueOf,
  type EventStore,
  eventStoreMigrations,
  MasterKeys,
  openPostgresEventStore,
  PostgresSnapshots,
  postgresSealer,
  vaultEntities,
} from '@daybook/event-store';
import {
  accept,
  command,
  commandIdOf,
  type CommandOf,
  type CommandResult,
  type Decider,
  event,
  type EventsOf,
  LargeMap,
  newId,
  personal,
  reject,
  streamName,
} from '@daybook/kernel';
import { createPool, entityManager, inTenant } from '@daybook/postgres';
import { testDatabase, type TestDatabase } from '@daybook/postgres/testing/database';
import type { Pool } from 'pg';
import * as z from 'zod';
import { type Caller, decide, type DecideBinding, type OperationContext } from '../context.js';
import { checkSnapshot } from './check-snapshot.js';
import { CommandExecutor, newIdOf } from './command-executor.js';

/*
 * A guest list: who was invited and what they said, by number in a large map. The state holds the last name, the map what
 * each person said.
 */
const guestAdded = event('guests.guest-added', {
  data: z.object({
    listId: z.uuid(),
    number: z.int(),
    personId: z.uuid(),
    name: personal(z.string().nullable(), 'personId'),
    said: personal(z.string().nullable(), 'personId'),
  }),
  record: ({ listId }) => ({ type: 'guests.list', id: listId }),
});
const guestEvents = [guestAdded] as const;
const addGuest = command('guests.guest.add', {
  title: 'Add a guest',
  http: 'POST /v1/guests/lists/{listId}/guests',
  says: 'added a guest',
  input: z.object({
    listId: z.uuid(),
    personId: z.uuid(),
    name: z.string(),
    said: z.string(),
    after: z.int().optional(),
  }),
});
interface Guests {
  readonly count: number;
  readonly last: { readonly personId: string; readonly name: string | null } | null;
  readonly said: LargeMap<{ readonly personId: string; readonly said: string | null }>;
}
const decider: Decider<Guests, CommandOf<typeof addGuest>, EventsOf<typeof guestEvents>> = {
  initial: { count: 0, last: null, said: LargeMap.empty() },
  decide: ({ input: { listId, personId, name, said, after } }, state) => {
    const before = after === undefined ? null : state.said.get(String(after));
    if (before === undefined) return reject('guests.guest-not-found', 'There is no such guest.');
    const text = before ? `${said}, as ${before.said}` : said;
    return accept(
      listId,
      state.count + 1,
      guestAdded.of({ listId, number: state.count + 1, personId, name, said: text }),
    );
  },
  evolve: (state, { data: { number, personId, name, said } }) => ({
    count: number,
    last: { personId, name },
    said: state.said.with(String(number), { personId, said }),
  }),
};
const who = { personId: z.string() };
const guests = decide({
  operations: [addGuest],
  decider,
  events: guestEvents,
  stream: (input, caller) => streamName('guests.list', caller.tenant, input.listId),
  snapshots: {
    code: import.meta.url,
    personal: z.object({ last: z.object({ ...who, name: personal(z.string().nullable(), 'personId') }).nullable() }),
    personalIn: { said: z.object({ ...who, said: personal(z.string().nullable(), 'personId') }) },
  },
});

describe('snapshots of a stream', () => {
  let database: TestDatabase;
  let pool: Pool;
  let admin: Pool;
  let store: EventStore;
  let sealer: ReturnType<typeof postgresSealer>;
  let snapshots: PostgresSnapshots;
  let [tenant, listId, ada, bob] = ['', '', '', ''];
  beforeAll(async () => {
    database = await testDatabase(eventStoreMigrations);
    pool = createPool(database.apiUrl, { max: 4, application: 'spec' });
    admin = createPool(database.projectorUrl, { max: 2, application: 'spec all' });
    store = openPostgresEventStore({ url: database.apiUrl });
    const masters = new MasterKeys({ secret: database.secret, key: null, previous: null });
    sealer = postgresSealer({ em: entityManager(pool, vaultEntities), url: database.apiUrl, masters });
    snapshots = new PostgresSnapshots(pool, sealer);
  });
  afterAll(async () => {
    await sealer.close();
    await store.close();
    await Promise.all([pool.end(), admin.end()]);
    await database.drop();
  });
  beforeEach(() => void ([tenant, listId, ada, bob] = [newId(), newId(), newId(), newId()] as const));

  const stream = () => streamName('guests.list', tenant, listId);
  const catalogue = () => catalogueOf(guestEvents, sealer);

  /** A process, with what it reads of the log. */
  function start(binding: DecideBinding = guests, log: EventStore = store) {
    const read: number[] = [];
    const watched: EventStore = {
      ...log,
      readStream: (name, options) => {
        read.push(options?.from ?? 0);
        return log.readStream(name, options);
      },
    };
    const executor = new CommandExecutor({
      store: watched,
      catalogue: catalogue(),
      context: {} as OperationContext,
      secret: 'a secret of more than thirty-two characters',
      snapshots,
      snapshotEvery: 3,
    });
    const caller: Caller = { tenant, actor: { kind: 'person', id: ada }, channel: 'rest', address: null, correlationId: 'trace', reason: null }; // prettier-ignore
    const add = (personId: string, name: string, said: string, after?: number, key = newId()) => {
      const commandId = commandIdOf(tenant, ada, addGuest.name, key);
      const input = { listId, personId, name, said, ...(after === undefined ? {} : { after }) };
      const call = { operation: addGuest, input, caller, commandId, newId: newIdOf(commandId), causationId: null };
      return executor.execute(binding, { ...call, expectedVersion: null }) as Promise<CommandResult>;
    };
    return { add, read };
  }
  const said = async () => {
    const all: (string | null)[] = [];
    const events = catalogue();
    for await (const stored of store.readStream(stream())) {
      all.push(((await events.fromStore(stored)).data as { said: string | null }).said);
    }
    return all;
  };
  const rows = (table: string) =>
    inTenant(
      admin,
      null,
      async (client) => (await client.query(`select * from store.${table} where tenant = $1`, [tenant])).rows,
    );
  const fill = async (add: ReturnType<typeof start>['add'], count: number) => {
    for (let n = 1; n <= count; n++) await add(n % 2 === 0 ? bob : ada, `name ${n}`, `word ${n}`);
    await turnOf(add);
  };
  /** A snapshot is taken after the answer: the next command on the stream waits for it. */
  const turnOf = (add: ReturnType<typeof start>['add']) => add(ada, 'nobody', 'nothing', 99);

  it('let the first command after a restart read the end of the stream only', async () => {
    await fill(start().add, 8);
    const { add, read } = start();
    expect(await add(ada, 'name 9', 'word 9')).toMatchObject({ version: 9 });
    // That the log holds the snapshot's last event, and what came since.
    expect(read).toEqual([5, 6]);
  });

  it('answer what was long ago as if it were in memory', async () => {
    const first = start();
    const before = await first.add(ada, 'name', 'hello', undefined, 'key');
    await fill(first.add, 7);
    const { add } = start();
    expect(await add(bob, 'name', 'good day', 1)).toMatchObject({ version: 9 });
    expect((await said()).at(-1)).toBe('good day, as hello');
    expect(await add(bob, 'name', 'x', 99)).toMatchObject({ code: 'guests.guest-not-found' });
    expect(await add(ada, 'name', 'hello', undefined, 'key')).toEqual(before);
    expect(await add(ada, 'name', 'other', undefined, 'key')).toMatchObject({ status: 422 });
  });

  it('are the same as a fold from zero, at every revision', async () => {
    let { add } = start();
    expect(await checkSnapshot({ store, catalogue: catalogue(), snapshots }, guests, stream())).toBeNull();
    for (let n = 1; n <= 10; n++) {
      if (n % 4 === 0) ({ add } = start());
      await add(n % 2 === 0 ? bob : ada, `name ${n}`, `word ${n}`);
      await turnOf(add);
      const found = await checkSnapshot({ store, catalogue: catalogue(), snapshots }, guests, stream());
      expect(found).toEqual(n < 3 ? null : []);
    }
    await inTenant(admin, null, (client) =>
      client.query(`update store.snapshot_entries set value = '{}' where key = '1'`),
    );
    expect(await checkSnapshot({ store, catalogue: catalogue(), snapshots }, guests, stream())).toEqual(['said 1']);
  });

  it('seal what is personal, and an erasure drops those of the subject', async () => {
    const process = start();
    await fill(process.add, 6);
    const text = JSON.stringify([await rows('snapshots'), await rows('snapshot_entries')]);
    expect(text).not.toMatch(/name \d|word \d/);
    expect((await rows('snapshots')).map(({ subjects }: { subjects: string[] }) => subjects.sort())).toEqual([
      [ada, bob].sort(),
    ]);
    await sealer.erase(tenant, bob);
    expect([await rows('snapshots'), await rows('snapshot_entries')]).toEqual([[], []]);
    // Who relied on it folds from the log, where nobody can read it any more.
    for (const { add } of [process, start()]) {
      await add(ada, 'name', 'good day', 2);
      expect((await said()).at(-1)).toBe('good day, as null');
    }
    await fill((personId, name, word) => process.add(ada, name, word), 3);
    expect(await checkSnapshot({ store, catalogue: catalogue(), snapshots }, guests, stream())).toEqual([]);
  });

  it('belong to their tenant', async () => {
    await fill(start().add, 3);
    const seen = (as: string) =>
      inTenant(
        pool,
        as,
        async (client) => (await client.query('select from store.snapshots, store.snapshot_entries')).rowCount,
      );
    expect(await seen(tenant)).toBeGreaterThan(0);
    expect(await seen(newId())).toBe(0);
    const moving = inTenant(pool, tenant, (client) =>
      client.query('update store.snapshots set tenant = $1', [newId()]),
    );
    await expect(moving).rejects.toThrow(/row-level security/);
  });

  it('of other code are not used', async () => {
    await fill(start().add, 6);
    const other: DecideBinding = {
      ...guests,
      snapshots: { ...guests.snapshots!, code: import.meta.resolve('./code-hash.js') },
    };
    const { add, read } = start(other);
    await add(ada, 'name', 'word');
    expect(read).toEqual([0]);
    expect(await rows('snapshots')).toHaveLength(2);
  });

  it('of a log that was restored to an earlier state are dropped', async () => {
    await fill(start().add, 6);
    const restored: EventStore = {
      ...store,
      readStream: (name, options) =>
        store.readStream(name, { ...options, limit: Math.max(0, 4 - (options?.from ?? 0)) }),
      appendGroup: async (_, expected, appends) => {
        expect(expected).toBe(3);
        return appends.map((events, i) => ({
          kind: 'appended',
          revision: 3 + (i + 1) * events.length,
          position: 9n,
          recordedAt: '',
          repeated: false,
        }));
      },
    };
    const { add, read } = start(guests, restored);
    expect(await add(ada, 'name', 'word')).toMatchObject({ version: 5 });
    expect(read).toEqual([5, 0]);
  });
});
