import { logIdentified } from '@daybook/event-store';
import type { JobStatus } from '@daybook/jobs';
import { type Actor, isRejection, processDue, reject } from '@daybook/kernel';
import { inTenant } from '@daybook/postgres';
import { requestRetry, projectionStatus } from '@daybook/projections';
import { Module } from '@nestjs/common';
import { type Caller, context, perform, type PerformContext, personalDataOf, type StepToSend } from '../context.js';
import { Bindings } from '../dispatch/bindings.js';
import { exportBindings } from '../export/export.bindings.js';
import { exportJob, exportJobBinding } from '../export/export.job.js';
import { listExported, recordExportBinding } from '../export/export-record.js';
import { importBindings } from '../import/import.bindings.js';
import { importJobBinding } from '../import/import.job.js';
import { importData } from '../import/import-rows.js';
import { holdEvents } from '../hold/hold.events.js';
import { numberBinding } from '../hold/numbers.js';
import { reservationData } from '../hold/reservation-rows.js';
import { stepBinding } from '../hold/steps.js';
import { reservationBinding } from '../hold/unique-field.js';
import { joinedData } from '../personal-data.js';
import { contextModule } from '../nest/context.module.js';
import { ENTITY_MANAGER, EVENT_STORE, type Injected, POOL } from '../nest/tokens.js';
import { upkeepBinding, upkeepSchedule } from '../upkeep.js';
import { connectionsNow } from './connections.js';
import { processDueBinding, recordProcessDueBinding } from './process-due.job.js';
import {
  cancelJob,
  listConnections,
  listJobs,
  listProjections,
  readJob,
  retryProjection,
} from './platform.operations.js';

/** What an export made is for who started it, here too. */
const isOthersExport = (name: string, startedBy: Actor, { actor }: Caller): boolean =>
  name === exportJob.name && startedBy.id !== actor.id;

const rowOf = (
  caller: Caller,
  { actor, id, name, title, state, progress, attempt, createdAt, startedAt, endedAt, error, result }: JobStatus,
) => ({
  id,
  name,
  title,
  state,
  progress,
  attempt,
  startedBy: actor,
  createdAt,
  startedAt,
  endedAt,
  error,
  result: isOthersExport(name, actor, caller) ? null : (result ?? null),
});
/** Callers without the permission for the whole tenant see the jobs that they started. */
const isSeen = ({ companies, actor }: Caller, job: JobStatus): boolean =>
  companies === undefined || companies === 'all' || job.actor.id === actor.id;
const noJob = () => reject('platform.job-not-found', 'There is no such job.', { status: 404 });

const jobEnded = () => reject('platform.job-ended', 'This job has already ended, so it cannot be cancelled.');

/** The command that cancels what the job works for. */
async function cancellationOf(
  { name, tenant, input }: JobStatus,
  { contexts }: Bindings,
  { events }: Pick<PerformContext, 'events'>,
): Promise<StepToSend | null> {
  const bound = contexts.flatMap(({ jobs }) => jobs).find(({ job }) => job.name === name);
  const read = bound?.job.input.safeParse(input);
  return read?.success ? ((await bound?.cancelledBy?.({ tenant, input: read.data }, events)) ?? null) : null;
}

const using = { pool: POOL, store: EVENT_STORE } as const;

/** With the API's role, only parked partitions of the caller's tenant are visible (row-level security). */
const projections = (tenant: string, { pool, store }: Injected<typeof using>) =>
  inTenant(pool, tenant, (client) => projectionStatus(client, store));

/** The platform's own context: jobs, projections, processes and connections. Answered from the database, not from read models. */
export const platform = context({
  name: 'platform',
  title: 'System',
  roles: {
    Admin: ['platform.*'],
    Accountant: ['platform.*.read', 'platform.job.*'],
    Auditor: ['platform.*.read'],
  },
  events: [logIdentified, processDue, listExported, ...holdEvents],
  internal: [recordExportBinding, recordProcessDueBinding, reservationBinding, numberBinding, stepBinding],
  jobs: [processDueBinding, upkeepBinding, exportJobBinding, importJobBinding],
  schedules: [upkeepSchedule],
  bindings: [
    ...exportBindings,
    ...importBindings,
    perform(listJobs, async ({ limit }, { jobs, caller }) => ({
      items: (await jobs.list(caller.tenant, { limit }))
        .filter((job) => isSeen(caller, job))
        .map((job) => rowOf(caller, job)),
    })),
    perform(readJob, async ({ jobId }, { jobs, caller }) => {
      const job = await jobs.get(caller.tenant, jobId);
      return job && isSeen(caller, job) ? rowOf(caller, job) : noJob();
    }),
    perform(cancelJob, { bindings: Bindings }, async ({ jobId }, context, { bindings }) => {
      const { jobs, caller } = context;
      const job = await jobs.get(caller.tenant, jobId);
      if (!job || !isSeen(caller, job)) return noJob();
      if (job.endedAt !== null) return jobEnded();
      const step = await cancellationOf(job, bindings, context);
      const answer = step && (await context.execute(step.operation, step.input));
      // What the job worked for is cancelled already where a crash came between the two.
      const isStopped = await jobs.cancel(caller.tenant, jobId);
      if (isStopped || (answer && !isRejection(answer))) return { id: jobId };
      return answer ?? jobEnded();
    }),
    perform(listConnections, { pool: POOL }, async (_input, _context, { pool }) => ({
      items: await connectionsNow(pool),
    })),
    perform(listProjections, using, async (_, { caller }, injected) => ({
      items: (await projections(caller.tenant, injected))
        .filter((p) => p.state !== 'retired')
        .map(({ kind, name, version, generation, state, position, lag, rebuild, parked }) => {
          const mine = parked.find((p) => p.tenant === caller.tenant);
          return {
            kind,
            name,
            version,
            generation,
            state,
            position,
            behind: lag,
            rebuild,
            parked: mine
              ? {
                  eventId: mine.eventId,
                  type: mine.type,
                  position: mine.position,
                  error: mine.error,
                  tries: mine.tries,
                  parkedAt: mine.parkedAt,
                }
              : null,
          };
        }),
    })),
    perform(retryProjection, using, async ({ name }, { caller }, injected) => {
      if (!(await projections(caller.tenant, injected)).some((one) => one.name === name)) {
        return reject('platform.projection-not-found', 'There is no read model or process with this name.', {
          status: 404,
        });
      }
      await inTenant(injected.pool, caller.tenant, (client) => requestRetry(client, name));
      return { name };
    }),
  ],
  personalData: personalDataOf({ em: ENTITY_MANAGER }, ({ em }) => joinedData([reservationData(em), importData(em)])),
});

@Module(contextModule(platform))
export class PlatformModule {}
