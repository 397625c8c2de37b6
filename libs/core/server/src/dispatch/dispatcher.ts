import type { Operation, Rejection } from '@daybook/kernel';
import { Inject, Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { Logger } from 'pino';
import { Metrics } from '../health/metrics.js';
import { LogMonitor } from '../log/log-monitor.js';
import { LOGGER } from '../nest/tokens.js';
import { inQueryScope } from '../query/reads.js';
import type { Access } from './access.js';
import { Bindings } from './bindings.js';
import { countAnswer, logAnswer, runs } from './enhancers.js';
import { RateLimits } from './limits.js';
import { messageOf, type Route, type RouteMessage } from './message.js';
import { OperationFilter } from './operation.filter.js';
import { admitRoute } from './operation.guard.js';
import type { Answered, OperationRequest } from './request.js';

/** Where REST and GraphQL run operations: each goes as a message over Nest's command or query bus to its handler. */
@Injectable()
export class Dispatcher {
  readonly operations: readonly Operation[];
  private readonly filter: OperationFilter;

  constructor(
    @Inject(Bindings) bindings: Bindings,
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(RateLimits) readonly limits: RateLimits,
    @Inject(LogMonitor) readonly log: Pick<LogMonitor, 'passed'>,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {
    this.operations = bindings.operations;
    this.filter = new OperationFilter(logger, metrics);
  }

  /** Authorises, limits, validates and runs. Business and input errors are values; an exception is a bug. */
  run(operation: Operation, raw: unknown, request: OperationRequest): Promise<Answered | Rejection> {
    const message = new (messageOf(operation))(raw, request);
    return operation.kind === 'command'
      ? this.commands.execute(message)
      : inQueryScope(() => this.queries.execute(message));
  }

  /** Limits and authorises, logs and counts as for an operation, for the few routes that are none (files, live updates). */
  async authorise(route: Route, request: OperationRequest): Promise<Access | Rejection> {
    const message: RouteMessage = { operation: route, request, trusted: null, started: performance.now() };
    try {
      const access = await admitRoute(message, this);
      if (runs('metrics', message)) countAnswer(this.metrics, message, 'ok');
      if (runs('logging', message)) logAnswer(this.logger, message, 'ok');
      return access;
    } catch (error) {
      return this.filter.answer(error, message);
    }
  }
}
