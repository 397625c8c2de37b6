import { reject, type Rejection, RejectionError } from '@daybook/kernel';
import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common';
import type { Logger } from 'pino';
import { Metrics } from '../health/metrics.js';
import { LOGGER } from '../nest/tokens.js';
import { unavailableRejection } from '../unavailable.js';
import { countAnswer, logAnswer, runs } from './enhancers.js';
import type { CallMessage } from './message.js';

/** Nobody reads it: the connection is closed. */
const callerLeft = reject('platform.caller-left', 'The connection closed before there was an answer.', { status: 408 });

const abandoned = (error: unknown, { request: { signal } }: CallMessage): Rejection | null =>
  signal?.aborted && (error === signal.reason || (error as { name?: unknown } | null)?.name === 'AbortError')
    ? callerLeft
    : null;

/**
 * Turns exceptions into rejections, which REST and GraphQL answer as problem documents: rejections thrown by guard and
 * pipe, 503 while the database, the log or the disk is unavailable, and what was left undone when the caller left. Anything
 * else is a bug: it is logged with its trace id and stays an exception. From within only thrown rejections are turned into
 * values; other exceptions go to the outer command, or to the job or the process, which retries.
 */
@Catch()
export class OperationFilter implements ExceptionFilter {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  catch(error: unknown, host: ArgumentsHost): Rejection {
    return this.answer(error, host.getArgByIndex<CallMessage>(0));
  }

  answer(error: unknown, message: CallMessage): Rejection {
    const thrown = error instanceof RejectionError ? error.rejection : null;
    const rejection = thrown ?? (message.trusted ? null : (abandoned(error, message) ?? unavailableRejection(error)));
    if (!runs('filter', message)) throw error;
    if (!rejection && !message.trusted) {
      const { name } = message.operation;
      this.logger.error({ err: error, operation: name, traceId: message.request.traceId }, 'operation failed');
    }
    if (runs('metrics', message)) countAnswer(this.metrics, message, rejection?.status ?? 500);
    if (runs('logging', message)) logAnswer(this.logger, message, rejection?.status ?? 500);
    if (!rejection) throw error;
    return rejection;
  }
}
