import { ApiWorker } from '@daybook/jobs';
import { Listener } from '@daybook/postgres';
import type { EntityManager } from '@mikro-orm/postgresql';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import { errorOutline } from '../health/error-outline.js';
import { JobCommands } from '../nest/job-commands.js';
import { ENTITY_MANAGER, LOGGER } from '../nest/tokens.js';
import { isPassing } from '../unavailable.js';
import { StillWaiting } from './still-waiting.js';

/** Jobs that read with the rights of who started them, in each API process. */
@Injectable()
export class ApiJobs implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly worker: ApiWorker;

  constructor(
    @Inject(JobCommands) private readonly commands: JobCommands,
    @Inject(ENTITY_MANAGER) em: EntityManager,
    @Inject(Listener) listener: Listener,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.worker = new ApiWorker(em, {
      listener,
      onError: (error) => logger.warn({ err: error }, 'jobs of the API are interrupted'),
      onFailed: ({ code: problem, ...failed }, error) =>
        logger.warn({ ...failed, problem, ...errorOutline(error) }, 'an attempt of a job failed'),
      isPassing: (error) => error instanceof StillWaiting || isPassing(error),
    });
  }

  onApplicationBootstrap(): void {
    this.worker.start(this.commands.jobsIn('api'));
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.worker.stop();
  }
}
