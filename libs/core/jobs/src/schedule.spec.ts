import { setImmediate } from 'node:timers/promises';
import * as z from 'zod';
import { job } from './port.js';
import { nextAfter, type Schedule, schedule, Scheduler } from './schedule.js';

const times = (cron: string, zone: string, after: string, count: number): string[] => {
  const found: string[] = [];
  for (let at = new Date(after); found.length < count; found.push(at.toISOString())) {
    at = nextAfter({ cron, zone }, at);
  }
  return found;
};

describe('a schedule', () => {
  it('follows the clock of its zone', () => {
    const nightly = times('30 2 * * *', 'Europe/Oslo', '2026-06-01T00:00:00Z', 2);
    expect(nightly).toEqual(['2026-06-01T00:30:00.000Z', '2026-06-02T00:30:00.000Z']);
    expect(times('30 2 * * *', 'Asia/Kolkata', '2026-06-01T00:00:00Z', 1)).toEqual(['2026-06-01T21:00:00.000Z']);
    expect(times('0 9 * * 1', 'America/New_York', '2026-06-01T14:00:00Z', 1)).toEqual(['2026-06-08T13:00:00.000Z']);
    expect(times('0 0 29 2 *', 'UTC', '2026-06-01T00:00:00Z', 1)).toEqual(['2028-02-29T00:00:00.000Z']);
  });

  it('comes once on the day the clock goes forward, and once on the day it goes back', () => {
    // 02:30 is skipped on 29 March: it comes when the clock says 03:00. On 25 October the first of two counts.
    expect(times('30 2 * * *', 'Europe/Oslo', '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
    expect(times('30 2 * * *', 'Europe/Oslo', '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
    expect(times('30 2 * * *', 'Europe/Oslo', '2026-10-25T00:45:00Z', 1)).toEqual(['2026-10-26T01:30:00.000Z']);
  });

  it('that comes every hour goes on through both changes', () => {
    const hours = (after: string) => times('0 * * * *', 'Europe/Oslo', after, 4).map((at) => at.slice(11, 16));
    expect(hours('2026-03-28T23:30:00Z')).toEqual(['00:00', '01:00', '02:00', '03:00']);
    expect(hours('2026-10-24T23:30:00Z')).toEqual(['00:00', '01:00', '02:00', '03:00']);
  });

  it('is refused where its times or its zone are none', () => {
    const tidy = job('test.tidy', { title: 'Tidy', input: z.object({}) });
    const of = (cron: string, zone: string) => () => schedule(tidy, { cron, zone, input: {}, tenants: async () => [] });
    expect(of('61 * * * *', 'UTC')).toThrow();
    expect(of('* * * * * *', 'UTC')).toThrow();
    expect(of('0 3 * * *', 'Europe/Olso')).toThrow();
    expect(of('0 0 30 2 *', 'UTC')).toThrow('never comes');
    expect(of('0 3 * * *', 'Europe/Oslo')).not.toThrow();
  });

  it('is refused for a job of the API, which would start at once or fail each night', () => {
    const read = job('test.read', { title: 'Read', input: z.object({}), runsIn: 'api' });
    const of = () => schedule(read, { cron: '0 3 * * *', zone: 'UTC', input: {}, tenants: async () => [] });
    expect(of).toThrow('test.read runs in the API');
  });
});

describe('what is due', () => {
  const due = new Date('2026-03-02T02:30:00Z');
  const of = (name: string, tenants: Schedule['tenants']) =>
    schedule(job(name, { title: name, input: z.object({}) }), { cron: '30 2 * * *', zone: 'UTC', input: {}, tenants });
  /** Looks once at each schedule at the same time, and answers what was started, whose time moved on, and what failed. */
  const look = async (schedules: readonly Schedule[], stopAfter = Infinity) => {
    const started: string[] = [];
    const moved: string[] = [];
    const failed: string[] = [];
    const table = {
      dueAt: async () => due,
      move: async (name: string) => void moved.push(name),
      isUnderWay: async () => false,
    };
    const start = async ({ name }: { name: string }, _: unknown, { tenant }: { tenant: string }) => {
      started.push(`${name} ${tenant}`);
      if (started.length === stopAfter) void stop();
      return '';
    };
    const onError = ({ message }: Error) => void failed.push(message);
    const given = { table, jobs: { start }, clock: async () => due, onError };
    const schedulers = schedules.map((one) => new Scheduler(one, given));
    const stop = () => Promise.all(schedulers.map((one) => one.stop()));
    for (const one of schedulers) one.start(3_600_000);
    return {
      result: { started, moved, failed },
      ended: async () => {
        await setImmediate();
        await stop();
        return { started, moved, failed };
      },
    };
  };

  it('starts beside a schedule that fails, which stays due', async () => {
    const failing = of('test.failing', async () => {
      throw new Error('no tenants');
    });
    const { ended } = await look([failing, of('test.tidy', async () => ['a', 'b'])]);
    expect(await ended()).toEqual({
      started: ['test.tidy a', 'test.tidy b'],
      moved: ['test.tidy'],
      failed: ['The schedule of test.failing failed.'],
    });
  });

  it('starts beside a schedule whose tenants take long to find', async () => {
    let found: (tenants: string[]) => void = () => undefined;
    const slow = of('test.slow', () => new Promise((resolve) => (found = resolve)));
    const { result, ended } = await look([slow, of('test.tidy', async () => ['a'])]);
    await setImmediate();
    expect(result).toEqual({ started: ['test.tidy a'], moved: ['test.tidy'], failed: [] });
    found(['b']);
    await ended();
    expect(result.started).toEqual(['test.tidy a', 'test.slow b']);
  });

  it('stays due when the process stops between two tenants', async () => {
    const { ended } = await look([of('test.tidy', async () => ['a', 'b', 'c'])], 2);
    expect(await ended()).toEqual({ started: ['test.tidy a', 'test.tidy b'], moved: [], failed: [] });
  });
});
