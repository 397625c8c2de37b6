import { newId } from '@daybook/kernel';
import { createPool, entityManager } from '@daybook/postgres';
import { testDatabase } from '@daybook/postgres/testing/database';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Pool } from 'pg';
import * as z from 'zod';
import { jobEntities } from './job.entity.js';
import { jobMigrations } from './migrations.js';
import { openJobs } from './pg-boss.js';
import { job, type JobHandler, type Jobs } from './port.js';
import { schedule } from './schedule.js';

const place = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/* Schedules in several processes over one database. */
describe('schedules of several processes', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let pool: Pool;
  let opened: Jobs[];
  let children: ChildProcess[];
  let tenants: string[];
  let ran: string[];
  beforeEach(async () => {
    database = await testDatabase([...jobMigrations]);
    pool = createPool(database.projectorUrl, { max: 4, application: 'schedule-spec' });
    [opened, children, ran] = [[], [], []];
    tenants = Array.from({ length: 3 }, () => newId());
  });
  afterEach(async () => {
    for (const child of children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    for (const one of opened) await one.stop();
    await pool.end();
    await database.drop();
  });

  const tidy = job('test.tidy', { title: 'Tidy', input: z.object({}) });
  const handler: JobHandler<object> = async ({ tenant }) => void ran.push(tenant);
  /** In this process, by a clock of its own or the database's. */
  const open = async ({ cron = '30 2 * * *', now = (): Date | null => null } = {}): Promise<void> => {
    const worker = { url: database.projectorUrl, pollMs: 20 };
    const jobs = openJobs({ em: entityManager(pool, jobEntities), now, worker });
    opened.push(jobs);
    const of = { cron, zone: 'UTC', input: {}, tenants: async () => tenants };
    await jobs.work([{ job: tidy, handler }], [schedule(tidy, of)]);
  };
  /** In a process of its own, by the clock of the database; killed once it has started so many jobs. */
  const spawned = (...killedAfter: string[]): ChildProcess => {
    const fixture = [place('./testing/schedule.fixture.mjs'), database.projectorUrl, tenants.join(), ...killedAfter];
    const child = spawn(process.execPath, ['--import', place('../../../../tools/source.mjs'), ...fixture], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    children.push(child);
    return child;
  };
  const past = '2026-03-02T02:30:00.000Z';
  const setDue = (at: string) =>
    pool.query(
      `insert into jobs.schedule values ('test.tidy', '30 2 * * * UTC', $1)
       on conflict (name, times) do update set due_at = excluded.due_at`,
      [at],
    );
  const dues = async (): Promise<string[]> =>
    (await pool.query<{ due: string }>('select due_at as due from jobs.schedule order by times')).rows.map(({ due }) =>
      new Date(due).toISOString(),
    );
  const rows = async () =>
    (
      await pool.query<{ tenant: string; state: string; attempt: number }>(
        'select tenant, state, attempt from jobs.job',
      )
    ).rows;
  const reached = async (isSo: () => Promise<boolean> | boolean): Promise<void> => {
    for (let round = 0; !(await isSo()); round++) {
      if (round > 1_500) throw new Error('That does not happen.');
      await new Promise((next) => setTimeout(next, 20));
    }
  };
  const allDone = async (): Promise<boolean> => {
    const found = await rows();
    return found.length >= tenants.length && found.every(({ state }) => state === 'done');
  };
  const inEachOnce = () => tenants.map((tenant) => ({ tenant, state: 'done', attempt: 1 }));
  const byTenant = (found: readonly { tenant: string }[]) =>
    found.toSorted((a, b) => tenants.indexOf(a.tenant) - tenants.indexOf(b.tenant));

  it('start what is due once, in two processes that look at once', async () => {
    await setDue('2100-01-01T00:00:00Z');
    for (const child of [spawned(), spawned()]) await once(child.stdout!, 'data');
    expect(await rows()).toEqual([]);
    await setDue(past);
    await reached(allDone);
    await reached(async () => Date.parse((await dues())[0]!) > Date.parse(past));
    expect(byTenant(await rows())).toEqual(inEachOnce());
  }, 60_000);

  it.each([0, 1, 3])(
    'start once in each of 3 tenants what was due when a process was killed after %i starts',
    async (starts) => {
      await setDue(past);
      expect(await once(spawned(String(starts)), 'exit')).toEqual([null, 'SIGKILL']);
      expect([(await rows()).length, await dues()]).toEqual([starts, [past]]);
      await open();
      await reached(allDone);
      await reached(async () => (await dues())[0] !== past);
      expect(ran.toSorted()).toEqual(tenants.toSorted());
      expect(byTenant(await rows())).toEqual(inEachOnce());
    },
    60_000,
  );

  it('start what is due once however many look', async () => {
    tenants = Array.from({ length: 20 }, () => newId());
    let now = new Date('2026-03-01T12:00:00Z');
    for (let n = 0; n < 3; n++) await open({ now: () => now });
    await reached(async () => (await dues())[0] === past);
    now = new Date(past);
    await reached(async () => (await dues())[0] === '2026-03-03T02:30:00.000Z');
    await reached(allDone);
    expect(ran.toSorted()).toEqual(tenants.toSorted());
    expect(byTenant(await rows())).toEqual(inEachOnce());
  }, 60_000);

  it('keep their times beside those of a version with others', async () => {
    tenants = tenants.slice(0, 1);
    let now = new Date('2026-03-01T12:00:00Z');
    await open({ now: () => now });
    await open({ cron: '30 4 * * *', now: () => now });
    await reached(async () => (await dues()).join() === '2026-03-02T02:30:00.000Z,2026-03-02T04:30:00.000Z');
    for (const [at, runs] of [
      ['2026-03-02T02:30:00Z', 1],
      ['2026-03-02T04:30:00Z', 2],
      ['2026-03-03T02:30:00Z', 3],
    ] as const) {
      now = new Date(at);
      await reached(async () => (await dues()).every((due) => Date.parse(due) > now.getTime()));
      await reached(allDone);
      expect((await rows()).length).toBe(runs);
    }
  }, 60_000);
});
