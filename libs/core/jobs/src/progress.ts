import type { Pool } from 'pg';
import type { JobRow } from './status.js';

const everyMs = 250;

/**
 * Writes a running attempt's progress at most four times a second, a new phase at once; `flush` writes what was held
 * back. Each write also asks whether the job was cancelled, for a notification that was lost.
 */
export function progressOf(pool: Pool, row: JobRow, cancelled: () => void) {
  let written = 0;
  let phaseWritten: string | null = null;
  let held: [done: number, total: number | null, phase: string] | null = null;

  const write = async (done: number, total: number | null, phase: string): Promise<void> => {
    held = null;
    written = Date.now();
    phaseWritten = phase;
    const { rows } = await pool.query<{ cancel_requested: boolean }>(
      `update jobs.job set progress_done = $4, progress_total = $5, progress_phase = $6
        where tenant = $1 and id = $2 and attempt = $3 and state = 'running' returning cancel_requested`,
      [row.tenant, row.id, row.attempt, done, total, phase],
    );
    if (rows[0]?.cancel_requested) cancelled();
  };

  return {
    say: async (done: number, total: number | null, phase: string): Promise<void> => {
      if (phase !== phaseWritten || Date.now() - written >= everyMs) await write(done, total, phase);
      else held = [done, total, phase];
    },
    flush: async (): Promise<void> => {
      if (held) await write(...held);
    },
  };
}
