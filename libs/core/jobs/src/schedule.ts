import { daybookNamespace, nameId } from '@daybook/kernel';
import { Cron } from 'croner';
import type * as z from 'zod';
import { assertCanWait, type JobDeclaration, type JobEnvelope, type Jobs } from './port.js';

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

/** Throws where the times are no crontab(5), the zone is none, or the API runs the job. */
export function schedule<I extends z.ZodType, D extends Omit<Schedule<I>, 'job' | 'tenants'>>(
  job: JobDeclaration<I>,
  declared: D,
): D & { readonly job: JobDeclaration<I> } {
  nextAfter(declared, new Date());
  assertCanWait(job);
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
  /** null: the first time with these times. */
  dueAt(name: string, times: string): Promise<Date | null>;
  /** Nothing where somebody else moved it from there already. */
  move(name: string, times: string, from: Date | null, to: Date): Promise<void>;
  /** Is a job of this name waiting or running in the tenant? */
  isUnderWay(name: string, tenant: string): Promise<boolean>;
}

export interface Starting {
  readonly table: ScheduleTable;
  readonly jobs: Pick<Jobs, 'start'>;
}

/** Starts what is due. A schedule that fails stays due, and is tried again with the next look. */
export async function startIfDue(
  one: Schedule,
  { table, jobs }: Starting,
  now: Date,
  signal: AbortSignal,
): Promise<void> {
  const times = `${one.cron} ${one.zone}`;
  const due = await table.dueAt(one.job.name, times);
  if (due !== null && due > now) return;
  if (due !== null) await startInEach(one, { table, jobs }, due, signal);
  // Of times that were missed, while nothing ran, one is made up for.
  if (!signal.aborted) await table.move(one.job.name, times, due, nextAfter(one, now));
}

/** A tenant whose last run has not ended is left out. */
async function startInEach(
  { job, input, tenants }: Schedule,
  { table, jobs }: Starting,
  due: Date,
  signal: AbortSignal,
): Promise<void> {
  for (const tenant of await tenants()) {
    if (signal.aborted) return;
    if (await table.isUnderWay(job.name, tenant)) continue;
    const id = nameId(daybookNamespace, 'schedule', job.name, tenant, due.toISOString());
    const envelope: JobEnvelope = { tenant, actor: scheduler, correlationId: id };
    // A job with a moment of its own starts however many others of the tenant wait.
    await jobs.start(job, input, envelope, id, { notBefore: due.toISOString() });
  }
}

/** Who starts these jobs. */
export const scheduler = { kind: 'system', id: 'schedule' } as const;

/**
 * Looks whether one schedule is due, at once and again and again, one look at a time. Each schedule has its own, so that one that
 * is slow or fails holds up no other.
 */
export class Scheduler {
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private readonly stopping = new AbortController();

  constructor(
    private readonly schedule: Schedule,
    private readonly options: Starting & {
      readonly clock: () => Promise<Date>;
      readonly onError: (error: Error) => void;
    },
  ) {}

  start(everyMs: number): void {
    let busy = false;
    const lookUnlessBusy = (): void => {
      if (busy) return;
      busy = true;
      this.looking = this.look().finally(() => (busy = false));
    };
    this.timer = setInterval(lookUnlessBusy, everyMs);
    lookUnlessBusy();
  }

  private async look(): Promise<void> {
    const { schedule, options, stopping } = this;
    try {
      await startIfDue(schedule, options, await options.clock(), stopping.signal);
    } catch (cause) {
      options.onError(new Error(`The schedule of ${schedule.job.name} failed.`, { cause }));
    }
  }

  stop(): Promise<void> {
    clearInterval(this.timer);
    this.stopping.abort();
    return this.looking;
  }
}
