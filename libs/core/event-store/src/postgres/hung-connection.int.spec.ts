import { newId, streamName } from '@daybook/kernel';
import { isOutage } from '@daybook/postgres';
import { testDatabase, type TestDatabase } from '@daybook/postgres/testing/database';
import { databaseProxy, type DatabaseProxy } from '@daybook/postgres/testing/proxy';
import { Client } from 'pg';
import type { EventStore } from '../port.js';
import { collect } from '../testing/contract.js';
import { noteFor } from '../testing/events.js';
import { eventStoreMigrations } from './migrations.js';
import { openPostgresEventStore } from './postgres-event-store.js';

const until = async (so: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await so())) await new Promise((next) => setTimeout(next, 10));
};

describe('appending while a connection hangs', () => {
  let database: TestDatabase;
  let proxy: DatabaseProxy;
  let store: EventStore;
  let admin: Client;
  const tenant = newId();
  beforeAll(async () => {
    database = await testDatabase(eventStoreMigrations);
    proxy = await databaseProxy(database.projectorUrl);
    admin = new Client({ connectionString: database.adminUrl });
    await admin.connect();
  });
  beforeEach(() => {
    store = openPostgresEventStore({
      url: proxy.through(database.projectorUrl),
      application: 'hung spec',
      appendAnswerMs: 200,
      maxConnections: 3,
    });
  });
  afterEach(() => store.close());
  afterAll(async () => {
    await admin.end();
    await proxy.close();
    await database.drop();
  });
  const backends = async (): Promise<number[]> => {
    const sql = "select pid from pg_stat_activity where application_name = 'daybook hung spec' order by pid";
    return (await admin.query<{ pid: number }>(sql)).rows.map(({ pid }) => pid);
  };
  /** Stops the only server process; those of the store before may take a while to end. */
  const hang = async (): Promise<number> => {
    await until(async () => (await backends()).length === 1);
    const [pid] = await backends();
    process.kill(pid!, 'SIGSTOP');
    return pid!;
  };

  it('retries on another connection when the server process hangs, and ignores what that process does later', async () => {
    const stream = streamName('spec.note', tenant, newId());
    const [first, second, third] = [noteFor(tenant), noteFor(tenant), noteFor(tenant)];
    await store.append(stream, 'none', [first]);
    const hung = await hang();
    try {
      // The pool hands out the connection that was used last: the hung one.
      expect(await store.append(stream, 0, [second])).toMatchObject({ kind: 'appended', revision: 1, repeated: false });
      expect(await store.append(stream, 1, [third])).toMatchObject({ kind: 'appended', revision: 2 });
      expect(await backends()).toContain(hung);
    } finally {
      process.kill(hung, 'SIGCONT');
    }
    // It reads what it was sent, finds the client gone, and ends.
    await until(async () => !(await backends()).includes(hung));
    expect((await collect(store.readStream(stream))).map(({ id }) => id)).toEqual([first.id, second.id, third.id]);
  });

  it('recognises what a hung process wrote after the caller got a 503 and retries', async () => {
    const stream = streamName('spec.note', tenant, newId());
    const note = noteFor(tenant);
    await store.head();
    const hung = await hang();
    try {
      // Sent over the hanging connection, the only one.
      proxy.refuseNew();
      const answer = await store.append(stream, 'none', [note]).catch((error: unknown) => error);
      expect(isOutage(answer)).toBe(true);
    } finally {
      process.kill(hung, 'SIGCONT');
      proxy.restore();
    }
    await until(async () => !(await backends()).includes(hung));
    expect(await store.append(stream, 'none', [note])).toMatchObject({ kind: 'appended', revision: 0, repeated: true });
    expect((await collect(store.readStream(stream))).map(({ id }) => id)).toEqual([note.id]);
  });

  it('answers from what was committed when the answer was lost', async () => {
    const stream = streamName('spec.note', tenant, newId());
    const note = noteFor(tenant);
    await store.head();
    proxy.swallowAnswers();
    expect(await store.append(stream, 'none', [note])).toMatchObject({ kind: 'appended', revision: 0, repeated: true });
    expect(await collect(store.readStream(stream))).toHaveLength(1);
  });

  it('replaces all connections that were open when one of them hung', async () => {
    const streams = Array.from({ length: 3 }, () => streamName('spec.note', tenant, newId()));
    await Promise.all([store.head(), store.head(), store.head()]);
    await until(() => proxy.open >= 3);
    const asked = proxy.asked;
    proxy.swallow();
    const outcomes = await Promise.all(streams.map((stream) => store.append(stream, 'none', [noteFor(tenant)])));
    expect(outcomes).toMatchObject(streams.map(() => ({ kind: 'appended', repeated: false })));
    expect(await store.head()).toBeGreaterThan(0n);
    // One group hung; the other two connections were closed unused.
    expect(proxy.asked - asked).toBeLessThanOrEqual(3);
  });

  it('refuses with 503 when too many appends to one stream wait', async () => {
    const stream = streamName('spec.note', tenant, newId());
    const outcomes = await Promise.allSettled(
      Array.from({ length: 501 }, () => store.append(stream, 'any', [noteFor(tenant)])),
    );
    const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(refused).toMatchObject([
      { rejection: { code: 'platform.busy', status: 503, details: { retryAfterSeconds: 2 } } },
    ]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(500);
  });
});
