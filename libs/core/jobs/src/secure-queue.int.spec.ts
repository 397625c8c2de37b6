import { createPool, entityManager } from '@daybook/postgres';
import { testDatabase, type TestDatabase } from '@daybook/postgres/testing/database';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { PgBoss } from 'pg-boss';
import { jobEntities } from './job.entity.js';
import { jobMigrations } from './migrations.js';
import { openJobs } from './pg-boss.js';
import { secureQueue } from './secure-queue.js';

const openTables = `
  select c.relname from pg_class c where c.relnamespace = 'pgboss'::regnamespace and c.relkind in ('r', 'p')
    and not (c.relrowsecurity and c.relforcerowsecurity) order by c.relname`;

describe('a worker that starts', () => {
  let database: TestDatabase;
  let pool: Pool;
  beforeEach(async () => {
    database = await testDatabase([...jobMigrations]);
    pool = createPool(database.projectorUrl, { max: 4, application: 'secure-queue-spec' });
  });
  afterEach(async () => {
    await pool.end();
    await database.drop();
  });

  it('does not deadlock with the running queue, which locks tables in its own order', async () => {
    const boss = new PgBoss({ connectionString: database.projectorUrl, createSchema: false, supervise: false });
    boss.on('error', () => undefined);
    await boss.start();
    await boss.stop({ graceful: false });
    const tables = (await pool.query<{ relname: string }>(openTables)).rows.map(({ relname }) => relname);
    expect(tables.length).toBeGreaterThan(3);

    // A transaction of the queue that locks the last table until the worker waits for it, and then locks all others.
    const queue = await pool.connect();
    await queue.query('begin');
    await queue.query(`lock table only pgboss."${tables.at(-1)}" in access share mode`);
    const secured = secureQueue(pool);
    const isWaiting = `select from pg_locks where not granted and relation = 'pgboss."${tables.at(-1)}"'::regclass`;
    while ((await queue.query(isWaiting)).rowCount === 0) await sleep(10);
    for (const table of tables) await queue.query(`lock table only pgboss."${table}" in access share mode`);
    await queue.query('commit');
    queue.release();
    await secured;
    expect((await pool.query(openTables)).rows).toEqual([]);
  });

  it('can start at the same time as another one on a new database', async () => {
    for (let round = 0; round < 10; round += 1) {
      const fresh = await testDatabase([...jobMigrations]);
      const pools = [1, 2].map((one) => createPool(fresh.projectorUrl, { max: 4, application: `worker ${one}` }));
      const workers = pools.map((each) =>
        openJobs({ em: entityManager(each, jobEntities), worker: { url: fresh.projectorUrl } }),
      );
      try {
        await Promise.all(workers.map((worker) => worker.work([])));
        expect((await pools[0]!.query(openTables)).rows).toEqual([]);
      } finally {
        await Promise.all(workers.map((worker) => worker.stop()));
        await Promise.all(pools.map((each) => each.end()));
        await fresh.drop();
      }
    }
  });
});
