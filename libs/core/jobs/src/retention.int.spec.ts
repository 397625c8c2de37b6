import { newId } from '@daybook/kernel';
import { createPool, entityManager } from '@daybook/postgres';
import { testDatabase } from '@daybook/postgres/testing/database';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import { jobEntities } from './job.entity.js';
import { jobMigrations } from './migrations.js';
import { deleteEndedJobs, tenantsWithJobs } from './retention.js';
import { scheduler } from './schedule.js';

describe('ended jobs', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let pool: Pool;
  let em: EntityManager;
  beforeAll(async () => {
    database = await testDatabase([...jobMigrations]);
    pool = createPool(database.projectorUrl, { max: 6, application: 'jobs-retention-spec' });
    em = entityManager(pool, jobEntities);
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });
  const tenant = newId();
  const add = (name: string, state: string, endedAt: string | null, { of = tenant, actor = {} } = {}) =>
    pool.query(
      `insert into jobs.job (tenant, id, name, title, actor, correlation, input, attempts, timeout_seconds, state, ended_at,
         created_at)
       values ($1, $2, $3, '', $6, '', '{}', 1, 1, $4, $5, '2020-01-01T00:00:00Z')`,
      [of, newId(), name, state, endedAt, actor],
    );
  const names = async () =>
    (await pool.query<{ name: string }>('select name from jobs.job order by name')).rows.map(({ name }) => name);

  it('are deleted after their retention, in batches and by concurrent processes, while waiting and running jobs stay', async () => {
    for (let n = 0; n < 25; n++) await add(`old ${n}`, ['done', 'failed', 'cancelled'][n % 3]!, '2026-01-01T00:00:00Z');
    await add('ended late', 'done', '2026-02-27T00:00:00Z');
    await add('of the clock', 'done', '2026-02-20T00:00:00Z', { actor: scheduler });
    await add('of the clock just now', 'done', '2026-02-27T00:00:00Z', { actor: scheduler });
    await add('of another tenant', 'done', '2020-01-01T00:00:00Z', { of: newId() });
    await add('running', 'running', null);
    await add('waiting', 'waiting', null);
    const of = { endedBefore: new Date('2026-02-01T00:00:00Z'), now: new Date('2026-03-01T00:00:00Z') };
    const drop = () => deleteEndedJobs(em, tenant, of, 4);
    const dropped = await Promise.all([drop(), drop(), drop()]);
    expect(dropped.reduce((sum, count) => sum + count, 0) + (await drop())).toBe(26);
    expect(await names()).toEqual(['ended late', 'of another tenant', 'of the clock just now', 'running', 'waiting']);
    expect(await tenantsWithJobs(em)).toHaveLength(2);
  });
});
