import { type Actor, newId } from '@daybook/kernel';
import { inTenantScope } from '@daybook/postgres';
import { type EntityManager, raw } from '@mikro-orm/postgresql';
import type * as z from 'zod';
import { offerToApi } from './api-worker.js';
import { JobEntity } from './job.entity.js';
import {
  assertCanWait,
  type JobDeclaration,
  type JobEnvelope,
  type Jobs,
  type JobStatus,
  type JobWork,
  maxWaitingJobs,
  tooManyJobs,
  type Waiting,
} from './port.js';
import { type Schedule, Scheduler } from './schedule.js';
import { scheduleTable } from './schedule-table.js';
import { statusOf } from './status.js';
import { JobWorker, pollMs, type WorkerOptions } from './worker.js';

export interface JobsOptions {
  /** Entities over the process's own role; the tenant is set per transaction. */
  readonly em: EntityManager;
  /** Tells which jobs may begin; the database's clock when left out, which all processes share. */
  readonly now?: () => Date | null;
  /** For a process that runs jobs: the projector's connection string, and how many jobs it runs at once. */
  readonly worker?: WorkerOptions;
}

/** Jobs on pg-boss, with their state in `jobs.job`. The API starts, shows and cancels them; the projector runs them. */
export function openJobs({ em, now = () => null, worker: options }: JobsOptions): Jobs {
  const worker = options ? new JobWorker(em, options, now) : null;

  let schedulers: readonly Scheduler[] = [];

  const jobs: Jobs = {
    async start<I extends z.ZodType>(
      job: JobDeclaration<I>,
      input: z.input<I>,
      envelope: JobEnvelope,
      id: string = newId(),
      { notBefore }: { readonly notBefore?: string } = {},
    ): Promise<string> {
      job.input.parse(input);
      if (notBefore !== undefined) assertCanWait(job);
      await inTenantScope(em, envelope.tenant, async (em) => {
        if ((await em.count(JobEntity, { tenant: envelope.tenant, id })) > 0) return;
        const refused = notBefore === undefined ? await refusal(em, envelope, now()) : null;
        if (refused) throw refused;
        const row = {
          tenant: envelope.tenant,
          id,
          name: job.name,
          title: job.title,
          actor: envelope.actor,
          correlation: envelope.correlationId,
          input,
          attempts: job.attempts,
          timeoutSeconds: job.timeoutSeconds,
          runsIn: job.runsIn,
          ...(notBefore === undefined ? {} : { dueAt: notBefore }),
        };
        await em.createQueryBuilder(JobEntity).insert(row).onConflict(['tenant', 'id']).ignore().execute('run');
        if (job.runsIn === 'api') await offerToApi(em, { tenant: envelope.tenant, id });
        await em.execute('notify daybook_jobs');
      });
      return id;
    },

    refusal: (tenant: string, actor: Actor) => inTenantScope(em, tenant, (em) => refusal(em, { tenant, actor }, now())),

    get: (tenant: string, id: string): Promise<JobStatus | null> =>
      inTenantScope(em, tenant, async (em) => {
        const row = await em.findOne(JobEntity, { tenant, id });
        return row && statusOf(row);
      }),

    list: (tenant: string, { limit = 50 } = {}) =>
      inTenantScope(em, tenant, async (em) => {
        const bound = Math.max(1, Math.min(limit, 200));
        const begun = {
          $or: [{ dueAt: null }, { state: { $ne: 'waiting' as const } }, { dueAt: { $lte: clock(now()) } }],
        };
        const orderBy = { createdAt: 'desc', id: 'desc' } as const;
        const rows = await em.find(JobEntity, { tenant, ...begun }, { orderBy, limit: bound });
        return rows.map(statusOf);
      }),

    cancel: (tenant: string, id: string): Promise<boolean> =>
      inTenantScope(em, tenant, async (em) => {
        const cancelled = await em.nativeUpdate(
          JobEntity,
          { tenant, id, state: ['waiting', 'running'] },
          {
            cancelRequested: true,
            state: raw(`case when state = 'waiting' then 'cancelled' else state end`),
            endedAt: raw(`case when state = 'waiting' then clock_timestamp() else ended_at end`),
          },
        );
        if (cancelled === 1) await em.execute(`select pg_notify('daybook_jobs', ?)`, [`${tenant}/${id}`]);
        return cancelled === 1;
      }),

    // SQL: the API can erase data only through this security definer function.
    forget: (tenant, { actorId, texts }): Promise<number> =>
      inTenantScope(em, tenant, async (em) => {
        const [row] = await em.execute<{ emptied: string }[]>('select jobs.forget(?, ?) as emptied', [
          actorId,
          texts.filter((text) => text !== ''),
        ]);
        return Number(row!.emptied);
      }),

    async work(handlers: readonly JobWork[], schedules: readonly Schedule[] = []): Promise<void> {
      if (!worker)
        throw new Error('These jobs were opened without a worker: this process can only start and show them.');
      await worker.start(handlers);
      const table = scheduleTable(em);
      const clock = async (): Promise<Date> => now() ?? (await table.clock());
      const onError = (error: Error): void => options?.onError?.(error);
      schedulers = schedules.map((one) => new Scheduler(one, { table, jobs, clock, onError }));
      for (const one of schedulers) one.start(options?.pollMs ?? pollMs);
    },

    stop: async () => {
      await Promise.all(schedulers.map((one) => one.stop()));
      await worker?.stop();
    },
  };
  return jobs;
}

const clock = (now: Date | null) => raw<string>('coalesce(?::timestamptz, clock_timestamp())', [now]);

/** Counts waiting jobs that may begin, up to the limit only. */
async function refusal(em: EntityManager, { tenant, actor }: Pick<JobEnvelope, 'tenant' | 'actor'>, now: Date | null) {
  const [row] = await em.execute<Waiting[]>(
    `select count(*)::int as "all", (count(*) filter (where actor->>'id' = ?))::int as own from (
       select actor from jobs.job where tenant = ? and state = 'waiting'
         and coalesce(due_at <= coalesce(?::timestamptz, clock_timestamp()), true) limit ?) w`,
    [actor.id, tenant, now, maxWaitingJobs],
  );
  return tooManyJobs(row!, actor);
}
