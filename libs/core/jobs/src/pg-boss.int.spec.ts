import { newId } from '@daybook/kernel';
import { createPool, entityManager, inTenant } from '@daybook/postgres';
import { testDatabase } from '@daybook/postgres/testing/database';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Pool } from 'pg';
import * as z from 'zod';
import { jobEntities } from './job.entity.js';
import { jobMigrations } from './migrations.js';
import { openJobs } from './pg-boss.js';
import { job, type JobDeclaration, type JobGivenUp, type Jobs } from './port.js';
import { envelopeOf, jobsContract, until } from './testing/contract.js';

const place = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const fixture = place('./testing/dies.fixture.mjs');

type Database = Awaited<ReturnType<typeof testDatabase>>;

describe('jobs on pg-boss', () => {
  let database: Database;
  let pool: Pool;
  beforeEach(async () => {
    database = await testDatabase([...jobMigrations]);
    pool = createPool(database.projectorUrl, { max: 4, application: 'jobs-spec' });
  });
  afterEach(async () => {
    await pool.end();
    await database.drop();
  });

  jobsContract(async (now) =>
    openJobs({ em: entityManager(pool, jobEntities), now, worker: { url: database.projectorUrl, pollMs: 40 } }),
  );

  it('runs at most as many jobs at once as configured', async () => {
    const jobs = openJobs({
      em: entityManager(pool, jobEntities),
      worker: { url: database.projectorUrl, concurrency: 2 },
    });
    const wait = job('test.wait', { title: 'Wait', input: z.object({}) });
    let now = 0;
    let most = 0;
    await jobs.work([
      {
        job: wait,
        handler: async () => {
          most = Math.max(most, (now += 1));
          await new Promise((next) => setTimeout(next, 100));
          now -= 1;
        },
      },
    ]);
    const tenants = [newId(), newId()];
    const start = async (tenant: string) => [tenant, await jobs.start(wait, {}, envelopeOf(tenant))] as const;
    const started = await Promise.all(Array.from({ length: 6 }, (_, i) => start(tenants[i % 2]!)));
    for (const [tenant, id] of started) await until(jobs, tenant, id, 'done');
    await jobs.stop();
    expect(most).toBe(2);
  });

  it('lets tenants take turns, starting with the one that waited longest', async () => {
    const jobs = openJobs({
      em: entityManager(pool, jobEntities),
      worker: { url: database.projectorUrl, concurrency: 1 },
    });
    const one = job('test.one', { title: 'One of many', input: z.object({}) });
    const tenants = Array.from({ length: 4 }, () => newId());
    const ids = [];
    for (const of of tenants) {
      for (let i = 0; i < 3; i += 1) ids.push([of, await jobs.start(one, {}, envelopeOf(of))] as const);
    }
    const ran: string[] = [];
    await jobs.work([{ job: one, handler: async ({ tenant }) => void ran.push(tenant) }]);
    for (const [of, id] of ids) await until(jobs, of, id, 'done', 60);
    await jobs.stop();
    for (const round of [0, 4, 8]) expect(ran.slice(round, round + 4).toSorted()).toEqual(tenants.toSorted());
  });

  describe('long jobs', () => {
    const long = job('test.long', { title: 'Take long', input: z.object({}) });
    const short = job('test.short', { title: 'Be short', input: z.object({}), timeoutSeconds: 60 });
    const three = Array.from({ length: 3 }, () => newId());
    let jobs: Jobs;
    let release = (): void => undefined;
    /** Tenants of the long jobs that began, in their order. */
    let began: string[];
    beforeEach(async () => {
      jobs = openJobs({ em: entityManager(pool, jobEntities), worker: { url: database.projectorUrl, concurrency: 3 } });
      const { promise: released, resolve } = Promise.withResolvers<void>();
      release = resolve;
      began = [];
      const handler = ({ tenant }: { tenant: string }): Promise<void> => {
        began.push(tenant);
        return released;
      };
      await jobs.work([
        { job: long, handler },
        { job: short, handler: async () => undefined },
      ]);
    });
    afterEach(async () => {
      release();
      await jobs.stop();
    });
    const startTen = async (tenant: string): Promise<string[]> => {
      const ids: string[] = [];
      for (let i = 0; i < 10; i += 1) ids.push(await jobs.start(long, {}, envelopeOf(tenant)));
      return ids;
    };
    const states = async (tenant: string) => (await jobs.list(tenant)).map(({ state }) => state).toSorted();

    it('take at most a third of the slots per tenant, so that a third tenant is served too', async () => {
      for (const tenant of three) await until(jobs, tenant, (await startTen(tenant))[0]!, 'running');
      for (const tenant of three) {
        expect(await states(tenant)).toEqual(['running', ...Array.from({ length: 9 }, () => 'waiting')]);
      }
    });

    it('do not delay short jobs of other tenants', async () => {
      for (const tenant of three) await until(jobs, tenant, (await startTen(tenant))[0]!, 'running');
      const other = newId();
      await until(jobs, other, await jobs.start(short, {}, envelopeOf(other)), 'done');
    });

    it('leave the next free slot to a tenant with nothing running, however long others have waited', async () => {
      const ids = [];
      for (const tenant of three) ids.push(...(await startTen(tenant)).map((id) => [tenant, id] as const));
      await until(jobs, ids[20]![0], ids[20]![1], 'running');
      const last = newId();
      const lastId = await jobs.start(long, {}, envelopeOf(last));
      release();
      await until(jobs, last, lastId, 'done');
      // Three were running, and three slots got free.
      expect(began.slice(0, 6)).toContain(last);
    });
  });

  it('runs a job that the queue dropped while no worker was running', async () => {
    const jobs = openJobs({ em: entityManager(pool, jobEntities), worker: { url: database.projectorUrl } });
    const simple = job('test.simple', { title: 'Simple', input: z.object({}) });
    const tenant = newId();
    const id = await jobs.start(simple, {}, envelopeOf(tenant));
    // The state after pg-boss deleted the waiting job by its retention.
    await pool.query('update jobs.job set queued = true');
    await jobs.work([{ job: simple, handler: async () => undefined }]);
    await until(jobs, tenant, id, 'done');
    await jobs.stop();
  });

  it('lets a job that keeps failing wait outside the queue, so that it delays nobody', async () => {
    const jobs = openJobs({
      em: entityManager(pool, jobEntities),
      worker: { url: database.projectorUrl, concurrency: 1, isPassing: () => true },
    });
    const write = job('test.write', { title: 'Write', input: z.object({}), attempts: 1 });
    const [refused, served] = [newId(), newId()];
    const handler = async ({ tenant }: { tenant: string }) => {
      if (tenant === refused) throw new Error('not just now');
    };
    const ids: string[] = [];
    for (let i = 0; i < 20; i += 1) ids.push(await jobs.start(write, {}, envelopeOf(refused)));
    await jobs.work([{ job: write, handler }]);
    await until(jobs, served, await jobs.start(write, {}, envelopeOf(served)), 'done');
    await jobs.stop();
    expect((await jobs.list(refused)).map(({ state, attempt }) => ({ state, attempt }))).toEqual(
      ids.map(() => ({ state: 'waiting', attempt: 0 })),
    );
  });

  it('shows the API nothing of other tenants and of the queue', async () => {
    const api = createPool(database.apiUrl, { max: 2, application: 'jobs-spec-api' });
    const jobs: Jobs = openJobs({ em: entityManager(api, jobEntities) });
    const tenant = newId();
    const id = await jobs.start(job('test.own', { title: 'Own', input: z.object({}) }), {}, envelopeOf(tenant));
    const seen = (as: string) =>
      inTenant(api, as, async (client) => (await client.query('select id from jobs.job')).rows.map((row) => row.id));
    expect(await seen(tenant)).toEqual([id]);
    expect(await seen(newId())).toEqual([]);
    expect((await api.query('select id from jobs.job')).rows).toEqual([]);
    await expect(api.query('select * from pgboss.job')).rejects.toThrow(/permission denied/);
    await expect(
      inTenant(api, tenant, (client) => client.query(`update jobs.job set state = 'done', result = '1'`)),
    ).rejects.toThrow(/permission denied/);
    await api.end();
  });

  it('forces row-level security on every table of the queue, and rejects jobs without a tenant', async () => {
    const jobs = openJobs({ em: entityManager(pool, jobEntities), worker: { url: database.projectorUrl } });
    await jobs.work([]);
    const { rows } = await pool.query(
      `select relname, relrowsecurity and relforcerowsecurity as forced,
         (select array_agg(polname || ' ' || polroles::regrole[]::text) from pg_policy where polrelid = c.oid) as policies
       from pg_class c where relnamespace = 'pgboss'::regnamespace and relkind in ('r', 'p')`,
    );
    expect(rows.length).toBeGreaterThan(5);
    for (const row of rows) {
      expect(row).toEqual({ relname: row.relname, forced: true, policies: ['worker {daybook_projector}'] });
    }
    await expect(pool.query(`insert into pgboss.job (name, data) values ('daybook', '{}')`)).rejects.toThrow(
      'row-level',
    );
    await jobs.stop();
  });

  it('does not count an attempt that failed for a reason unrelated to the job', async () => {
    const full = new Error('no space');
    const jobs = openJobs({
      em: entityManager(pool, jobEntities),
      worker: { url: database.projectorUrl, isPassing: (error) => error === full },
    });
    const write = job('test.write', { title: 'Write', input: z.object({}), attempts: 1 });
    const tenant = newId();
    const attempts: number[] = [];
    const handler = async (run: { attempt: number }) => {
      attempts.push(run.attempt);
      if (attempts.length < 3) throw full;
    };
    await jobs.work([{ job: write, handler }]);
    const id = await jobs.start(write, {}, envelopeOf(tenant));
    await until(jobs, tenant, id, 'done', 60);
    await jobs.stop();
    expect(attempts).toEqual([1, 1, 1]);
  });

  it('reports every failed attempt, so that the log shows a job that never succeeds', async () => {
    const failed: unknown[] = [];
    const denied = new Error('permission denied');
    const jobs = openJobs({
      em: entityManager(pool, jobEntities),
      worker: { url: database.projectorUrl, onFailed: (attempt, error) => failed.push([attempt, error]) },
    });
    const fail = job('test.fail', { title: 'Fail', input: z.object({}), attempts: 2 });
    const tenant = newId();
    await jobs.work([{ job: fail, handler: () => Promise.reject(denied) }]);
    const id = await jobs.start(fail, {}, envelopeOf(tenant));
    await until(jobs, tenant, id, 'failed', 60);
    await jobs.stop();
    const of = { id, tenant, name: fail.name, code: 'platform.job-failed' };
    expect(failed).toEqual([1, 2].map((attempt) => [{ ...of, attempt }, denied]));
  });

  /** Starts the job in a process that is killed while it runs. */
  async function killedIn(jobs: Jobs, tenant: string, die: JobDeclaration): Promise<string> {
    const child = spawn(
      process.execPath,
      ['--import', place('../../../../tools/source.mjs'), fixture, database.projectorUrl],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, NODE_OPTIONS: '' },
      },
    );
    const exited = once(child, 'exit');
    const id = await jobs.start(die, {}, envelopeOf(tenant));
    await until(jobs, tenant, id, 'running');
    child.kill('SIGKILL');
    await exited;
    return id;
  }

  it('reruns a job under the same id when its process was killed', async () => {
    const jobs = openJobs({ em: entityManager(pool, jobEntities), worker: { url: database.projectorUrl } });
    const die = job('test.die', { title: 'Die once', input: z.object({}) });
    const tenant = newId();
    const id = await killedIn(jobs, tenant, die);
    const seen: { id: string; attempt: number }[] = [];
    await jobs.work([{ job: die, handler: async (run) => void seen.push({ id: run.id, attempt: run.attempt }) }]);
    await until(jobs, tenant, id, 'done', 25);
    await jobs.stop();
    expect(seen).toEqual([{ id, attempt: 2 }]);
  }, 40_000);

  it('does what follows a failure when the process was killed on every attempt, again until that succeeds', async () => {
    const jobs = openJobs({ em: entityManager(pool, jobEntities), worker: { url: database.projectorUrl } });
    const die = job('test.die', { title: 'Die at last', input: z.object({}), attempts: 1 });
    const tenant = newId();
    const id = await killedIn(jobs, tenant, die);
    const seen: unknown[] = [];
    const givenUp: JobGivenUp<never> = async (run, { code }) => {
      seen.push([run.id, run.attempt, code]);
      if (seen.length === 1) throw new Error('not just now');
    };
    await jobs.work([{ job: die, handler: async () => undefined, givenUp }]);
    const { error } = await until(jobs, tenant, id, 'failed', 50);
    await jobs.stop();
    expect(error?.code).toBe('platform.job-crashed');
    expect(seen).toEqual([1, 2].map(() => [id, 1, 'platform.job-crashed']));
  }, 70_000);
});
