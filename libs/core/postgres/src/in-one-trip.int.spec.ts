import { type Kysely, sql } from 'kysely';
import type { Pool } from 'pg';
import { connectTo } from './connection.js';
import { inSnapshot } from './entity-driver.js';
import { entityManager, statement } from './entity-manager.js';
import { NoAnswerError } from './outage.js';
import { createPool } from './pool.js';
import { onRoundTrip } from './round-trips.js';
import { testDatabase, type TestDatabase } from './testing/database.js';
import { inOneTrip } from './in-one-trip.js';

const tenant = '0190a1b2-0000-7000-8000-0000000000aa';
const migration = {
  name: '2026-11-30-marks',
  sql: `create schema marks; grant usage on schema marks to daybook_api; create table marks.mark (name text);
    grant select, insert on marks.mark to daybook_api;`,
};

describe('statements of one connection', () => {
  let database: TestDatabase;
  const pools: Pool[] = [];
  const databaseOver = (pipeline: boolean) => {
    const pool = createPool(database.apiUrl, { max: 1, application: 'one trip', pipeline });
    pools.push(pool);
    return entityManager(pool, []);
  };
  const trips: string[] = [];
  const stop = onRoundTrip(({ application, text }) => void (application === 'one trip' && trips.push(text)));
  const counted = async <T>(work: () => Promise<T>): Promise<[T, number]> => {
    trips.length = 0;
    return [await work(), trips.length];
  };
  const one = (value: number) => sql<{ value: number }>`select ${value}::int as value`;
  beforeAll(async () => void (database = await testDatabase([migration])));
  afterAll(async () => {
    stop();
    await Promise.all(pools.map((pool) => pool.end()));
    await database.drop();
  });

  it.each([
    [true, 1],
    [false, 3],
  ])('that are sent together are waited for together in a pipeline (%s): %s round trips', async (pipeline, most) => {
    const db = databaseOver(pipeline).getKysely<object>();
    const [rows, count] = await counted(() => inOneTrip(db, one(1), one(2), one(3)));
    expect([rows, count]).toEqual([[[{ value: 1 }], [{ value: 2 }], [{ value: 3 }]], most]);
  });

  it('fail together, and leave their connection to others', async () => {
    const db = databaseOver(true).getKysely<object>();
    await expect(inOneTrip(db, one(1), sql`select 1 / 0`, one(3))).rejects.toThrow('division by zero');
    expect(await inOneTrip(db, one(4))).toEqual([[{ value: 4 }]]);
  });

  it('have each their own time for the answer, though they were sent together', async () => {
    const asked = (text: string, answerMs: number) => ({ text, answerMs });
    const client = await connectTo(database.apiUrl, { application: 'one trip', pipeline: true });
    const slow = client.query(asked('select pg_sleep(1.5)', 60_000));
    const next = client.query(asked('select 1 as value', 1_000));
    expect((await Promise.all([slow, next])).map(({ rowCount }) => rowCount)).toEqual([1, 1]);
    const silent = Promise.all([client.query('select 1'), client.query(asked('select pg_sleep(60)', 50))]);
    await expect(silent).rejects.toThrow(NoAnswerError);
  });

  it('begin their transaction in the round trip of the first, and wait for its end where something was written', async () => {
    const em = databaseOver(true);
    const written = () => em.transactional((inside) => statement(inside, 'insert into marks.mark values ($1)', ['a']));
    const read = (readOnly: boolean) =>
      em.transactional((inside) => statement(inside, 'select name from marks.mark where name = $1', ['a']), {
        readOnly,
      });
    expect((await counted(written))[1]).toBe(2);
    expect(await counted(() => read(false))).toEqual([[{ name: 'a' }], 2]);
    expect(await counted(() => read(true))).toEqual([[{ name: 'a' }], 1]);
  });

  it('change nothing when their transaction could not begin', async () => {
    const em = databaseOver(true);
    const of = (variable: string) => em.fork({ session: { variables: { [variable]: 'x' } } });
    const write = (variable: string) => of(variable).transactional((inside) => statement(inside, `insert into marks.mark values ('lost')`)); // prettier-ignore
    await expect(write('nothing')).rejects.toThrow('aborted');
    await expect(write('daybook.tenant')).resolves.toEqual([]);
    const [found] = await inOneTrip(em.getKysely<object>(), sql<{ name: string }>`select name from marks.mark where name = 'lost'`); // prettier-ignore
    expect(found).toHaveLength(1);
  });

  it.each([true, false])('do not pass for done when it did not begin at all (reading: %s)', async (readOnly) => {
    const pool = createPool(database.apiUrl, { max: 1, application: 'one trip', pipeline: true });
    pools.push(pool);
    pool.on('connect', (client) => {
      const query = client.query.bind(client) as (...given: unknown[]) => unknown;
      const failing = (text: unknown, ...more: unknown[]) =>
        query(typeof text === 'string' && text.startsWith('begin') ? 'select 1 / 0' : text, ...more);
      Object.assign(client, { query: failing });
    });
    const work = entityManager(pool, []).transactional((inside) => statement(inside, 'select name from marks.mark'), {
      readOnly,
    });
    await expect(work).rejects.toThrow('division by zero');
  });

  it('of a snapshot end it without being waited for, and what comes next on their connection is outside of it', async () => {
    const db = databaseOver(true).getKysely<object>();
    const snapshot = () =>
      inSnapshot<{ value: number }, Kysely<object>, number>(db, tenant, 'select 7 as value', async (on, [first]) => {
        await inOneTrip(on, one(1), one(2));
        return first!.value;
      });
    expect(await counted(snapshot)).toEqual([7, 2]);
    const tenantNow = sql<{
      tenant: string | null;
    }>`select nullif(current_setting('daybook.tenant', true), '') as tenant`;
    expect(await inOneTrip(db, tenantNow)).toEqual([[{ tenant: null }]]);
  });

  it.each([
    [true, 2],
    [false, 5],
  ])(
    'of a snapshot are sent at once when they are asked at once, in a pipeline (%s): %s round trips',
    async (pipeline, most) => {
      const db = databaseOver(pipeline).getKysely<object>();
      const asked = (signal?: AbortSignal) =>
      inSnapshot(db, tenant, 'select 7', (on) => Promise.all([1, 2, 3].map((value) => one(value).execute(on))), signal); // prettier-ignore
      for (const signal of [undefined, new AbortController().signal]) {
        const [answers, count] = await counted(() => asked(signal));
        expect([answers.flatMap(({ rows }) => rows), count]).toEqual([[1, 2, 3].map((value) => ({ value })), most]);
      }
    },
  );

  it('of a snapshot that nobody waits for leave their connection to others, and none is sent after its end', async () => {
    const db = databaseOver(true).getKysely<object>();
    let later: Promise<unknown> = Promise.resolve();
    const left = inSnapshot(db, tenant, 'select 7', async (on) => {
      later = sql`select pg_sleep(0.1)`.execute(on).then(() => one(3).execute(on));
      later.catch(() => undefined);
      return 'answered';
    });
    expect(await left).toBe('answered');
    expect(await inOneTrip(db, one(4))).toEqual([[{ value: 4 }]]);
    await expect(later).rejects.toThrow('already committed');
  });

  it('of a snapshot begin no transaction of their own', async () => {
    const db = databaseOver(true).getKysely<object>();
    const nested = inSnapshot(db, tenant, 'select 7', (on) => on.transaction().execute(async () => 1));
    await expect(nested).rejects.toThrow('transaction');
  });
});
