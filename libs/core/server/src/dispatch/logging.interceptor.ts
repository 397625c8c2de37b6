import { isRejection, type Rejection } from '@daybook/kernel';
import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import { type Observable, tap } from 'rxjs';
import type { Logger } from 'pino';
import { LOGGER } from '../nest/tokens.js';
import type { Answered } from './dispatcher.js';
import { messageIn, runs } from './enhancers.js';
import type { CallMessage } from './message.js';
import { secondsOf } from './metrics.interceptor.js';

/** Logs each answer at debug level, and a warning for 401 and 403; exceptions are logged by the filter. */
@Injectable()
export class LoggingInterceptor implements NestInterceptor {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  intercept(context: ExecutionContext, next: CallHandler<Answered | Rejection>): Observable<unknown> {
    const message = messageIn(context);
    if (!runs('logging', message)) return next.handle();
    return next
      .handle()
      .pipe(tap((answer) => logAnswer(this.logger, message, isRejection(answer) ? answer.status : 'ok')));
  }
}

/** People are logged by id, never by name. */
export function logAnswer(logger: Logger, message: CallMessage, status: 'ok' | number): void {
  const { operation, request } = message;
  const { channel, traceId } = request;
  logger.debug({ operation: operation.name, channel, status, seconds: secondsOf(message), traceId }, 'operation');
  if (status === 401 || status === 403) void logRefused(logger, message, status);
}

async function logRefused(logger: Logger, { operation, request }: CallMessage, status: number): Promise<void> {
  const access = await request.access();
  const who = isRejection(access) ? null : { tenant: access.tenant, actor: access.actor.id };
  const { channel, traceId } = request;
  logger.warn({ operation: operation.name, status, ...who, channel, traceId }, 'refused');
}
