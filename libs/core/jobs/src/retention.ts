import type { EntityManager, QueryResult } from '@mikro-orm/postgresql';
import { UpkeepEntity } from './job.entity.js';

/** Rows per statement: few enough that nobody has to wait for it. */
const batchRows = 500;

/**
 * Deletes jobs that ended before a moment, in small batches. A job that is started under the id of a deleted one runs again,
 * which is fine, since jobs are idempotent. Returns how many.
 */
export async function deleteEndedJobs(em: EntityManager, endedBefore: Date, batch = batchRows): Promise<number> {
  let dropped = 0;
  for (;;) {
    // SQL for `skip locked`: concurrent processes skip each other's rows.
    const { affectedRows } = await em.fork().execute<QueryResult>(
      // Materialized, since a plan that reads `ended` again for each row would find another batch each time.
      `with ended as materialized (
         select tenant, id from jobs.job where ended_at < ? order by ended_at limit ? for update skip locked)
       delete from jobs.job where (tenant, id) in (select tenant, id from ended)`,
      [endedBefore, batch],
      'run',
    );
    dropped += affectedRows;
    if (affectedRows < batch) return dropped;
  }
}

/**
 * Claims the upkeep of the installation for this round: true in one process per `everyMs`. If it crashes, the next round does
 * the rest.
 */
export async function claimUpkeep(em: EntityManager, now: Date, everyMs: number): Promise<boolean> {
  const due = { $or: [{ takenAt: null }, { takenAt: { $lte: new Date(now.getTime() - everyMs).toISOString() } }] };
  return (await em.fork().nativeUpdate(UpkeepEntity, due, { takenAt: now.toISOString() })) === 1;
}
