import { newId } from '@daybook/kernel';
import type { JobHandler, Jobs } from '../port.js';
import { type Schedule, schedule } from '../schedule.js';
import { count, quick } from './counting.js';

/** What the contract of the port has at hand for each of its specs. */
export interface Scheduled {
  readonly jobs: () => Jobs;
  readonly tenant: string;
  /** The clock, which is held; sets it where a moment is given. */
  readonly now: (at?: Date) => Date;
}

/** The part of the contract about jobs that start by the clock. */
export function scheduleContract({ jobs, tenant, now }: Scheduled): void {
  describe('by a schedule', () => {
    const nightly = (tenants: readonly string[], more: Partial<Schedule<typeof count.input>> = {}) => {
      const of = { cron: '30 2 * * *', zone: 'Europe/Oslo', input: { to: 7 }, tenants: async () => tenants };
      return schedule(count, { ...of, ...more });
    };
    let looked: number;
    beforeEach(() => {
      looked = 0;
    });
    /** Due every minute: it tells that schedules are looked at by a later clock. Each of the others is, before or after it. */
    const probe = () =>
      schedule(quick, {
        cron: '* * * * *',
        zone: 'UTC',
        input: {},
        tenants: async () => {
          looked += 1;
          return [];
        },
      });
    const untilLooked = async (move: () => void): Promise<void> => {
      const before = looked;
      for (let round = 0; looked === before; round += 1) {
        if (round > 1_000) throw new Error('The schedules are not looked at.');
        if (round === 0 || before === 0) move();
        await new Promise((next) => setTimeout(next, 20));
      }
    };
    /** From noon on, until the schedules were looked at once. */
    const work = async (handler: JobHandler<{ to: number }>, ...schedules: Schedule[]): Promise<void> => {
      looked = 0;
      await jobs().work([{ job: count, handler }], [...schedules, probe()]);
      await untilLooked(() => void now(new Date(now().getTime() + 60_000)));
    };
    const passed = (at: string): Promise<void> => untilLooked(() => void now(new Date(at)));
    const oneEach = async (ran: readonly string[], expected: readonly string[]): Promise<void> => {
      const end = Date.now() + 15_000;
      // A tenant whose last run has not ended would be left out the next time.
      const isUnderWay = async (of: string) => (await jobs().list(of)).some(({ endedAt }) => endedAt === null);
      const areUnderWay = async () => (await Promise.all([...new Set(expected)].map(isUnderWay))).includes(true);
      const isOver = async () => ran.length >= expected.length && !(await areUnderWay());
      while (!(await isOver()) && Date.now() < end) await new Promise((next) => setTimeout(next, 25));
      expect([...ran].sort()).toEqual([...expected].sort());
    };

    it('starts once in each tenant when its time comes, and not before', async () => {
      const [one, two] = [newId(), newId()];
      const ran: string[] = [];
      const inputs: unknown[] = [];
      await work(async (run) => void (ran.push(run.tenant), inputs.push(run.input, run.actor)), nightly([one, two]));
      await passed('2026-03-02T01:29:59Z');
      expect(ran).toEqual([]);
      await passed('2026-03-02T01:30:00Z');
      await oneEach(ran, [one, two]);
      expect(inputs.slice(0, 2)).toEqual([{ to: 7 }, { kind: 'system', id: 'schedule' }]);
      await passed('2026-03-02T23:00:00Z');
      await oneEach(ran, [one, two]);
      await passed('2026-03-03T01:30:00Z');
      await oneEach(ran, [one, two, one, two]);
    });

    it('starts once for all the times that it missed', async () => {
      const ran: string[] = [];
      await work(async (run) => void ran.push(run.tenant), nightly([tenant]));
      await passed('2026-03-05T12:00:00Z');
      await oneEach(ran, [tenant]);
      await passed('2026-03-06T01:30:00Z');
      await oneEach(ran, [tenant, tenant]);
    });

    it('starts once in the night in which the clock goes forward, and once in that in which it goes back', async () => {
      const ran: string[] = [];
      now(new Date('2026-03-28T12:00:00Z'));
      await work(async (run) => void ran.push(run.tenant), nightly([tenant]));
      for (const [at, runs] of [
        ['2026-03-29T00:59:59Z', 0],
        ['2026-03-29T01:00:00Z', 1],
        ['2026-03-29T02:30:00Z', 1],
        ['2026-10-24T12:00:00Z', 2],
        ['2026-10-25T00:30:00Z', 3],
        ['2026-10-25T01:30:00Z', 3],
      ] as const) {
        await passed(at);
        await oneEach(
          ran,
          Array.from({ length: runs }, () => tenant),
        );
      }
    });

    it('leaves out a tenant whose last run has not ended', async () => {
      const [slow, quickly] = [newId(), newId()];
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      const ended: string[] = [];
      const handler: JobHandler<{ to: number }> = async (run) => {
        if (run.tenant === slow && ended.filter((of) => of === quickly).length < 2) await released;
        ended.push(run.tenant);
      };
      // The slow one last: jobs in memory run one after another.
      await work(handler, nightly([quickly, slow]));
      await passed('2026-03-02T01:30:00Z');
      await oneEach(ended, [quickly]);
      await passed('2026-03-03T01:30:00Z');
      const listed = async (of: string) => (await jobs().list(of)).length;
      const end = Date.now() + 15_000;
      while ((await listed(quickly)) < 2 && Date.now() < end) await new Promise((next) => setTimeout(next, 25));
      expect([await listed(quickly), await listed(slow)]).toEqual([2, 1]);
      release();
      await oneEach(ended, [quickly, quickly, slow]);
    });
  });
}
