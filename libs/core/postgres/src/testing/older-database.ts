import { Client } from 'pg';
import { testDatabase, type TestDatabase } from './database.js';

/** What identifies a database of Daybook 0.1: its tables, its log with an identity, and no format mark. */
const of01 = `
  drop table daybook.data_format;
  revoke usage on schema daybook from public;
  create table if not exists daybook.mikro_orm_migrations (id serial primary key, name text, executed_at timestamptz);
  insert into daybook.mikro_orm_migrations (name) values ('2026-11-20-store');
  create schema store;
  create table store.events (position bigint primary key, stream text, revision integer, type text, data json);
  insert into store.events values (1, 'platform.log-00000000-0000-7000-8000-000000000000-identity', 0,
    'platform.log-identified.v1', '{ "logId": "0199a9b2-0000-7000-8000-000000000001", "copyOf": null }');`;

export async function olderDatabase(): Promise<TestDatabase> {
  const database = await testDatabase([]);
  await asAdmin(database.adminUrl, of01);
  return database;
}

/** Everything in a database that a start could change: objects, owners, grants, rows, and the roles' passwords. */
export async function databaseSnapshot(adminUrl: string): Promise<string> {
  const rows = await asAdmin(
    adminUrl,
    `select c.oid::regclass::text, c.xmin::text, c.relacl::text, c.relfilenode::text from pg_class c where c.oid >= 16384
     union all select nspname, xmin::text, nspacl::text, '' from pg_namespace where nspname !~ '^pg_(toast_)?temp'
     union all select datname, xmin::text, datacl::text, '' from pg_database where datname = current_database()
     union all select oid::regprocedure::text, xmin::text, '', '' from pg_proc where oid >= 16384
     union all select rolname, rolcanlogin::text, rolpassword, '' from pg_authid where rolname like 'daybook%'
     union all select oid::regclass::text, query_to_xml(format('select xmin, t.* from %s t', oid::regclass), true, true, '')::text, '', ''
       from pg_class where oid >= 16384 and relkind = 'r'
     order by 1, 2, 3, 4`,
  );
  return JSON.stringify(rows, null, 1);
}

export async function asAdmin(adminUrl: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  return (await client.query(sql).finally(() => client.end())).rows;
}
