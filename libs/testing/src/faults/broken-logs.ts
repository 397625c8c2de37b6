import type { Pool } from 'pg';

/*
 * Logs that are broken on purpose, in the two ways that are common: what the specs of readers look for, they find in them.
 */
export interface PlainLog {
  /** Appends so many events in a transaction, which stays open. */
  begin(events: number): Promise<{ commit(): Promise<void> }>;
  /** Positions after this one. */
  read(after: bigint, limit: number): Promise<bigint[]>;
}

/** Positions are drawn before the commit, so that a reader passes those of a transaction that has not ended. */
export const bySequence = (pool: Pool): Promise<PlainLog> => plainLog(pool, 'true');
/** Nothing of transactions since the oldest that runs, whosever it is, so that anybody's long transaction stops all readers. */
export const byOldestTransaction = (pool: Pool): Promise<PlainLog> =>
  plainLog(pool, 'xid < pg_snapshot_xmin(pg_current_snapshot())');

async function plainLog(pool: Pool, isVisible: string): Promise<PlainLog> {
  await pool.query(
    'create table public.log (position bigint generated always as identity primary key, xid xid8 default pg_current_xact_id())',
  );
  return {
    begin: async (events) => {
      const client = await pool.connect();
      await client.query('begin');
      await client.query('insert into public.log (xid) select pg_current_xact_id() from generate_series(1, $1)', [
        events,
      ]);
      return {
        commit: async () => {
          await client.query('commit');
          client.release();
        },
      };
    },
    read: async (after, limit) => {
      const { rows } = await pool.query<{ position: string }>(
        `select position from public.log where position > $1 and ${isVisible} order by position limit $2`,
        [String(after), limit],
      );
      return rows.map(({ position }) => BigInt(position));
    },
  };
}
