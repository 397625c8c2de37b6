import type { Pool } from 'pg';

/** Rows of one statement: few enough that nobody waits for it. */
const batchRows = 500;

/**
 * Deletes jobs that ended before a moment, in small statements of their own. A job that is started again under the id of one
 * that is gone runs again, which every job must bear anyway. Answers how many.
 */
export async function dropEndedJobs(pool: Pool, endedBefore: Date, batch = batchRows): Promise<number> {
  let dropped = 0;
  for (;;) {
    const { rowCount } = await pool.query(
      `delete from jobs.job where (tenant, id) in (
         select tenant, id from jobs.job where ended_at < $1 order by ended_at limit $2 for update skip locked)`,
      [endedBefore, batch],
    );
    dropped += rowCount ?? 0;
    if ((rowCount ?? 0) < batch) return dropped;
  }
}

/**
 * Takes the upkeep of the installation for this round: true in one process and once in `everyMs`, however many there are. One
 * that dies in it leaves the rest to the next round.
 */
export async function takeUpkeep(pool: Pool, now: Date, everyMs: number): Promise<boolean> {
  const { rowCount } = await pool.query(
    `update jobs.upkeep set taken_at = $1::timestamptz
     where taken_at is null or taken_at <= $1::timestamptz - make_interval(secs => $2)`,
    [now, everyMs / 1000],
  );
  return rowCount === 1;
}
