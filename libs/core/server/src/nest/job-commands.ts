import type { EventCatalogue, EventStore } from '@daybook/event-store';
import type { Files } from '@daybook/files';
import type { JobDeclaration, Jobs, JobWork } from '@daybook/jobs';
import { commandIdOf } from '@daybook/kernel';
import { Inject, Injectable } from '@nestjs/common';
import type { Caller, EventReader, JobContext } from '../context.js';
import { Bindings, Dependencies } from '../dispatch/bindings.js';
import type { Trusted } from '../dispatch/message.js';
import { OperationRunner } from '../dispatch/operation-runner.js';
import { internalRequest } from '../dispatch/request.js';
import { EVENT_CATALOGUE, EVENT_READER, EVENT_STORE, FILES, JOBS } from './tokens.js';

/**
 * Through which jobs and the set-up of an installation run commands: over the bus, in the name of the person who started
 * them, whose rights were checked then.
 */
@Injectable()
export class JobCommands implements JobContext {
  constructor(
    @Inject(OperationRunner) private readonly runner: OperationRunner,
    @Inject(Bindings) private readonly bindings: Bindings,
    @Inject(Dependencies) private readonly dependencies: Dependencies,
    @Inject(EVENT_READER) readonly events: EventReader,
    @Inject(FILES) readonly files: Files,
    @Inject(JOBS) readonly jobs: Jobs,
    @Inject(EVENT_STORE) readonly store: EventStore,
    @Inject(EVENT_CATALOGUE) readonly catalogue: EventCatalogue,
  ) {}

  readonly execute: JobContext['execute'] = (operation, input, caller, key, causationId) => {
    const commandId = commandIdOf(caller.tenant, caller.actor.id, operation.name, key);
    return this.send(caller, operation, input, { commandId, expectedVersion: null, causationId: causationId ?? null });
  };

  readonly executeAs: JobContext['executeAs'] = (caller, operation, input, options) =>
    this.send(caller, operation, input, { ...options, causationId: null });

  readonly operation: JobContext['operation'] = (name) => this.bindings.named(name);

  /** The jobs that a program runs, with what was injected into them. */
  jobsIn(program: JobDeclaration['runsIn']): readonly JobWork[] {
    const jobs = this.bindings.contexts.flatMap((context) => context.jobs);
    return jobs
      .filter(({ job }) => job.runsIn === program)
      .map((one) => {
        const injected = this.dependencies.of(one);
        return { job: one.job, handler: one.handler(this, injected), givenUp: one.givenUp?.(this, injected) };
      });
  }

  private send(
    caller: Caller,
    operation: Parameters<JobContext['executeAs']>[1],
    input: unknown,
    ids: Pick<Trusted, 'commandId' | 'expectedVersion' | 'causationId'>,
  ) {
    const request = internalRequest({ ...caller, traceId: caller.correlationId });
    return this.runner.execute(operation, input, request, { origin: 'job', caller, ...ids });
  }
}
