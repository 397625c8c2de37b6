import type { JobEnvelope, Jobs } from '@daybook/jobs';
import { type Act, isRejection, type Process, type RecordedEvent, type Rejection } from '@daybook/kernel';
import { type ActOf, knowProcesses } from '@daybook/projections';
import { Inject, Injectable, type OnModuleInit, type Type } from '@nestjs/common';
import type { Pool } from 'pg';
import type { Caller } from '../context.js';
import { Bindings, injectInto } from '../dispatch/bindings.js';
import { named } from '../dispatch/message.js';
import { OperationRunner } from '../dispatch/operation-runner.js';
import { internalRequest } from '../dispatch/request.js';
import { processDueJob } from '../platform/process-due.job.js';
import { JOBS, POOL } from './tokens.js';

/** Carries out the steps of one process; a Nest provider of the module of its context. */
interface ProcessHandler {
  act(act: Act, of: ActOf): Promise<Rejection | null>;
}

/**
 * The handlers of all processes whose modules are imported; each registers itself as Nest instantiates it. Before a program
 * takes any command, the engine is told of its processes, so that they hear what it records.
 */
@Injectable()
export class ProcessHandlers implements OnModuleInit {
  private readonly byProcess = new Map<string, ProcessHandler>();

  constructor(
    @Inject(Bindings) private readonly bindings: Bindings,
    @Inject(POOL) private readonly pool: Pool,
  ) {}

  onModuleInit(): Promise<void> {
    return knowProcesses(this.pool, this.bindings.processes);
  }

  set({ name }: Process, handler: ProcessHandler): void {
    this.byProcess.set(name, handler);
  }

  readonly act = (act: Act, of: ActOf): Promise<Rejection | null> => {
    const handler = this.byProcess.get(of.process.name);
    if (!handler) throw new Error(`${of.process.name} has no handler: is its module imported?`);
    return handler.act(act, of);
  };
}

/**
 * Whose a process's commands are: the process's, for the person whose act began it. Their rights were checked then, and
 * are not asked again.
 */
export const callerOf = ({ name }: Pick<Process, 'name'>, { meta }: Pick<RecordedEvent, 'meta'>): Caller => ({
  tenant: meta.tenant,
  actor: { kind: 'process', id: name },
  onBehalfOf: meta.onBehalfOf ?? (meta.actor.kind === 'process' ? null : meta.actor),
  channel: 'system',
  address: null,
  correlationId: meta.correlationId,
  reason: meta.reason,
});

/** The handler of a process, generated from its declaration: sends commands over Nest's bus, and waits by a job. */
export function processHandlerFor(process: Process): Type {
  class Handler implements ProcessHandler {
    constructor(
      handlers: ProcessHandlers,
      private readonly runner: OperationRunner,
      private readonly jobs: Jobs,
    ) {
      handlers.set(process, this);
    }

    async act(act: Act, { event, instance, id }: ActOf): Promise<Rejection | null> {
      const caller = callerOf(process, event);
      if (act.kind === 'due-at') {
        const { tenant, actor, correlationId } = caller;
        const envelope: JobEnvelope = { tenant, actor, correlationId };
        const input = { process: process.name, instance, step: act.name, dueAt: act.at, onBehalfOf: caller.onBehalfOf };
        await this.jobs.start(processDueJob, input, envelope, id, { notBefore: act.at });
        return null;
      }
      const outcome = await this.runner.execute(
        act.operation,
        act.input,
        internalRequest({ ...caller, traceId: caller.correlationId }),
        { origin: 'process', caller, commandId: id, causationId: event.meta.commandId, expectedVersion: null },
      );
      return isRejection(outcome) ? outcome : null;
    }
  }
  injectInto(Handler, [ProcessHandlers, OperationRunner, JOBS]);
  const words = process.name.replaceAll(/(?:^|[.-])(\w)/g, (_, first: string) => first.toUpperCase());
  return named(Handler, `${words}Process`);
}
