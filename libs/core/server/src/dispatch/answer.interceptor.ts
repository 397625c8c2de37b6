import { isRejection, type Rejection } from '@daybook/kernel';
import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import { map, type Observable } from 'rxjs';
import type { Config } from '../config.js';
import { CONFIG } from '../nest/tokens.js';
import type { Answered } from './dispatcher.js';
import { messageIn, runs } from './enhancers.js';
import { restrict } from './restrict.js';

/** Hides and masks what the caller's roles may not see; outside production, compares the answer with its declaration. */
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
          throw new Error(`${operation.name} answers what its declaration does not: ${checked.error.message}`);
        }
        return { ...answer, value: restrict(operation.output, answer.value, message.admitted?.rules ?? {}) };
      }),
    );
  }
}
