import type { Job } from './job.entity.js';
import type { JobStatus } from './port.js';

export const statusOf = (row: Job): JobStatus => ({
  id: row.id,
  tenant: row.tenant,
  actor: row.actor,
  correlationId: row.correlation,
  name: row.name,
  title: row.title,
  state: row.state,
  input: row.input,
  progress: {
    done: row.progressDone,
    total: row.progressTotal ?? null,
    phase: row.progressPhase,
  },
  attempt: row.attempt,
  createdAt: row.createdAt,
  startedAt: row.startedAt ?? null,
  endedAt: row.endedAt ?? null,
  error: row.error ?? null,
  result: row.result,
});
