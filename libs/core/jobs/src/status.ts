import type { Actor } from '@daybook/kernel';
import type { JobState, JobStatus } from './port.js';

/** A row of `jobs.job` as the driver gives it: int8 as text, instants as RFC 3339 text. */
export interface JobRow {
  readonly tenant: string;
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly actor: Actor;
  readonly correlation: string;
  readonly input: unknown;
  readonly state: JobState;
  readonly progress_done: string;
  readonly progress_total: string | null;
  readonly progress_phase: string;
  readonly attempt: number;
  readonly attempts: number;
  readonly timeout_seconds: number;
  readonly cancel_requested: boolean;
  readonly error: { code: string; message: string } | null;
  readonly result: unknown;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly ended_at: string | null;
}

export const statusOf = (row: JobRow): JobStatus => ({
  id: row.id,
  tenant: row.tenant,
  actor: row.actor,
  correlationId: row.correlation,
  name: row.name,
  title: row.title,
  state: row.state,
  progress: {
    done: Number(row.progress_done),
    total: row.progress_total === null ? null : Number(row.progress_total),
    phase: row.progress_phase,
  },
  attempt: row.attempt,
  createdAt: row.created_at,
  startedAt: row.started_at,
  endedAt: row.ended_at,
  error: row.error,
  result: row.result,
});
