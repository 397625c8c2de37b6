import { inspect } from 'node:util';
import { defineEntity, type EntityManager, p, raw } from '@mikro-orm/postgresql';
import type { Pool, PoolClient } from 'pg';
import { Bytes, Instant, Json } from './column-types.js';
import { entityManager, inSchemaScope, inTenantScope, statement } from './entity-manager.js';
import { createPool } from './pool.js';
import { scopedTableSql } from './schema-scope.js';
import { testDatabase, type TestDatabase } from './testing/database.js';

const migration = {
  name: '2026-11-30-secrets',
  sql: `
    create schema notes;
    grant usage on schema notes to daybook_api;
    create table notes.note (
      tenant uuid not null, id int not null, data jsonb, tags text[], written_at timestamptz not null, primary key (tenant, id));
    alter table notes.note enable row level security, force row level security;
    create policy api on notes.note to daybook_api
      using (tenant = nullif(current_setting('daybook.tenant', true), '')::uuid);
    grant select, insert, update, delete on notes.note to daybook_api;
    create table notes.secret (hash bytea primary key);
    ${scopedTableSql('notes.secret', 'notes')}`,
};
const Note = defineEntity({
  name: 'Note',
  schema: 'notes',
  tableName: 'note',
  properties: {
    tenant: p.uuid().primary(),
    id: p.integer().primary(),
    data: p.type(Json).$type<object | string>().nullable(),
    tags: p.array().nullable(),
    writtenAt: p.type(Instant),
  },
});
const Secret = defineEntity({
  name: 'Secret',
  schema: 'notes',
  tableName: 'secret',
  properties: { hash: p.type(Bytes).primary() },
});
const tenant = '0197a000-0000-7000-8000-000000000001';
const other = '0197a000-0000-7000-8000-000000000002';

describe('entities over connections of ours', () => {
  let database: TestDatabase;
  let pool: Pool;
  let em: EntityManager;
  const sent: { text: string; values: readonly unknown[] }[] = [];
  beforeAll(async () => {
    database = await testDatabase([migration]);
    pool = createPool(database.apiUrl, { max: 2, application: 'spec' });
    const watched = (client: PoolClient): PoolClient =>
      Object.assign(Object.create(client) as PoolClient, {
        query: (text: string, values: readonly unknown[] = []) => {
          sent.push({ text, values });
          return client.query(text, [...values]);
        },
        release: (error?: Error | boolean) => client.release(error),
      });
    const watching = new Proxy(pool, {
      get: (target, name): unknown =>
        name === 'connect' ? async () => watched(await target.connect()) : Reflect.get(target, name),
    });
    em = entityManager(watching, [Note, Secret]);
  });
  beforeEach(() => void sent.splice(0));
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  it('return lost connections to the pool, in a transaction and while one begins', async () => {
    const lost = () => inSchemaScope(em, 'notes', (em) => em.execute('select pg_terminate_backend(pg_backend_pid())'));
    const refused = () => em.fork({ session: { variables: { nothing: 'x' } } }).transactional((em) => em.count(Secret));
    // More often than the pool has connections: if one leaked each time, the third attempt would wait for ever.
    for (let round = 0; round < 3; round++) {
      await expect(lost()).rejects.toThrow();
      await expect(refused()).rejects.toThrow('nothing');
    }
    expect(await inSchemaScope(em, 'notes', (em) => em.count(Secret))).toBe(0);
    expect(pool.totalCount - pool.idleCount).toBe(0);
  });

  it('write no value into the text of a statement, for the server logs the text of those that fail', async () => {
    const hash = Buffer.from('a hash of a password');
    await inSchemaScope(em, 'notes', (em) => em.insert(Secret, { hash }));
    await inSchemaScope(em, 'notes', (em) => em.count(Secret, { hash: { $in: [hash] } }));
    await inTenantScope(em, tenant, async (em) => {
      const data = { "O'Hara": '?' };
      await em.insert(Note, {
        tenant,
        id: 1,
        data,
        tags: ["a 'tag'", 'b,c'],
        writtenAt: '2026-11-30T00:00:00.123456Z',
      });
      await em.nativeUpdate(
        Note,
        { tenant, id: 1, data: { $ne: null } },
        { data: "O'Hara", tags: raw('tags || ?', [['d']]) },
      );
      await em.execute('select ?::text as a, ?::text as b', ["O'Hara", 'x']);
    });
    const texts = sent.map(({ text }) => text).join('\n');
    expect(texts).not.toMatch(/O'?'?Hara|tag'|12345|hash of|\\x61/i);
    expect(sent.some(({ values }) => values.includes(hash))).toBe(true);
  });

  it('say nothing of the row when a statement fails, for errors are logged', async () => {
    const hash = Buffer.from('another hash');
    await inSchemaScope(em, 'notes', (em) => em.insert(Secret, { hash }));
    const again = inSchemaScope(em, 'notes', (em) => em.insert(Secret, { hash }));
    const error = await again.catch((reason: unknown) => reason as Error & { code?: string });
    expect(error).toMatchObject({ code: '23505', constraint: 'secret_pkey' });
    expect(inspect(error)).not.toContain(hash.toString('hex'));
  });

  it('begin a transaction and set its tenant in one round trip', async () => {
    await inTenantScope(em, tenant, (em) => em.count(Note, { tenant }));
    expect(sent.map(({ text }) => text)).toEqual([
      `begin isolation level read committed read write; set local "daybook"."tenant" = '${tenant}'`,
      expect.stringContaining('count'),
      'commit',
    ]);
  });

  it('show a tenant its own rows, nobody any outside of a transaction, and keep microseconds', async () => {
    await inTenantScope(em, tenant, (em) =>
      em.insert(Note, { tenant, id: 2, data: '"7"', tags: null, writtenAt: '2026-11-30T00:00:00.123456Z' }),
    );
    const read = (of: string | null) => inTenantScope(em, of, (em) => em.findOne(Note, { tenant, id: 2 }));
    expect(await read(tenant)).toMatchObject({ data: '"7"', tags: null, writtenAt: '2026-11-30T00:00:00.123456Z' });
    expect(await read(other)).toBeNull();
    expect(await read(null)).toBeNull();
    expect(await em.fork().findAll(Note)).toEqual([]);
    expect(() => inTenantScope(em, `x'; drop table notes.note`, () => Promise.resolve())).toThrow('UUID');
  });

  it('write nothing of their own accord when the work is done', async () => {
    await inTenantScope(em, tenant, (em) => em.findAll(Note));
    expect(sent.map(({ text }) => text.split(' ', 1)[0])).toEqual(['begin', 'select', 'commit']);
  });

  it('undo all of a transaction whose work fails, and hand the error on', async () => {
    const failing = inTenantScope(em, tenant, async (em) => {
      await em.insert(Note, { tenant, id: 3, writtenAt: '2026-11-30T00:00:00Z' });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    const ids = await inTenantScope(em, tenant, (em) =>
      statement<{ id: number }>(em, 'select id from notes.note where id = any($1)', [[3]]),
    );
    expect(ids).toEqual([]);
  });
});
