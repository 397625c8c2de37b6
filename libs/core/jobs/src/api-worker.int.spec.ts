import { newId, reject, RejectionError } from '@daybook/kernel';
import { createPool, entityManager, inTenant, Listener } from '@daybook/postgres';
import { scopedQuery } from '@daybook/postgres/schema-scope';
import { testDatabase } from '@daybook/postgres/testing/database';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Pool, QueryResultRow } from 'pg';
import * as z from 'zod';
import { ApiWorker } from './api-worker.js';
import { jobEntities } from './job.entity.js';
import { jobMigrations } from './migrations.js';
import { openJobs } from './pg-boss.js';
import { job, type JobGivenUp, type Jobs, type JobRun } from './port.js';
import { envelopeOf, until } from './testing/contract.js';

const place = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const count = job('test.count', { title: 'Count', input: z.object({ to: z.int() }), attempts: 2, runsIn: 'api' });
const die = job('test.die', { title: 'Die once', input: z.object({}), runsIn: 'api' });
type Counting = JobRun<{ to: number }>;

describe('jobs that the API runs', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let pool: Pool;
  let listener: Listener;
  let jobs: Jobs;
  const workers: ApiWorker[] = [];
  const errors: unknown[] = [];
  beforeEach(async () => {
    database = await testDatabase([...jobMigrations]);
    pool = createPool(database.apiUrl, { max: 6, application: 'api jobs spec' });
    listener = new Listener({ url: database.apiUrl, application: 'api jobs spec listen' });
    jobs = openJobs({ em: entityManager(pool, jobEntities) });
  });
  afterEach(async () => {
    for (const worker of workers.splice(0)) await worker.stop();
    await listener.close();
    await pool.end();
    await database.drop();
    expect(errors.splice(0)).toEqual([]);
  });

  function work(
    handler: (run: Counting) => Promise<unknown>,
    leaseSeconds = 30,
    givenUp?: JobGivenUp<{ to: number }>,
    turns: { turnSeconds?: number; now?: () => number } = {},
  ): ApiWorker {
    const onError = (error: unknown): void => void errors.push(error);
    const worker = new ApiWorker(entityManager(pool, jobEntities), { listener, onError, leaseSeconds, ...turns });
    worker.start([
      { job: count, handler, givenUp },
      { job: die, handler },
    ]);
    workers.push(worker);
    return worker;
  }
  const scoped = <R extends QueryResultRow>(sql: string): Promise<R[]> => scopedQuery<R>(pool, 'jobs', sql);
  const reached = async (isSo: () => Promise<boolean> | boolean): Promise<void> => {
    for (let round = 0; !(await isSo()); round++) {
      if (round > 1_500) throw new Error('That does not happen.');
      await new Promise((resume) => setTimeout(resume, 20));
    }
  };
  const leftOver = async (): Promise<number> =>
    Number((await scoped<{ count: string }>('select count(*) from jobs.api_job'))[0]!.count);

  it('keep state, progress and result like all jobs, and retry what fails', async () => {
    const tenant = newId();
    work(async ({ input, attempt, progress }) => {
      await progress(input.to, 10, 'Counting');
      if (attempt === 1) throw new Error('Not yet');
      return { counted: input.to };
    });
    const id = await jobs.start(count, { to: 7 }, envelopeOf(tenant));
    expect(await until(jobs, tenant, id, 'done')).toMatchObject({
      attempt: 2,
      result: { counted: 7 },
      progress: { done: 7, total: 10, phase: 'Counting' },
    });
    expect(await leftOver()).toBe(0);
  });

  it('fail at once where a rule says no', async () => {
    const tenant = newId();
    work(async () => {
      throw new RejectionError(reject('test.no', 'No.'));
    });
    const id = await jobs.start(count, { to: 1 }, envelopeOf(tenant));
    expect(await until(jobs, tenant, id, 'failed')).toMatchObject({ attempt: 1, error: { code: 'test.no', message: 'No.' } }); // prettier-ignore
  });

  it('do what follows a failure for good, again until that succeeds, and have failed only then', async () => {
    const tenant = newId();
    const seen: unknown[] = [];
    const givenUp: JobGivenUp<{ to: number }> = async ({ id, attempt, input }, { code }) => {
      seen.push([id, attempt, input.to, code, (await jobs.get(tenant, id))?.state]);
      if (seen.length === 1) throw new Error('not just now');
    };
    const failing = async (): Promise<never> => {
      throw new Error('No.');
    };
    work(failing, 1, givenUp);
    const id = await jobs.start({ ...count, attempts: 1 }, { to: 5 }, envelopeOf(tenant));
    expect(await until(jobs, tenant, id, 'failed', 30)).toMatchObject({ attempt: 1, error: { message: 'No.' } });
    expect(seen).toEqual([1, 2].map(() => [id, 1, 5, 'platform.job-failed', 'running']));
    expect(errors.splice(0)).toMatchObject([{ message: 'What follows the failure of this job has failed.' }]);
  }, 40_000);

  it('end also when their input is of another version, which what follows a failure cannot read', async () => {
    const tenant = newId();
    const seen: string[] = [];
    work(
      async () => undefined,
      1,
      async ({ id }) => void seen.push(id),
    );
    const older = { ...count, attempts: 1, input: z.object({ upTo: z.int() }) };
    const id = await jobs.start(older, { upTo: 5 }, envelopeOf(tenant));
    expect(await until(jobs, tenant, id, 'failed', 30)).toMatchObject({ error: { code: 'platform.job-failed' } });
    await reached(async () => (await leftOver()) === 0);
    expect(seen).toEqual([]);
  }, 40_000);

  it('are cancelled while they run, and before they begin', async () => {
    const tenant = newId();
    work(
      ({ signal }) => new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason as Error))),
    );
    const [first, second] = [await jobs.start(count, { to: 1 }, envelopeOf(tenant)), await jobs.start(count, { to: 2 }, envelopeOf(tenant))]; // prettier-ignore
    await until(jobs, tenant, first, 'running');
    expect(await jobs.cancel(tenant, second)).toBe(true);
    expect(await jobs.cancel(tenant, first)).toBe(true);
    await until(jobs, tenant, first, 'cancelled');
    expect(await until(jobs, tenant, second, 'cancelled')).toMatchObject({ attempt: 0 });
  });

  it('run one at a time for a tenant, whatever the number of processes, and others do not wait for it', async () => {
    const [busy, other] = [newId(), newId()];
    const begun: number[] = [];
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const handler = async ({ input }: Counting): Promise<void> => {
      begun.push(input.to);
      if (input.to < 10) await gate;
    };
    work(handler);
    const first = await jobs.start(count, { to: 1 }, envelopeOf(busy));
    await until(jobs, busy, first, 'running');
    const second = await jobs.start(count, { to: 2 }, envelopeOf(busy));
    work(handler);
    const third = await jobs.start(count, { to: 10 }, envelopeOf(other));
    await until(jobs, other, third, 'done');
    expect(begun).toEqual([1, 10]);
    open();
    await until(jobs, busy, second, 'done');
    expect(begun).toEqual([1, 10, 2]);
  });

  it('give way to those that wait once they had their turn, and go on behind them where they were', async () => {
    const [busy, other] = [newId(), newId()];
    const begun: string[] = [];
    const parts = [1, 2, 3, 4, 5].map(() => Promise.withResolvers<void>());
    let clock = 0;
    // One of many parts, and short ones.
    const handler = async ({ input, reached: before, progress, giveWay }: Counting): Promise<void> => {
      if (input.to < 5) return void begun.push(`short ${input.to}`);
      for (let part = before.done; part < 5; part++) {
        begun.push(`part ${part + 1}`);
        await parts[part]!.promise;
        await progress(part + 1, 5, 'Counting');
        await giveWay();
      }
    };
    work(handler, 30, undefined, { turnSeconds: 10, now: () => clock });
    const start = (tenant: string, to: number) => jobs.start(count, { to }, envelopeOf(tenant));
    const finished = (part: number, at: number): void => {
      clock = at;
      parts[part - 1]!.resolve();
    };
    const long = await start(busy, 5);
    await reached(() => begun.length === 1);
    // Nobody waits, so the place is kept however long it takes.
    finished(1, 60_000);
    await reached(() => begun.length === 2);
    // One of another tenant, and one of the same.
    const waiting = [await start(other, 1), await start(busy, 2)];
    finished(2, 60_000);
    await until(jobs, other, waiting[0]!, 'done');
    await until(jobs, busy, waiting[1]!, 'done');
    await reached(() => begun.length === 5);
    expect(begun).toEqual(['part 1', 'part 2', 'short 1', 'short 2', 'part 3']);
    // A turn that has begun anew is not over.
    const third = await start(other, 3);
    finished(3, 69_999);
    await reached(() => begun.length === 6);
    finished(4, 70_000);
    await until(jobs, other, third, 'done');
    finished(5, 70_000);
    expect(await until(jobs, busy, long, 'done')).toMatchObject({ attempt: 1, progress: { done: 5, total: 5 } });
    expect(begun).toEqual(['part 1', 'part 2', 'short 1', 'short 2', 'part 3', 'part 4', 'short 3', 'part 5']);
  }, 60_000);

  it('are cancelled while they give way', async () => {
    const [busy, other] = [newId(), newId()];
    const held = Promise.withResolvers<void>();
    const handler = async ({ input, giveWay }: Counting): Promise<void> => {
      if (input.to === 1) return held.promise;
      for (;;) {
        await new Promise((resume) => setTimeout(resume, 5));
        await giveWay();
      }
    };
    work(handler, 30, undefined, { turnSeconds: 0 });
    const long = await jobs.start(count, { to: 5 }, envelopeOf(busy));
    await until(jobs, busy, long, 'running');
    const short = await jobs.start(count, { to: 1 }, envelopeOf(other));
    await until(jobs, other, short, 'running');
    expect(await jobs.get(busy, long)).toMatchObject({ state: 'waiting', attempt: 0 });
    expect(await jobs.cancel(busy, long)).toBe(true);
    held.resolve();
    expect(await until(jobs, busy, long, 'cancelled')).toMatchObject({ attempt: 0 });
  });

  it('take turns: the one job of a tenant does not wait for the many of another', async () => {
    const [many, few] = [newId(), newId()];
    const begun: string[] = [];
    const gate = Promise.withResolvers<void>();
    work(async ({ tenant }) => {
      begun.push(tenant);
      await gate.promise;
    });
    const ids: string[] = [];
    for (let to = 1; to <= 5; to += 1) ids.push(await jobs.start(count, { to }, envelopeOf(many)));
    await until(jobs, many, ids[0]!, 'running');
    const one = await jobs.start(count, { to: 1 }, envelopeOf(few));
    gate.resolve();
    await until(jobs, few, one, 'done');
    await until(jobs, many, ids.at(-1)!, 'done');
    expect(begun).toEqual([many, few, many, many, many, many]);
  });

  it('go on in another process when theirs is killed', async () => {
    const tenant = newId();
    const arguments_ = ['--import', place('../../../../tools/source.mjs'), place('./testing/dies-in-api.fixture.mjs'), database.apiUrl, '4']; // prettier-ignore
    const child = spawn(process.execPath, arguments_, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    const exited = once(child, 'exit');
    const id = await jobs.start(die, {}, envelopeOf(tenant));
    await until(jobs, tenant, id, 'running', 30);
    child.kill('SIGKILL');
    await exited;
    const attempts: number[] = [];
    work(async ({ attempt }) => void attempts.push(attempt));
    await until(jobs, tenant, id, 'done', 30);
    expect(attempts).toEqual([2]);
  }, 90_000);

  it('end even if a process that had lost one to another finishes it first', async () => {
    const tenant = newId();
    const held = [1, 2].map(() => Promise.withResolvers<void>());
    const handler = async ({ attempt, signal }: Counting): Promise<void> => {
      await Promise.race([held[attempt - 1]?.promise, once(signal, 'abort')]);
      if (attempt === 2) throw new Error('Not yet');
    };
    // So long that neither renews it meanwhile.
    const stalled = work(handler, 3_600);
    const id = await jobs.start({ ...count, attempts: 3 }, { to: 1 }, envelopeOf(tenant));
    await until(jobs, tenant, id, 'running');
    work(handler, 3_600);
    await scoped('update jobs.api_job set leased_until = clock_timestamp()');
    await reached(async () => (await jobs.get(tenant, id))?.attempt === 2);
    held[0]!.resolve();
    await stalled.stop();
    expect(await leftOver()).toBe(1);
    held[1]!.resolve();
    expect(await until(jobs, tenant, id, 'done', 30)).toMatchObject({ attempt: 3 });
    await reached(async () => (await leftOver()) === 0);
  }, 60_000);

  it('are given up by a process that finds them with another one', async () => {
    const tenant = newId();
    const stopped = Promise.withResolvers<unknown>();
    work(async ({ signal }) => {
      await once(signal, 'abort');
      stopped.resolve(signal.reason);
    }, 4);
    const id = await jobs.start(count, { to: 1 }, envelopeOf(tenant));
    await until(jobs, tenant, id, 'running');
    await scoped(`update jobs.api_job set holder = '${newId()}', leased_until = leased_until + interval '1 hour'`);
    expect(await stopped.promise).toMatchObject({ stop: 'claim-lost' });
    expect(await leftOver()).toBe(1);
    await reached(() => errors.length > 0);
    expect(errors.splice(0)).toMatchObject([{ stop: 'claim-lost' }]);
  }, 30_000);

  it('wait for the next start of a process that is stopped, without using up an attempt', async () => {
    const tenant = newId();
    const first = work(({ signal }) => new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason as Error)))); // prettier-ignore
    const id = await jobs.start(count, { to: 1 }, envelopeOf(tenant));
    await until(jobs, tenant, id, 'running');
    await first.stop();
    expect(await jobs.get(tenant, id)).toMatchObject({ state: 'waiting', attempt: 0 });
    work(async ({ attempt }) => ({ attempt }));
    expect(await until(jobs, tenant, id, 'done')).toMatchObject({ result: { attempt: 1 } });
  });

  it("are all that the API may run: of the projector's jobs it writes no progress and no result", async () => {
    const tenant = newId();
    const own = await jobs.start(count, { to: 1 }, envelopeOf(tenant));
    const foreign = await jobs.start({ ...count, runsIn: 'projector' }, { to: 1 }, envelopeOf(tenant));
    const write = (id: string, changes: string) =>
      inTenant(pool, tenant, (client) => client.query(`update jobs.job set ${changes} where id = $1`, [id]));
    await write(own, 'progress_done = 1');
    await expect(write(foreign, 'progress_done = 1')).rejects.toThrow(/permission denied/);
    await expect(write(foreign, `runs_in = 'api'`)).rejects.toThrow(/permission denied/);
  });

  it('name no more than tenant and job to a process that looks for work, and nothing without the scope', async () => {
    await jobs.start(count, { to: 1 }, envelopeOf(newId()));
    expect(await leftOver()).toBe(1);
    const seen = await inTenant(pool, newId(), (client) => client.query('select * from jobs.api_job'));
    expect(seen.rows).toEqual([]);
  });
});
