import { actorSchema, command, instant, query } from '@daybook/kernel';
import * as z from 'zod';

/* Jobs, projections and processes, for the system page of the console and the command line. */
export const jobState = z.enum(['waiting', 'running', 'done', 'failed', 'cancelled']).meta({ id: 'JobState' });
export const jobRow = z
  .object({
    id: z.uuid(),
    name: z.string(),
    title: z.string(),
    state: jobState,
    progress: z
      .object({ done: z.number(), total: z.number().nullable(), phase: z.string() })
      .meta({ id: 'JobProgress' }),
    attempt: z.int(),
    startedBy: actorSchema.meta({ id: 'Actor' }),
    createdAt: instant,
    startedAt: instant.nullable(),
    endedAt: instant.nullable(),
    error: z.object({ code: z.string(), message: z.string() }).meta({ id: 'JobError' }).nullable(),
    result: z
      .unknown()
      .describe('The result of the job; its shape depends on the job. null for an export of somebody else'),
  })
  .meta({ id: 'Job' });

export const listJobs = query('platform.job.list', {
  title: 'List jobs',
  http: 'GET /v1/platform/jobs',
  delegated: true,
  permission: 'platform.job.read',
  scope: 'caller',
  currentOnly: true,
  input: z.object({ limit: z.int().min(1).max(200).default(50).describe('How many, newest first; at most 200') }),
  output: z.object({ items: z.array(jobRow) }),
  rows: 'items',
});
export const readJob = query('platform.job.read', {
  title: 'Read a job',
  http: 'GET /v1/platform/jobs/{jobId}',
  delegated: true,
  permission: 'platform.job.read',
  scope: 'caller',
  currentOnly: true,
  input: z.object({ jobId: z.uuid() }),
  output: jobRow,
});
export const cancelJob = command('platform.job.cancel', {
  title: 'Cancel a job',
  http: 'POST /v1/platform/jobs/{jobId}/cancel',
  delegated: true,
  says: 'cancelled a job',
  scope: 'caller',
  acceptsIdempotencyKey: false,
  input: z.object({ jobId: z.uuid() }),
  output: z.object({ id: z.string() }).meta({ id: 'JobCancelled' }),
});

export const projectionRow = z
  .object({
    kind: z
      .enum(['read-model', 'process'])
      .meta({ id: 'ProjectionKind' })
      .describe('A read model; or a process, which sends commands after events'),
    name: z.string(),
    version: z.int(),
    generation: z.int(),
    state: z.enum(['live', 'building', 'differs', 'retired']).meta({ id: 'ProjectionState' }),
    position: z.string(),
    behind: z
      .object({ events: z.string(), seconds: z.number() })
      .meta({ id: 'ProjectionLag' })
      .describe('How far behind the event store it is'),
    rebuild: z
      .object({ done: z.string(), total: z.string() })
      .meta({ id: 'ProjectionRebuild' })
      .nullable()
      .describe('null unless it is being built'),
    parked: z
      .object({
        eventId: z.string(),
        type: z.string(),
        position: z.string(),
        error: z.string(),
        tries: z.int(),
        parkedAt: z.string(),
      })
      .meta({ id: 'ParkedEvent' })
      .nullable()
      .describe('The event at which it is parked for this tenant'),
  })
  .meta({ id: 'Projection' });

export const listProjections = query('platform.projection.list', {
  title: 'List projections and processes',
  http: 'GET /v1/platform/projections',
  delegated: true,
  permission: 'platform.projection.read',
  currentOnly: true,
  input: z.object({}),
  output: z.object({ items: z.array(projectionRow) }),
  rows: 'items',
});
const name = z.string().min(1).max(100);
const asked = z.object({ name: z.string() }).meta({ id: 'ProjectionRequested' });
export const retryProjection = command('platform.projection.retry', {
  title: 'Retry a parked projection or process',
  description: 'Continues at the event at which it is parked for this tenant.',
  http: 'POST /v1/platform/projections/{name}/retry',
  says: 'retried {name}',
  acceptsIdempotencyKey: false,
  input: z.object({ name }),
  output: asked,
});

export const connectionRow = z
  .object({
    program: z.enum(['api', 'projector']).meta({ id: 'ConnectionProgram' }),
    purpose: z.string().describe('What the connections are for, as `pg_stat_activity` names them'),
    state: z
      .enum(['none', 'connected', 'full'])
      .meta({ id: 'ConnectionState' })
      .describe('full: the maximum that one process of the program may have'),
  })
  .meta({ id: 'DatabaseConnections' });

export const listConnections = query('platform.connection.list', {
  title: 'List database connections',
  description:
    'Whether each program is connected to the database, by purpose. The number of connections is in /metrics, for the operator.',
  http: 'GET /v1/platform/connections',
  delegated: true,
  permission: 'platform.projection.read',
  currentOnly: true,
  input: z.object({}),
  output: z.object({ items: z.array(connectionRow) }),
  rows: 'items',
});

export const platformOperations = [
  listConnections,
  listJobs,
  readJob,
  cancelJob,
  listProjections,
  retryProjection,
] as const;
