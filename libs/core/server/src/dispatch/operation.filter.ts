import { type Rejection, RejectionError } from '@daybook/kernel';
import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common';
import type { Logger } from 'pino';
import { Metrics } from '../health/metrics.js';
import { LOGGER } from '../nest/tokens.js';
import { unavailableRejection } from '../unavailable.js';
import { runs } from './enhancers.js';
import type { OperationMessage } from './message.js';
import { countAnswer } from './metrics.interceptor.js';
import { logAnswer } from './trace.interceptor.js';

/**
 * What is thrown on an operation's way is answered as a rejection, which every door turns into a problem document: what
 * guard and pipe refuse, and 503 while the database, the log or the disk are away. A bug is logged with its trace id and
 * stays an exception. Steps and jobs get their rejections; whatever else is thrown is for the outer command, or for the
 * job, which tries again.
 */
@Catch()
export class OperationFilter implements ExceptionFilter {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  catch(error: unknown, host: ArgumentsHost): Rejection {
    const message = host.getArgByIndex<OperationMessage>(0);
    const thrown = error instanceof RejectionError ? error.rejection : null;
    const rejection = thrown ?? (message.trusted ? null : unavailableRejection(error));
    if (!runs('filter', message)) throw error;
    if (!rejection && !message.trusted) {
      const { name } = message.operation;
      this.logger.error({ err: error, operation: name, traceId: message.request.traceId }, 'operation failed');
    }
    if (runs('metrics', message)) countAnswer(this.metrics, message, rejection?.status ?? 500);
    if (runs('trace', message)) logAnswer(this.logger, message, rejection?.status ?? 500);
    if (!rejection) throw error;
    return rejection;
  }
}
