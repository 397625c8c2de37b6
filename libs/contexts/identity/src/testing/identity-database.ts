import { randomUUID } from 'node:crypto';
import { createPool, entityManager, scopedTransaction } from '@daybook/postgres';
import { testDatabase, type TestDatabase } from '@daybook/postgres/testing/database';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { identityEntities } from '../entities.js';
import { identityMigrations } from '../migrations.js';
import { familyDays, type RefreshToken, RefreshTokens, repeatSeconds } from '../session/refresh-tokens.js';
import { SessionRows } from '../session/session-rows.js';

export const kari = '0190a1b2-0000-7000-8000-0000000000c1';
export const tenant = '0190a1b2-0000-7000-8000-00000000a001';
export const family = '0190a1b2-0000-7000-8000-0000000000f1';
export const seen = { device: 'Firefox on Linux', address: '192.0.2.7' };
export const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

/** A database with identity's tables for the specs of one file, and helpers for its sessions. */
export function identityDatabase() {
  let database: TestDatabase;
  let pool: Pool;
  let em: EntityManager;
  beforeAll(async () => {
    database = await testDatabase(identityMigrations);
    pool = createPool(database.apiUrl, { max: 4, application: 'identity spec' });
    em = entityManager(pool, identityEntities);
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });
  /** Secret tables show nothing outside their schema scope. */
  const ask = <R extends QueryResultRow>(sql: string, values: unknown[] = []) =>
    scopedTransaction(pool, 'identity', async (client) => (await client.query<R>(sql, values)).rows);
  const tokens = () => new RefreshTokens({ em, secret: database.secret });
  const sessions = () => new SessionRows({ em });
  /** Resolves when somebody waits for a lock of this transaction. */
  const waitedFor = async (client: PoolClient): Promise<void> => {
    const sql = 'select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))';
    while ((await client.query(sql)).rowCount === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const signIn = (personId = kari, more: { until?: string; passwordSetAt?: string } = {}) =>
    tokens().open({
      ...seen,
      ...{ sessionId: randomUUID(), personId, tenant, methods: ['password'], until: inDays(familyDays) },
      ...more,
    });
  const open = async (personId = kari) => {
    const opened = await signIn(personId);
    if (opened === null) throw new Error('The session was not opened');
    return opened;
  };
  const rotated = async (token: string, to = tenant): Promise<RefreshToken | null> => {
    const next = await tokens().rotate(token, to, seen);
    return 'refused' in next ? null : next;
  };
  /** As if half a minute had gone by since every use. */
  const later = () =>
    ask(`update identity.refresh_tokens set used_at = used_at - interval '${repeatSeconds + 1} seconds'`);
  return {
    get pool() {
      return pool;
    },
    get em() {
      return em;
    },
    get secret() {
      return database.secret;
    },
    ...{ ask, tokens, sessions, waitedFor, signIn, open, rotated, later },
  };
}
