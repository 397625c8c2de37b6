import type { EntityManager } from '@mikro-orm/postgresql';
import { type Job, JobEntity } from './job.entity.js';

const everyMs = 250;

/**
 * Writes the progress of a running attempt at most four times a second, a new phase at once; `flush` writes what was held
 * back. Each write also checks whether the job was cancelled, in case the notification was lost.
 */
export function progressOf(
  within: <T>(work: (em: EntityManager) => Promise<T>) => Promise<T>,
  row: Job,
  cancelled: () => void,
) {
  let written = 0;
  let phaseWritten: string | null = null;
  let held: [done: number, total: number | null, phase: string] | null = null;

  const write = async (done: number, total: number | null, phase: string): Promise<void> => {
    held = null;
    written = Date.now();
    phaseWritten = phase;
    const [now] = await within((em) =>
      em
        .createQueryBuilder(JobEntity)
        .update({ progressDone: done, progressTotal: total, progressPhase: phase })
        .where({ tenant: row.tenant, id: row.id, attempt: row.attempt, state: 'running' })
        .returning('cancelRequested')
        .execute('all'),
    );
    if (now?.cancelRequested) cancelled();
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
