import { newId, RejectionError, streamName } from '@daybook/kernel';
import { testDatabase, type TestDatabase } from '@daybook/postgres/testing/database';
import fc from 'fast-check';
import { Client } from 'pg';
import type { AppendOutcome, EventStore, EventToAppend } from '../port.js';
import { collect } from '../testing/contract.js';
import { noteFor } from '../testing/events.js';
import { eventStoreMigrations } from './migrations.js';
import { openPostgresEventStore } from './postgres-event-store.js';

describe('the PostgreSQL event store under concurrency and failure', () => {
  let database: TestDatabase;
  /** Like several processes: each store has its own connections and groups. */
  let stores: EventStore[];
  let admin: Client;
  beforeAll(async () => {
    database = await testDatabase(eventStoreMigrations);
    stores = [1, 2, 3].map(() => openPostgresEventStore({ url: database.projectorUrl, pollMs: 500 }));
    admin = new Client({ connectionString: database.adminUrl });
    await admin.connect();
  });
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await admin.end();
    await database.drop();
  });

  interface Attempt {
    readonly store: number;
    readonly stream: number;
    readonly expected: number;
    readonly events: number;
    readonly repeat: boolean;
  }
  const attempts = fc.array(
    fc.record<Attempt>({
      store: fc.nat(2),
      stream: fc.nat(3),
      expected: fc.integer({ min: -2, max: 6 }),
      events: fc.integer({ min: 1, max: 4 }),
      repeat: fc.boolean(),
    }),
    { minLength: 1, maxLength: 40 },
  );
  const expectedOf = (n: number) => (n === -2 ? 'any' : n === -1 ? 'none' : n);

  it('gives gapless positions in commit order, one per event, despite conflicts and retries', async () => {
    await fc.assert(
      fc.asyncProperty(attempts, async (plan) => {
        const tenant = newId();
        const start = await stores[0]!.head();
        const outcomes: { attempt: Attempt; events: EventToAppend[]; all: AppendOutcome[] }[] = await Promise.all(
          plan.map(async (attempt) => {
            const events = Array.from({ length: attempt.events }, () => noteFor(tenant));
            const write = (store: number): Promise<AppendOutcome> =>
              stores[store]!.append(
                streamName('spec.note', tenant, String(attempt.stream)),
                expectedOf(attempt.expected),
                events,
              );
            const all = attempt.repeat
              ? await Promise.all([write(attempt.store), write((attempt.store + 1) % 3)])
              : [await write(attempt.store)];
            return { attempt, events, all };
          }),
        );
        const log = await collect(stores[1]!.readAll({ after: start }));
        expect(log.map((event) => event.position)).toEqual(log.map((_, i) => start + BigInt(i) + 1n));
        expect(await stores[2]!.head()).toBe(start + BigInt(log.length));
        for (let stream = 0; stream < 4; stream++) {
          const own = log.filter((event) => event.stream.endsWith(`-${stream}`));
          expect(own.map((event) => event.revision)).toEqual(own.map((_, i) => i));
        }
        let appendedEvents = 0;
        for (const { events, all } of outcomes) {
          const places = events.map((event) => log.findIndex((stored) => stored.id === event.id));
          const succeeded = all.filter((outcome) => outcome.kind === 'appended');
          if (succeeded.length === 0) {
            expect(places.every((place) => place < 0)).toBe(true);
            continue;
          }
          appendedEvents += events.length;
          // All events together; one append is the first, all others are repeats with the same outcome.
          expect(places).toEqual(places.map((_, i) => places[0]! + i));
          expect(succeeded.filter((outcome) => !outcome.repeated)).toHaveLength(1);
          for (const outcome of succeeded) expect(outcome.position).toBe(log[places.at(-1)!]!.position);
        }
        expect(log).toHaveLength(appendedEvents);
      }),
      { numRuns: 25 },
    );
  });

  it('never adds an event at or before a position that a reader has passed', async () => {
    const tenant = newId();
    const start = await stores[0]!.head();
    const abort = new AbortController();
    const total = 300;
    const follow = async (): Promise<bigint[]> => {
      const seen: bigint[] = [];
      for await (const { events } of stores[2]!.subscribeAll({ after: start, batch: 7, signal: abort.signal })) {
        seen.push(...events.map((event) => event.position));
        if (seen.length >= total) break;
      }
      return seen;
    };
    const following = follow();
    await Promise.all(
      Array.from({ length: total }, (_, i) =>
        stores[i % 2]!.append(streamName('spec.note', tenant, String(i % 17)), 'any', [noteFor(tenant)]),
      ),
    );
    expect(await following).toEqual(Array.from({ length: total }, (_, i) => start + BigInt(i) + 1n));
    abort.abort();
  });

  it('does not wait for other long transactions, and leaves no dead rows that they would keep', async () => {
    const tenant = newId();
    await admin.query('begin isolation level repeatable read; select count(*) from store.events');
    for (let i = 0; i < 400; i++)
      await stores[0]!.append(streamName('spec.note', tenant, 'x'), 'any', [noteFor(tenant)]);
    // Each update would leave a dead row version: 400 do not fit on one page.
    const { rows } = await admin.query("select pg_relation_size('store.turn')::int as bytes");
    expect(rows).toEqual([{ bytes: 8_192 }]);
    await admin.query('rollback');
  });

  it('appends all or nothing when connections break, and a retry with the same ids succeeds', async () => {
    const tenant = newId();
    const stop = new AbortController();
    const cutting = (async () => {
      // So many rounds, since a slow machine may append nothing between two of them.
      for (let round = 0; round < 100 && !stop.signal.aborted; round++) {
        await admin.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where application_name = 'daybook events' and datname = current_database()`,
        );
        await new Promise((done) => setTimeout(done, 15));
      }
    })();
    const appends = Array.from({ length: 60 }, (_, i) => ({
      stream: streamName('spec.note', tenant, String(i)),
      events: [noteFor(tenant, 'a'), noteFor(tenant, 'b'), noteFor(tenant, 'c')],
    }));
    await Promise.all(
      appends.map(async ({ stream, events }, i) => {
        for (let tries = 0; tries < 2_000; tries++) {
          const outcome = await stores[i % 3]!.append(stream, 'none', events).catch(() => null);
          if (outcome) return expect(outcome).toMatchObject({ kind: 'appended', revision: 2 });
          await new Promise((done) => setTimeout(done, 10));
        }
        throw new Error('Never appended.');
      }),
    );
    stop.abort();
    await cutting;
    for (const { stream, events } of appends) {
      // The pool may still have connections that were closed a moment ago.
      const stored = await collect(stores[0]!.readStream(stream)).catch(() => collect(stores[0]!.readStream(stream)));
      expect(stored.map((event) => event.id)).toEqual(events.map((event) => event.id));
      expect(await stores[0]!.append(stream, 'none', events)).toMatchObject({ kind: 'appended', repeated: true });
    }
  });

  it('refuses at once, with when to try again, what would wait behind too much, of one stream and of all', async () => {
    const tenant = newId();
    const append = (stream: string): Promise<unknown> =>
      stores[0]!.append(streamName('spec.note', tenant, stream), 'any', [noteFor(tenant)]).then(
        ({ kind }) => kind,
        (error: unknown) => (error instanceof RejectionError ? error.rejection : error),
      );
    const ofOne = Array.from({ length: 501 }, () => append('hot'));
    const others = Array.from({ length: 3_501 }, (_, n) => append(String(n)));
    for (const last of [ofOne.pop(), others.pop()]) {
      expect(await last).toMatchObject({ code: 'platform.busy', status: 503, details: { retryAfterSeconds: 2 } });
    }
    expect(new Set(await Promise.all([...ofOne, ...others]))).toEqual(new Set(['appended']));
    expect(await append('hot')).toBe('appended');
  });

  it('rolls back an append whose connection breaks before the commit', async () => {
    const tenant = newId();
    const start = await stores[0]!.head();
    const client = new Client({ connectionString: database.projectorUrl });
    client.on('error', () => undefined);
    await client.connect();
    await client.query('begin');
    const note = noteFor(tenant);
    const stream = streamName('spec.note', tenant, 'x');
    const values = [[tenant], [stream], [-1], [1], [note.id], [note.type], ['{}'], [JSON.stringify(note.meta)]];
    await client.query('select * from store.append($1, $2, $3, $4, $5, $6, $7, $8)', values);
    await admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where state = 'idle in transaction' and datname = current_database()`,
    );
    await client.end().catch(() => undefined);
    expect(await stores[0]!.head()).toBe(start);
    const outcome = await stores[0]!.append(stream, 'none', [note]);
    expect(outcome).toMatchObject({ kind: 'appended', position: start + 1n, repeated: false });
  });

  it('continues a subscription when its connections are cut', async () => {
    const tenant = newId();
    const abort = new AbortController();
    const start = await stores[0]!.head();
    const seen: string[] = [];
    const following = (async () => {
      for await (const { events } of stores[1]!.subscribeAll({ after: start, signal: abort.signal })) {
        seen.push(...events.map((event) => event.id));
        if (seen.length >= 2) break;
      }
    })();
    const [one, two] = [noteFor(tenant), noteFor(tenant)];
    const stream = streamName('spec.note', tenant, 'x');
    await stores[0]!.append(stream, 'none', [one]);
    await admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name in ('daybook events', 'daybook listen') and datname = current_database()`,
    );
    await new Promise((done) => setTimeout(done, 100));
    await stores[0]!.append(stream, 0, [two]);
    await following;
    expect(seen).toEqual([one.id, two.id]);
    abort.abort();
  });

  it('limits batches by bytes, and returns an event over the limit alone', async () => {
    const tenant = newId();
    const stream = streamName('spec.note', tenant, 'x');
    for (let i = 0; i < 12; i++) await stores[0]!.append(stream, 'any', [noteFor(tenant, 'x'.repeat(900_000))]);
    const abort = new AbortController();
    const sizes: number[] = [];
    const [first] = await collect(stores[0]!.readStream(stream, { limit: 1 }));
    for await (const { events, caughtUp } of stores[0]!.subscribeAll({
      after: first!.position - 1n,
      signal: abort.signal,
    })) {
      sizes.push(events.length);
      if (caughtUp) break;
    }
    expect(sizes).toEqual([9, 3]);
    expect(await collect(stores[0]!.readStream(stream))).toHaveLength(12);
  });
});
