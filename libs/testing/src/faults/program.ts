import { type EventStore, eventStoreMigrations, openPostgresEventStore } from '@daybook/event-store';
import { jobEntities, jobMigrations, type Jobs, openJobs } from '@daybook/jobs';
import { commandIdOf, type CommandResult, isRejection, newId, type Rejection, RejectionError } from '@daybook/kernel';
import { createPool, entityManager } from '@daybook/postgres';
import { knowProcesses, type ProcessDeps, ProjectionEngine, projectionMigrations } from '@daybook/projections';
import type { Caller, DecideBinding, OperationContext } from '@daybook/server/binding';
import { CommandExecutor, newIdOf } from '@daybook/server/command/command-executor';
import { processDueJob, recordProcessDue } from '@daybook/server/platform/process-due.job';
import { plainCatalogue } from '@daybook/server/testing/memory-store';
import type { Pool } from 'pg';
import { bindings, deposit, events, projections, receiptProcess, stampJob, stampReceipt } from './deposits.js';

/*
 * The smallest program that holds event store, command handler, engine, processes and jobs, all the real ones over PostgreSQL. Its
 * parts can be replaced by broken ones (broken.ts), which the fault specs must notice.
 */
export const programMigrations = [...eventStoreMigrations, ...projectionMigrations, ...jobMigrations];

/** What a broken program replaces. */
export interface Parts {
  readonly store: (store: EventStore) => EventStore;
  readonly projectorPool: (pool: Pool) => Pool;
  /** The id of a command that a process sends. */
  readonly stepId: (id: string) => string;
  /** The id of the command of a job. */
  readonly jobId: (id: string) => string;
  /** Does the work of a job, which ends when this resolves. */
  readonly doJob: (work: () => Promise<void>) => Promise<void>;
}
export const soundParts: Parts = {
  store: (store) => store,
  projectorPool: (pool) => pool,
  stepId: (id) => id,
  jobId: (id) => id,
  doJob: (work) => work(),
};

export interface Deposit {
  readonly tenant: string;
  readonly accountId: string;
  /** Also the key of the request: a retry has the same. */
  readonly depositId: string;
  readonly amount: number;
}
export interface Program {
  readonly store: EventStore;
  deposit(one: Deposit): Promise<CommandResult | Rejection>;
  /** Whether read models and processes are at the head, and no job is left. */
  isIdle(): Promise<boolean>;
  stop(): Promise<void>;
}

const callerIn = (tenant: string, actor: Caller['actor'], correlationId = newId()): Caller => ({
  tenant,
  actor,
  channel: 'system',
  address: null,
  correlationId,
  reason: null,
});

function must(answer: CommandResult | Rejection): void {
  if (isRejection(answer)) throw new RejectionError(answer);
}

export async function openProgram(
  url: string,
  { parts = soundParts, log = () => undefined }: { parts?: Parts; log?: (what: string, error: unknown) => void } = {},
): Promise<Program> {
  const store = parts.store(openPostgresEventStore({ url, pollMs: 200, maxConnections: 4 }));
  const pool = createPool(url, { max: 4, application: 'projector' });
  const jobsPool = createPool(url, { max: 4, application: 'jobs' });
  const catalogue = plainCatalogue(events);
  const jobs: Jobs = openJobs({
    em: entityManager(jobsPool, jobEntities),
    worker: { url, concurrency: 8, pollMs: 100, onError: (error) => log('jobs', error) },
  });
  const executor = new CommandExecutor({
    store,
    catalogue,
    context: { jobs } as OperationContext,
    secret: 'a secret of more than thirty-two characters',
  });
  const bindingOf = (operation: string): DecideBinding =>
    bindings.find((one) => one.operations.some(({ name }) => name === operation))!;
  const execute = (
    operation: Parameters<CommandExecutor['execute']>[1]['operation'],
    input: object,
    caller: Caller,
    commandId: string,
    causationId: string | null = null,
  ): Promise<CommandResult | Rejection> =>
    executor.execute(bindingOf(operation.name), {
      operation,
      input: input as Record<string, unknown>,
      caller,
      commandId,
      newId: newIdOf(commandId),
      causationId,
      expectedVersion: null,
    });
  const act: ProcessDeps['act'] = async (step, { process, event, instance, id }) => {
    const caller = callerIn(event.meta.tenant, { kind: 'process', id: process.name }, event.meta.correlationId);
    if (step.kind === 'due-at') {
      const { tenant, actor, correlationId } = caller;
      const input = { process: process.name, instance, step: step.name, dueAt: step.at };
      await jobs.start(processDueJob, input, { tenant, actor, correlationId }, id, { notBefore: step.at });
      return null;
    }
    const answer = await execute(step.operation, step.input as object, caller, parts.stepId(id), event.meta.commandId);
    return isRejection(answer) ? answer : null;
  };
  const engine = new ProjectionEngine({
    pool: parts.projectorPool(pool),
    store,
    catalogue,
    projections,
    pauseMs: 50,
    processes: {
      processes: [receiptProcess],
      catalogue,
      act,
      callOff: async (tenant, id) => void (await jobs.cancel(tenant, id)),
    },
    log: (event, fields) => log(event, fields['error']),
  });
  await knowProcesses(pool, [receiptProcess]);
  engine.start();
  await jobs.work([
    {
      job: processDueJob,
      handler: async ({ id, tenant, actor, correlationId, input }) => {
        const { process, instance, step, dueAt } = processDueJob.input.parse(input);
        const caller = callerIn(tenant, actor, correlationId);
        must(await execute(recordProcessDue, { process, instance, step, dueAt }, caller, id));
      },
    },
    {
      job: stampJob,
      handler: ({ id, tenant, actor, correlationId, input }) =>
        parts.doJob(async () => {
          const caller = callerIn(tenant, actor, correlationId);
          must(await execute(stampReceipt, stampJob.input.parse(input), caller, parts.jobId(id)));
        }),
    },
  ]);
  return {
    store,
    deposit: ({ tenant, ...input }) =>
      execute(
        deposit,
        input,
        callerIn(tenant, { kind: 'person', id: 'ada' }),
        commandIdOf(tenant, 'ada', deposit.name, input.depositId),
      ),
    isIdle: async () => {
      const head = await store.head();
      const { rows } = await pool.query<{ idle: boolean }>(
        `select (select position from projections.checkpoint where id = 'live') = $1
           and (select min(position) from projections.process) = $1
           and not exists (select from jobs.job where state in ('waiting', 'running')) as idle`,
        [String(head)],
      );
      return rows[0]!.idle && (await store.head()) === head;
    },
    stop: async () => {
      await Promise.all([engine.stop(), jobs.stop()]);
      await Promise.all([pool.end(), jobsPool.end(), store.close()]);
    },
  };
}
