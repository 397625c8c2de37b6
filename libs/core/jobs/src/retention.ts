import type { EntityManager, QueryResult } from '@mikro-orm/postgresql';
import { UpkeepEntity } from './job.entity.js';

/** Rows of one statement: few enough that nobody waits for it. */
const batchRows = 500;

/**
 * Deletes jobs that ended before a moment, in small statements of their own. A job that is started again under the id of one
 * that is gone runs again, which every job must bear anyway. Answers how many.
 */
export async function dropEndedJobs(em: EntityManager, endedBefore: Date, batch = batchRows): Promise<number> {
  let dropped = 0;
  for (;;) {
    // SQL: processes that drop at the same time skip each other's rows, in one statement.
    const { affectedRows } = await em.fork().execute<QueryResult>(
      `delete from jobs.job where (tenant, id) in (
         select tenant, id from jobs.job where ended_at < ? order by ended_at limit ? for update skip locked)`,
      [endedBefore, batch],
      'run',
    );
    dropped += affectedRows;
    if (affectedRows < batch) return dropped;
  }
}

/**
 * Takes the upkeep of the installation for this round: true in one process and once in `everyMs`, however many there are. One
 * that dies in it leaves the rest to the next round.
 */
export async function takeUpkeep(em: EntityManager, now: Date, everyMs: number): Promise<boolean> {
  const due = { $or: [{ takenAt: null }, { takenAt: { $lte: new Date(now.getTime() - everyMs).toISOString() } }] };
  return (await em.fork().nativeUpdate(UpkeepEntity, due, { takenAt: now.toISOString() })) === 1;
}
