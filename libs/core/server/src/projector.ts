import {
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { connections, createPool, times } from '@daybook/postgres';
import { ProjectionEngine } from '@daybook/projections';
import type { Pool } from 'pg';
import { CHECKS, HealthController } from './health/health.controller.js';
import { nestLogger } from './health/logger.js';
import { Metrics } from './health/metrics.js';
import type { Base } from './open-base.js';
import { Upkeep } from './upkeep.js';
import { connectionBounds, connectionOptions } from './rest/connections.js';

const BASE = Symbol('Base');

/** Projections and jobs, started and stopped with the Nest application that holds them. */
export class Work implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly engine: ProjectionEngine;
  readonly upkeep: Upkeep;
  private readonly buildPool: Pool;

  constructor(@Inject(BASE) private readonly base: Base) {
    const { build: max } = connections.projector;
    this.buildPool = createPool(base.url, {
      max,
      application: 'projector build',
      times: times.long,
      pools: base.pools,
    });
    this.engine = new ProjectionEngine({
      pool: base.pool,
      buildPool: this.buildPool,
      store: base.store,
      catalogue: base.catalogue,
      projections: base.contexts.flatMap((c) => c.projections),
      beforeWriting: (signal) =>
        base.storage.untilRoom(signal, () => base.logger.warn('projections wait: the disk of the database is full')),
      log: (event, fields) => base.logger.warn({ ...fields }, event),
    });
    this.upkeep = new Upkeep(base);
  }

  async onApplicationBootstrap(): Promise<void> {
    this.engine.start();
    this.upkeep.start();
    const bindings = this.base.contexts.flatMap((c) => c.jobs);
    await this.base.jobs.work(bindings.map(({ job, handler }) => ({ job, handler: handler(this.base.jobParts) })));
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.engine.stop(), this.base.jobs.stop(), this.upkeep.stop()]);
    await this.buildPool.end();
  }
}

@Module({})
class ProjectorModule {}

const projectorModule = (base: Base): DynamicModule => ({
  module: ProjectorModule,
  controllers: [HealthController],
  providers: [
    { provide: BASE, useValue: base },
    { provide: CHECKS, useValue: base.checks },
    { provide: Metrics, useValue: base.metrics },
    Work,
  ],
});

/** The projector's application: its only HTTP is health and metrics, for this machine. */
export const createProjector = (base: Base): Promise<NestFastifyApplication> =>
  NestFactory.create<NestFastifyApplication>(
    projectorModule(base),
    new FastifyAdapter({ forceCloseConnections: true, ...connectionOptions(connectionBounds) }),
    {
      logger: nestLogger(base.logger),
      abortOnError: false,
    },
  );
