import { CompiledQuery } from 'kysely';
import { Client, type Pool } from 'pg';
import { inTenant } from './in-tenant.js';
import { migrate, type SqlMigration } from './migrate.js';
import { orm } from './orm.js';
import { createPool } from './pool.js';
import { testDatabase, type TestDatabase } from './testing/database.js';

const notes: SqlMigration = {
  name: '2026-11-20-notes',
  sql: `
    create schema notes;
    create table notes.note (tenant uuid not null, text text not null);
    alter table notes.note enable row level security, force row level security;
    create policy api on notes.note to daybook_api
      using (tenant = nullif(current_setting('daybook.tenant', true), '')::uuid);
    create policy projector on notes.note to daybook_projector using (true);
    grant usage on schema notes to daybook_api, daybook_projector;
    grant select, insert on notes.note to daybook_api, daybook_projector;`,
};
const one = '0197a000-0000-7000-8000-000000000001';
const two = '0197a000-0000-7000-8000-000000000002';

describe('a migrated database', () => {
  let database: TestDatabase;
  let api: Pool;
  let projector: Pool;
  beforeAll(async () => {
    database = await testDatabase([notes]);
    api = createPool(database.apiUrl, { max: 2, application: 'spec' });
    projector = createPool(database.projectorUrl, { max: 2, application: 'spec' });
  });
  afterAll(async () => {
    await api.end();
    await projector.end();
    await database.drop();
  });

  const admin = async (sql: string): Promise<unknown[]> => {
    const client = new Client({ connectionString: database.adminUrl });
    await client.connect();
    return (await client.query(sql).finally(() => client.end())).rows;
  };

  it('runs each migration once, as the owner, and only what is new', async () => {
    const more = { name: '2026-11-21-more', sql: 'create table notes.more (n int); insert into notes.more values (1)' };
    await Promise.all([1, 2].map(() => migrate(database.adminUrl, database.secret, [notes, more])));
    expect(await admin('select name from daybook.mikro_orm_migrations order by id')).toEqual([
      { name: notes.name },
      { name: more.name },
    ]);
    expect(await admin('select n from notes.more')).toEqual([{ n: 1 }]);
    expect(await admin("select tableowner from pg_tables where schemaname = 'notes' and tablename = 'more'")).toEqual([
      { tableowner: 'daybook_owner' },
    ]);
  });

  it('makes databases of one server ready at the same moment, though their roles are the same ones', async () => {
    const others = await Promise.all([1, 2, 3, 4].map(() => testDatabase([notes])));
    for (let round = 0; round < 5; round++) {
      await Promise.all(others.map(({ adminUrl, secret }) => migrate(adminUrl, secret, [notes])));
    }
    for (const other of others) await other.drop();
  });

  it('needs no superuser: an administrator who may create roles and owns the database is enough', async () => {
    await admin(`
      create role hosted login createrole password 'hosted';
      grant daybook_owner, daybook_api, daybook_projector to hosted with admin option`);
    await admin('create database hosted owner hosted');
    const url = new URL(database.adminUrl);
    Object.assign(url, { username: 'hosted', password: 'hosted', pathname: '/hosted' });
    await migrate(url.href, database.secret, [notes]);
    await admin('drop database hosted with (force)');
    await admin('drop owned by hosted');
    await admin('drop role hosted');
  });

  it('leaves nothing of a migration that fails', async () => {
    const wrong = { name: '2026-11-22-wrong', sql: 'create table notes.half (n int); select 1/0' };
    await expect(migrate(database.adminUrl, database.secret, [notes, wrong])).rejects.toThrow('division by zero');
    expect(await admin("select to_regclass('notes.half') as half")).toEqual([{ half: null }]);
  });

  it('shows a tenant its own rows, no tenant none, and the projector all', async () => {
    for (const tenant of [one, two]) {
      await inTenant(api, tenant, (client) => client.query('insert into notes.note values ($1, $2)', [tenant, tenant]));
    }
    const texts = async (pool: Pool, tenant: string | null) =>
      inTenant(pool, tenant, async (client) =>
        (await client.query<{ text: string }>('select text from notes.note order by 1')).rows.map((row) => row.text),
      );
    expect(await texts(api, one)).toEqual([one]);
    expect(await texts(api, null)).toEqual([]);
    expect((await api.query('select * from notes.note')).rows).toEqual([]);
    expect(await texts(projector, null)).toEqual([one, two]);
    await expect(
      inTenant(api, one, (client) => client.query('insert into notes.note values ($1, $2)', [two, 'theft'])),
    ).rejects.toThrow('row-level security');
    await expect(texts(api, "'; drop table notes.note; --")).rejects.toThrow('A tenant id is a UUID.');
  });

  it('takes back what a failing piece of work wrote', async () => {
    const work = inTenant(projector, one, async (client) => {
      await client.query('insert into notes.note values ($1, $2)', [one, 'gone']);
      throw new Error('changed my mind');
    });
    await expect(work).rejects.toThrow('changed my mind');
    expect(await admin("select * from notes.note where text = 'gone'")).toEqual([]);
  });

  it('reads in one snapshot and writes nothing when asked so', async () => {
    const write = inTenant(projector, one, (client) => client.query('delete from notes.note'), { readOnly: true });
    await expect(write).rejects.toThrow(/read-only transaction|permission denied/);
    const isolation = await inTenant(
      projector,
      null,
      async (client) => (await client.query('show transaction_isolation')).rows[0] as unknown,
      { readOnly: true, repeatableRead: true },
    );
    expect(isolation).toEqual({ transaction_isolation: 'repeatable read' });
  });

  const exact = `select date '2026-02-28' as day, 12345678901234567.8901::numeric(22,4) as amount,
    9007199254740993::int8 as big, timestamptz '2026-11-20 10:00:00.123456+01' as at,
    array[1.10, 2.20]::numeric[] as amounts, array[timestamptz '2026-11-20 10:00:00+01'] as ats`;
  const expected = {
    day: '2026-02-28',
    amount: '12345678901234567.8901',
    big: '9007199254740993',
    at: '2026-11-20T09:00:00.123456Z',
    amounts: ['1.10', '2.20'],
    ats: ['2026-11-20T09:00:00Z'],
  };

  it('gives exact values as exact text, by pool and by ORM', async () => {
    expect((await api.query(exact)).rows[0]).toEqual(expected);
    const reads = await orm(database.apiUrl, { max: 2, application: 'spec' });
    try {
      expect((await reads.em.getConnection().execute(exact))[0]).toEqual(expected);
    } finally {
      await reads.close();
    }
  });

  it('closes an ORM whose first connection is still being made', async () => {
    const reads = await orm(database.apiUrl, { max: 1, application: 'spec' });
    const question = reads.em.getKysely<object>().executeQuery(CompiledQuery.raw('select 1'));
    const asked = expect(question).rejects.toThrow('The pool has ended.');
    await reads.close();
    await asked;
  });

  it('survives a server that cuts an idle connection', async () => {
    await api.query('select 1');
    await admin(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where usename = 'daybook_api' and datname = current_database()`,
    );
    await new Promise((done) => setTimeout(done, 50));
    expect((await api.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  it('keeps role passwords out of statements and refuses a wrong one', async () => {
    const wrong = new Client({ connectionString: database.apiUrl.replace(/:[0-9a-f]{64}@/, ':guess@') });
    await expect(wrong.connect()).rejects.toThrow('password authentication failed');
  });
});
