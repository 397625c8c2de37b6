import type { Operation } from '@daybook/kernel';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { OperationRequest } from '../dispatch/request.js';

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** How far the projections are behind; called when the metrics are scraped. */
export interface LagSource {
  lag(): Promise<{ events: number; stillSeconds: number; parked: number }>;
}

/** Counts of a connection pool, as the driver provides them. */
export interface PoolCounts {
  readonly totalCount: number;
  readonly waitingCount: number;
}

/** One registry per app instead of the global one, so that two apps in one process count separately. */
export class Metrics {
  readonly registry = new Registry();
  private readonly operations = new Counter({
    name: 'daybook_operations_total',
    help: 'Operations by name, channel and outcome (ok or the status of the problem)',
    labelNames: ['operation', 'channel', 'status'] as const,
    registers: [this.registry],
  });
  private readonly duration = new Histogram({
    name: 'daybook_operation_seconds',
    help: 'Duration of an operation',
    labelNames: ['operation'] as const,
    buckets: seconds,
    registers: [this.registry],
  });
  private readonly appends = new Histogram({
    name: 'daybook_append_seconds',
    help: 'Duration of an append to the event store',
    buckets: seconds,
    registers: [this.registry],
  });

  constructor(source: LagSource, options: { process: boolean }) {
    if (options.process) collectDefaultMetrics({ register: this.registry });
    const parked = new Gauge({
      name: 'daybook_projections_parked',
      help: 'Parked: read models and processes of a tenant that stopped at a failing event',
      registers: [this.registry],
    });
    const still = new Gauge({
      name: 'daybook_projection_still_seconds',
      help: 'Seconds without progress while events are waiting: grows when the projector has stopped',
      registers: [this.registry],
    });
    new Gauge({
      name: 'daybook_projection_lag_positions',
      help: 'Positions between the head of the event store and the projections',
      registers: [this.registry],
      async collect() {
        try {
          const now = await source.lag();
          this.set(now.events);
          still.set(now.stillSeconds);
          parked.set(now.parked);
        } catch {
          // The database is unavailable, which readiness reports: no number is better than a wrong one.
          this.set(Number.NaN);
          still.set(Number.NaN);
          parked.set(Number.NaN);
        }
      },
    });
  }

  /** Connections to the database by purpose: open, maximum, and waiting. */
  watchPools(pools: ReadonlyMap<string, { readonly pool: PoolCounts; readonly most: number }>): void {
    const gauge = (name: string, help: string, of: (one: { pool: PoolCounts; most: number }) => number) =>
      new Gauge({
        name,
        help,
        labelNames: ['purpose'] as const,
        registers: [this.registry],
        collect() {
          for (const [purpose, one] of pools) this.set({ purpose }, of(one));
        },
      });
    gauge('daybook_database_connections', 'Open connections to the database', ({ pool }) => pool.totalCount);
    gauge('daybook_database_connections_max', 'Maximum connections to the database', ({ most }) => most);
    gauge('daybook_database_waiting', 'Requests waiting for a free connection', ({ pool }) => pool.waitingCount);
  }

  readonly appended = (took: number): void => this.appends.observe(took);

  operationDone(
    operation: Pick<Operation, 'name'>,
    request: Pick<OperationRequest, 'channel'>,
    status: 'ok' | number,
    took: number,
  ): void {
    this.operations.inc({ operation: operation.name, channel: request.channel, status: String(status) });
    this.duration.observe({ operation: operation.name }, took);
  }
}
