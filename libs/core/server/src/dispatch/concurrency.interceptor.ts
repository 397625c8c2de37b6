import { isRejection, RejectionError } from '@daybook/kernel';
import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { anonymous } from './access.js';
import { ConcurrencyLimits } from './concurrency.js';
import { runs } from './enhancers.js';
import { messageIn, type OperationMessage } from './message.js';

/** Lets an operation wait until its caller and its tenant have fewer running; each alias of GraphQL is one operation. */
@Injectable()
export class ConcurrencyInterceptor implements NestInterceptor {
  constructor(@Inject(ConcurrencyLimits) private readonly limits: ConcurrencyLimits) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const message = messageIn(context);
    return runs('concurrency', message) ? from(this.inTurn(message, next)) : next.handle();
  }

  private async inTurn(message: OperationMessage, next: CallHandler): Promise<unknown> {
    const { operation, request, trusted, admitted } = message;
    const caller = trusted?.caller ?? admitted?.access ?? anonymous;
    const leave = await this.limits.enter(operation.kind, caller, request.address, request.signal);
    if (isRejection(leave)) throw new RejectionError(leave);
    try {
      return await lastValueFrom(next.handle());
    } finally {
      leave();
    }
  }
}
