import { isRejection, type Rejection } from '@daybook/kernel';
import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import { map, type Observable } from 'rxjs';
import type { Config } from '../config.js';
import { CONFIG } from '../nest/tokens.js';
import type { Answered } from './dispatcher.js';
import { messageIn, runs } from './enhancers.js';
import { restrict } from './restrict.js';

/** Hides and masks guarded fields by the caller's roles; outside production, validates the answer against its schema. */
@Injectable()
export class AnswerInterceptor implements NestInterceptor {
  private readonly checksAnswers: boolean;
  constructor(@Inject(CONFIG) { environment }: Pick<Config, 'environment'>) {
    this.checksAnswers = environment !== 'production';
  }

  intercept(context: ExecutionContext, next: CallHandler<Answered | Rejection>): Observable<unknown> {
    const message = messageIn(context);
    if (!runs('answer', message)) return next.handle();
    const { operation } = message;
    return next.handle().pipe(
      map((answer) => {
        if (isRejection(answer) || answer.held === true) return answer;
        const checked = this.checksAnswers ? operation.output.safeParse(answer.value) : null;
        if (checked?.success === false) {
          throw new Error(`The answer of ${operation.name} does not fit its schema: ${checked.error.message}`);
        }
        return { ...answer, value: restrict(operation.output, answer.value, message.admitted?.rules ?? {}) };
      }),
    );
  }
}
