import type { EntityManager, QueryResult } from '@mikro-orm/postgresql';
import { scheduler } from './schedule.js';

/** Rows per statement: few enough that nobody has to wait for it. */
const batchRows = 500;

/** Jobs that nobody started but the clock are of no interest for longer than this. */
const scheduledKeptMs = 7 * 24 * 3600 * 1000;

/**
 * Deletes jobs of a tenant that ended before a moment, in small batches; those that schedules started, a week after they
 * ended. A job that is started under the id of a deleted one runs again, which is fine, since jobs are idempotent. Returns
 * how many.
 */
export async function deleteEndedJobs(
  em: EntityManager,
  tenant: string,
  of: { readonly endedBefore: Date; readonly now: Date },
  batch = batchRows,
): Promise<number> {
  let dropped = 0;
  for (;;) {
    // SQL for `skip locked`: concurrent processes skip each other's rows.
    const { affectedRows } = await em.fork().execute<QueryResult>(
      // Materialized, since a plan that reads `ended` again for each row would find another batch each time.
      `with ended as materialized (
         select tenant, id from jobs.job
         where tenant = ? and (ended_at < ? or actor @> ?::jsonb and ended_at < ?)
         order by ended_at limit ? for update skip locked)
       delete from jobs.job where (tenant, id) in (select tenant, id from ended)`,
      [tenant, of.endedBefore, JSON.stringify(scheduler), new Date(of.now.getTime() - scheduledKeptMs), batch],
      'run',
    );
    dropped += affectedRows;
    if (affectedRows < batch) return dropped;
  }
}

/** Tenants that have jobs. Runs as the projector. */
export const tenantsWithJobs = async (em: EntityManager): Promise<string[]> => {
  const rows = await em.fork().execute<{ tenant: string }[]>('select distinct tenant from jobs.job');
  return rows.map(({ tenant }) => tenant);
};
