import { newId } from '@daybook/kernel';
import { createPool, entityManager } from '@daybook/postgres';
import { testDatabase } from '@daybook/postgres/testing/database';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import { jobEntities } from './job.entity.js';
import { jobMigrations } from './migrations.js';
import { deleteEndedJobs, claimUpkeep } from './retention.js';

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
  const add = (name: string, state: string, endedAt: string | null) =>
    pool.query(
      `insert into jobs.job (tenant, id, name, title, actor, correlation, input, attempts, timeout_seconds, state, ended_at,
         created_at)
       values ($1, $2, $3, '', '{}', '', '{}', 1, 1, $4, $5, '2020-01-01T00:00:00Z')`,
      [newId(), newId(), name, state, endedAt],
    );
  const names = async () =>
    (await pool.query<{ name: string }>('select name from jobs.job order by name')).rows.map(({ name }) => name);

  it('are deleted after their retention, in batches and by concurrent processes, while waiting and running jobs stay', async () => {
    for (let n = 0; n < 25; n++) await add(`old ${n}`, ['done', 'failed', 'cancelled'][n % 3]!, '2026-01-01T00:00:00Z');
    await add('ended late', 'done', '2026-06-01T00:00:00Z');
    await add('running', 'running', null);
    await add('waiting', 'waiting', null);
    const before = new Date('2026-03-01T00:00:00Z');
    const dropped = await Promise.all([1, 2, 3].map(() => deleteEndedJobs(em, before, 4)));
    expect(dropped.reduce((sum, count) => sum + count, 0) + (await deleteEndedJobs(em, before, 4))).toBe(25);
    expect(await names()).toEqual(['ended late', 'running', 'waiting']);
  });

  it('are deleted by one process per round', async () => {
    const hour = 3600 * 1000;
    const round = async (now: Date) =>
      (await Promise.all([1, 2, 3, 4, 5].map(() => claimUpkeep(em, now, hour)))).filter(Boolean).length;
    const start = Date.UTC(2026, 0, 1);
    expect(await round(new Date(start))).toBe(1);
    expect(await round(new Date(start + hour - 1))).toBe(0);
    expect(await round(new Date(start + hour))).toBe(1);
  });
});
