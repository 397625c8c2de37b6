import { daybookNamespace, nameId } from '@daybook/kernel';
import { Cron } from 'croner';
import type * as z from 'zod';
import type { JobDeclaration, JobEnvelope, Jobs } from './port.js';

/*
 * Jobs that start by the clock (docs/adr/0061). What is due is one row per schedule, and the ids of its jobs follow from
 * schedule, tenant and moment: however many processes look, and wherever one dies, each tenant gets one job.
 */
export interface Schedule<I extends z.ZodType = z.ZodType> {
  readonly job: JobDeclaration<I>;
  readonly input: z.input<I>;
  /** Minute, hour, day, month, weekday, as in crontab(5): `30 2 * * *`. */
  readonly cron: string;
  /** IANA name of the zone whose clock it is: `Europe/Oslo`. */
  readonly zone: string;
  /** Where it starts: one job in each of these, by turns. */
  readonly tenants: () => Promise<readonly string[]>;
}
type Times = Pick<Schedule, 'cron' | 'zone'>;

/** Throws where the times are no crontab(5), or the zone is none. */
export function schedule<I extends z.ZodType>(job: JobDeclaration<I>, declared: Omit<Schedule<I>, 'job'>): Schedule<I> {
  nextAfter(declared, new Date());
  return { job, ...declared };
}

/**
 * The first time after a moment. A time that the clock skips in spring comes when it has skipped, and one that comes twice
 * in autumn counts once; what recurs within the hour, or every hour, goes on through both.
 */
export function nextAfter({ cron, zone }: Times, after: Date): Date {
  const next = new Cron(cron, { timezone: zone, mode: '5-part' }).nextRun(after);
  if (next === null) throw new Error(`${cron} in ${zone} never comes.`);
  return next;
}

/** Where it is kept when each schedule is due next. */
export interface ScheduleTable {
  /** null: the first time, or since its times were changed. */
  dueAt(name: string, times: string): Promise<Date | null>;
  /** Nothing where somebody else moved it from there already. */
  move(name: string, times: string, from: Date | null, to: Date): Promise<void>;
  /** Is a job of this name waiting or running in the tenant? */
  isUnderWay(name: string, tenant: string): Promise<boolean>;
}

/**
 * Starts what is due. Of times that were missed, while nothing ran, one is made up for. A tenant whose last run has not ended
 * is left out.
 */
export async function startDue(
  schedules: readonly Schedule[],
  table: ScheduleTable,
  jobs: Pick<Jobs, 'start'>,
  now: Date,
): Promise<void> {
  for (const one of schedules) {
    const [{ name }, times] = [one.job, `${one.cron} ${one.zone}`];
    const due = await table.dueAt(name, times);
    if (due !== null && due > now) continue;
    if (due !== null) {
      for (const tenant of await one.tenants()) {
        if (await table.isUnderWay(name, tenant)) continue;
        const id = nameId(daybookNamespace, 'schedule', name, tenant, due.toISOString());
        const envelope: JobEnvelope = { tenant, actor: scheduler, correlationId: id };
        await jobs.start(one.job, one.input, envelope, id, { notBefore: due.toISOString() });
      }
    }
    await table.move(name, times, due, nextAfter(one, now));
  }
}

/** Who starts these jobs. */
export const scheduler = { kind: 'system', id: 'schedule' } as const;

/** Looks for what is due again and again, one look at a time. */
export class Scheduler {
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly look: () => Promise<void>,
    private readonly onError: (error: Error) => void,
  ) {}

  start(everyMs: number): void {
    let busy = false;
    this.timer = setInterval(() => {
      if (busy) return;
      busy = true;
      this.looking = this.look()
        .catch((error: unknown) => this.onError(error as Error))
        .finally(() => (busy = false));
    }, everyMs);
  }

  stop(): Promise<void> {
    clearInterval(this.timer);
    return this.looking;
  }
}
