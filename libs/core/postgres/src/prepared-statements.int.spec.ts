import { sql } from 'kysely';
import type { Pool } from 'pg';
import { connectTo } from './connection.js';
import { inSnapshot } from './entity-driver.js';
import { entityManager } from './entity-manager.js';
import { inOneTrip } from './in-one-trip.js';
import { createPool } from './pool.js';
import { mostPrepared } from './prepared-statements.js';
import { testDatabase, type TestDatabase } from './testing/database.js';

const tenant = '0190a1b2-0000-7000-8000-0000000000aa';
const migration = {
  name: '2026-11-30-marks',
  sql: `create schema marks; grant usage on schema marks to daybook_api; create table marks.mark (name text);
    insert into marks.mark values ('a'); grant select on marks.mark to daybook_api;`,
};

describe.each([true, false])('a statement with parameters (pipeline: %s)', (pipeline) => {
  let database: TestDatabase;
  let pool: Pool;
  beforeAll(async () => void (database = await testDatabase([migration])));
  beforeEach(() => {
    pool = createPool(database.apiUrl, { max: 1, application: 'prepared', pipeline });
  });
  afterEach(() => pool.end());
  afterAll(() => database.drop());
  const altered = async (statements: string) => {
    const admin = await connectTo(database.adminUrl, { application: 'prepared spec' });
    await admin.query(statements).finally(() => admin.end());
  };
  /** What the server has parsed on the one connection, and how often it was carried out. */
  const prepared = async () => {
    const { rows } = await pool.query<{ statement: string; uses: number }>(
      'select statement, (generic_plans + custom_plans)::int as uses from pg_prepared_statements',
    );
    return new Map(rows.map(({ statement, uses }) => [statement, uses]));
  };

  it('is parsed once per connection, however it is asked', async () => {
    const text = 'select $1::int + 1 as value';
    for (const value of [1, 2, 3]) expect((await pool.query(text, [value])).rows).toEqual([{ value: value + 1 }]);
    expect((await pool.query({ text, values: [4] })).rows).toEqual([{ value: 5 }]);
    expect(await prepared()).toEqual(new Map([[text, 4]]));
    const db = entityManager(pool, []).getKysely<object>();
    const one = (value: number) => sql<{ value: number }>`select ${value}::int as value`;
    for (const value of [1, 2]) expect(await inOneTrip(db, one(value), one(value))).toEqual([[{ value }], [{ value }]]);
    const snapshot = () => inSnapshot(db, tenant, 'select 7 as first', async (on, first) => [first, (await one(3).execute(on)).rows]); // prettier-ignore
    expect([await snapshot(), await snapshot()]).toEqual([[[{ first: 7 }], [{ value: 3 }]], [[{ first: 7 }], [{ value: 3 }]]]); // prettier-ignore
    const first: [string, number][] = pipeline ? [['select 7 as first', 2]] : [];
    expect(await prepared()).toEqual(new Map([[text, 4], ['select $1::int as value', 6], ...first])); // prettier-ignore
  });

  it('is given up once many others were asked since', async () => {
    for (let n = 0; n < mostPrepared + 20; n++) await pool.query(`select $1::int as n${n}`, [n]);
    await pool.query('select $1::int as n119', [1]);
    const kept = await prepared();
    expect(kept.size).toBe(mostPrepared);
    expect([kept.has('select $1::int as n19'), kept.get('select $1::int as n119')]).toEqual([false, 2]);
    expect((await pool.query('select $1::int as n0', [5])).rows).toEqual([{ n0: 5 }]);
    expect((await prepared()).size).toBe(mostPrepared);
  });

  it('that could not be parsed is parsed anew, also after a transaction that failed', async () => {
    await expect(pool.query('select $1::int from marks.later', [1])).rejects.toThrow('does not exist');
    await altered('create table marks.later (name text); grant select on marks.later to daybook_api');
    expect((await pool.query('select $1::int from marks.later', [1])).rows).toEqual([]);
    await altered('drop table marks.later');
    const client = await pool.connect();
    await client.query('begin');
    await expect(client.query('select 1 / $1::int', [0])).rejects.toThrow('division by zero');
    await expect(client.query('select $1::int as anew', [1])).rejects.toThrow('aborted');
    await client.query('rollback');
    expect((await client.query('select $1::int as anew', [1])).rows).toEqual([{ anew: 1 }]);
    expect((await client.query('select 1 / $1::int as half', [1])).rows).toEqual([{ half: 1 }]);
    client.release();
  });

  it('fails once where what it reads was altered, and is prepared anew', async () => {
    const ask = () => pool.query('select * from marks.mark where name = $1', ['a']);
    await ask();
    await altered('alter table marks.mark add column more int');
    await expect(ask()).rejects.toThrow('cached plan');
    expect((await ask()).rows).toEqual([{ name: 'a', more: null }]);
    await altered('alter table marks.mark drop column more');
  });

  it('of an erased schema is no obstacle to the next one', async () => {
    const client = await pool.connect();
    await client.query('select $1::int as gone', [1]);
    await client.query('deallocate all');
    await expect(client.query('select $1::int as gone', [1])).rejects.toThrow('does not exist');
    expect((await client.query('select $1::int as gone', [2])).rows).toEqual([{ gone: 2 }]);
    client.release();
  });
});
