import { isRejection, type Rejection } from '@daybook/kernel';
import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import { type Observable, tap } from 'rxjs';
import { Metrics } from '../health/metrics.js';
import type { Answered } from './dispatcher.js';
import { messageIn, runs } from './enhancers.js';
import type { CallMessage } from './message.js';

/** Counts answers and their duration; exceptions, the guard's too, are counted by the filter. */
@Injectable()
export class MetricsInterceptor implements NestInterceptor {
  constructor(@Inject(Metrics) private readonly metrics: Metrics) {}

  intercept(context: ExecutionContext, next: CallHandler<Answered | Rejection>): Observable<unknown> {
    const message = messageIn(context);
    if (!runs('metrics', message)) return next.handle();
    return next
      .handle()
      .pipe(tap((answer) => countAnswer(this.metrics, message, isRejection(answer) ? answer.status : 'ok')));
  }
}

export const countAnswer = (metrics: Metrics, message: CallMessage, status: 'ok' | number): void =>
  metrics.operationDone(message.operation, message.request, status, secondsOf(message));

export const secondsOf = ({ started }: Pick<CallMessage, 'started'>): number => (performance.now() - started) / 1000;
