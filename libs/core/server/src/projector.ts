import { catalogueOf, type EventCatalogue, type EventStore, type Sealer } from '@daybook/event-store';
import type { Jobs } from '@daybook/jobs';
import { poolSizes, createPool, timeLimits } from '@daybook/postgres';
import { ProjectionEngine } from '@daybook/projections';
import {
  type DynamicModule,
  Injectable,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type BeforeApplicationShutdown,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { Bindings, Dependencies } from './dispatch/bindings.js';
import { HealthController } from './health/health.controller.js';
import { nestLogger } from './health/logger.js';
import { Storage } from './health/storage.js';
import { ShutdownHooks } from './nest/shutdown-hooks.js';
import { contextsIn } from './nest/context.module.js';
import { CoreModule } from './nest/core.module.js';
import type { CoreOptions } from './nest/core-options.js';
import { POOLS } from './nest/infrastructure.js';
import { JobCommands } from './nest/job-commands.js';
import { ProcessHandlers } from './nest/process-handlers.js';
import { DATABASE_URL, EVENT_CATALOGUE, JOBS, LOGGER, POOL, RAW_EVENT_STORE, SEALER } from './nest/tokens.js';
import type { Pools } from '@daybook/postgres';
import { connectionBounds, connectionOptions } from './rest/connections.js';

/** Projections, processes and jobs, started and stopped with the Nest application. */
@Injectable()
export class BackgroundWork implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly engine: ProjectionEngine;
  private readonly buildPool: Pool;

  constructor(
    @Inject(Bindings) private readonly bindings: Bindings,
    @Inject(Dependencies) private readonly dependencies: Dependencies,
    @Inject(JobCommands) private readonly commands: JobCommands,
    @Inject(JOBS) private readonly jobs: Jobs,
    @Inject(POOL) pool: Pool,
    @Inject(DATABASE_URL) url: string,
    @Inject(POOLS) pools: Pools,
    @Inject(RAW_EVENT_STORE) store: EventStore,
    @Inject(EVENT_CATALOGUE) catalogue: EventCatalogue,
    @Inject(SEALER) sealer: Sealer,
    @Inject(ProcessHandlers) handlers: ProcessHandlers,
    @Inject(Storage) storage: Storage,
    @Inject(LOGGER) logger: Logger,
  ) {
    const { build: max } = poolSizes.projector;
    this.buildPool = createPool(url, { max, application: 'projector build', timeLimits: timeLimits.long, pools });
    this.engine = new ProjectionEngine({
      pool,
      buildPool: this.buildPool,
      store,
      catalogue,
      projections: bindings.contexts.flatMap((c) => c.projections),
      processes: {
        processes: bindings.processes,
        // What is personal stays sealed: neither a process's state nor its commands can hold any.
        catalogue: catalogueOf([...bindings.events], { ...sealer, open: async () => null }),
        act: handlers.act,
        callOff: async (tenant, id) => void (await jobs.cancel(tenant, id)),
      },
      beforeWriting: (signal) =>
        storage.waitForSpace(signal, () => logger.warn('projections wait: the disk of the database is full')),
      log: (event, fields) => logger.warn({ ...fields }, event),
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    this.engine.start();
    const schedules = this.bindings.contexts.flatMap((context) => context.schedules);
    await this.jobs.work(
      this.commands.jobsIn('projector'),
      schedules.map((one) => ({ ...one, tenants: () => one.tenants(this.dependencies.of(one)) })),
    );
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.engine.stop(), this.jobs.stop()]);
    await this.buildPool.end();
  }
}

@Module({})
class BackgroundWorkModule {
  static of(root: Type | DynamicModule, options: CoreOptions, shutdown: ShutdownHooks): DynamicModule {
    return {
      module: BackgroundWorkModule,
      imports: [CoreModule.forRoot(options, new Bindings(contextsIn(root)), shutdown), root],
      controllers: [HealthController],
      providers: [BackgroundWork],
    };
  }
}

/** The projector's application, which serves only health and metrics over HTTP. `root` imports the contexts. */
export async function createProjector(
  root: Type | DynamicModule,
  options: Omit<CoreOptions, 'role'>,
): Promise<NestFastifyApplication> {
  const shutdown = new ShutdownHooks();
  return shutdown.orElse(
    NestFactory.create<NestFastifyApplication>(
      BackgroundWorkModule.of(root, { ...options, role: 'projector' }, shutdown),
      new FastifyAdapter({ forceCloseConnections: true, ...connectionOptions(connectionBounds) }),
      { logger: nestLogger(options.logger), abortOnError: false },
    ),
  );
}
