import { isRejection, RejectionError } from '@daybook/kernel';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { messageIn, runs } from './enhancers.js';
import type { OperationMessage } from './message.js';
import { admit } from './operation.guard.js';

/** A query that started with the rights of a moment ago is answered if they still apply, and repeated if not. */
@Injectable()
export class CurrentRightsInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const message = messageIn(context);
    return message.early && runs('currentRights', message) ? from(this.confirmed(message, next)) : next.handle();
  }

  private async confirmed(message: OperationMessage, next: CallHandler): Promise<unknown> {
    const early = message.admitted?.access;
    const reading = lastValueFrom(next.handle()).then(
      (answer: unknown) => () => answer,
      (error: unknown) => () => {
        throw error;
      },
    );
    const access = await message.request.access();
    if (!isRejection(access) && access.grants === early?.grants && access.incompatible === early.incompatible) {
      return (await reading)();
    }
    message.early = false;
    const admitted = admit(message, access);
    if (isRejection(admitted)) throw new RejectionError(admitted);
    message.admitted = admitted;
    return lastValueFrom(next.handle());
  }
}
