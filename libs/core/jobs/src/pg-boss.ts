import { type Actor, newId } from '@daybook/kernel';
import { inTenant } from '@daybook/postgres';
import type { Pool, PoolClient } from 'pg';
import type * as z from 'zod';
import {
  type JobDeclaration,
  type JobEnvelope,
  type JobHandler,
  type Jobs,
  type JobStatus,
  mostWaitingJobs,
  tooManyJobs,
} from './port.js';
import { type JobRow, statusOf } from './status.js';
import { JobWorker, type WorkerOptions } from './worker.js';

export interface JobsOptions {
  /** Connections as the process's own role; the tenant is set per transaction. */
  readonly pool: Pool;
  /** What a process that works on jobs needs: the projector's login URL, and how many jobs it takes on at once. */
  readonly worker?: WorkerOptions;
}

/** Jobs on pg-boss, with their state in `jobs.job`. The API starts, shows and cancels; the projector works. */
export function openJobs({ pool, worker: options }: JobsOptions): Jobs {
  const worker = options ? new JobWorker(pool, options) : null;

  return {
    async start<I extends z.ZodType>(
      job: JobDeclaration<I>,
      input: z.input<I>,
      envelope: JobEnvelope,
      id: string = newId(),
    ): Promise<string> {
      job.input.parse(input);
      await inTenant(pool, envelope.tenant, async (client) => {
        const known = await client.query('select from jobs.job where tenant = $1 and id = $2', [envelope.tenant, id]);
        if (known.rowCount) return;
        if ((await waitingOf(client, envelope.tenant)) >= mostWaitingJobs) throw tooManyJobs();
        await client.query(
          `insert into jobs.job (tenant, id, name, title, actor, correlation, input, attempts, timeout_seconds)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
          [
            envelope.tenant,
            id,
            job.name,
            job.title,
            JSON.stringify(envelope.actor satisfies Actor),
            envelope.correlationId,
            JSON.stringify(input),
            job.attempts,
            job.timeoutSeconds,
          ],
        );
        await client.query(`notify daybook_jobs`);
      });
      return id;
    },

    hasRoom: (tenant: string) =>
      inTenant(pool, tenant, async (client) => (await waitingOf(client, tenant)) < mostWaitingJobs),

    async get(tenant: string, id: string): Promise<JobStatus | null> {
      const rows = await read(pool, tenant, 'where tenant = $1 and id = $2', [tenant, id]);
      return rows[0] ?? null;
    },

    list: (tenant: string, { limit = 50 } = {}) =>
      read(pool, tenant, 'where tenant = $1 order by created_at desc, id desc limit $2', [
        tenant,
        Math.max(1, Math.min(limit, 200)),
      ]),

    async cancel(tenant: string, id: string): Promise<boolean> {
      return inTenant(pool, tenant, async (client) => {
        const { rowCount } = await client.query(
          `update jobs.job
              set cancel_requested = true,
                  state = case when state = 'waiting' then 'cancelled' else state end,
                  ended_at = case when state = 'waiting' then clock_timestamp() else ended_at end
            where tenant = $1 and id = $2 and state in ('waiting', 'running')`,
          [tenant, id],
        );
        if (rowCount) await client.query(`select pg_notify('daybook_jobs', $1)`, [`${tenant}/${id}`]);
        return rowCount === 1;
      });
    },

    async forget(tenant, { actorId, texts }): Promise<number> {
      return inTenant(pool, tenant, async (client) => {
        const { rows } = await client.query<{ emptied: string }>('select jobs.forget($1, $2) as emptied', [
          actorId,
          texts.filter((text) => text !== ''),
        ]);
        return Number(rows[0]!.emptied);
      });
    },

    async work(handlers: readonly { job: JobDeclaration; handler: JobHandler<never> }[]): Promise<void> {
      if (!worker) throw new Error('These jobs were opened without a worker: this process only starts and shows them.');
      await worker.start(handlers);
    },

    stop: async () => worker?.stop(),
  };
}

/** At most as many as may wait. */
async function waitingOf(client: PoolClient, tenant: string): Promise<number> {
  const { rows } = await client.query<{ waiting: number }>(
    `select count(*)::int as waiting from (select from jobs.job where tenant = $1 and state = 'waiting' limit $2) w`,
    [tenant, mostWaitingJobs],
  );
  return rows[0]!.waiting;
}

const read = (pool: Pool, tenant: string, where: string, values: unknown[]): Promise<JobStatus[]> =>
  inTenant(pool, tenant, async (client) => {
    const { rows } = await client.query<JobRow>(`select * from jobs.job ${where}`, values);
    return rows.map(statusOf);
  });
