import type { Operation, Rejection } from '@daybook/kernel';
import { Inject, Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { Logger } from 'pino';
import { Metrics } from '../health/metrics.js';
import { LogMonitor } from '../log/log-monitor.js';
import { LOGGER } from '../nest/tokens.js';
import type { Access } from './access.js';
import { Bindings } from './bindings.js';
import { type Answered, Dispatcher } from './dispatcher.js';
import { runs } from './enhancers.js';
import { RateLimits } from './limits.js';
import { messageOf, type Route, type RouteMessage } from './message.js';
import { countAnswer } from './metrics.interceptor.js';
import { OperationFilter } from './operation.filter.js';
import { admitRoute } from './operation.guard.js';
import { inQueryScope } from './query-scope.js';
import type { OperationRequest } from './request.js';
import { logAnswer } from './logging.interceptor.js';

/** Sends operations as messages over Nest's command or query bus. */
@Injectable()
export class OperationDispatcher extends Dispatcher {
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
    super();
    this.operations = bindings.operations;
    this.filter = new OperationFilter(logger, metrics);
  }

  run(operation: Operation, raw: unknown, request: OperationRequest): Promise<Answered | Rejection> {
    const message = new (messageOf(operation))(raw, request);
    return operation.kind === 'command'
      ? this.commands.execute(message)
      : inQueryScope(() => this.queries.execute(message));
  }

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
