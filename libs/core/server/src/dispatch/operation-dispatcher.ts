import { isRejection, type Operation, type Rejection, RejectionError } from '@daybook/kernel';
import { Inject, Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { LogGuard } from '../log/log-guard.js';
import { unavailableRejection } from '../unavailable.js';
import type { Access } from './access.js';
import { Bindings } from './bindings.js';
import { type Answered, Dispatcher } from './dispatcher.js';
import { RateLimits } from './limits.js';
import { messageOf } from './message.js';
import { admitByPermission, chargeLimit } from './operation.guard.js';
import type { OperationRequest } from './request.js';

/** Sends operations as messages over Nest's command or query bus. */
@Injectable()
export class OperationDispatcher extends Dispatcher {
  readonly operations: readonly Operation[];

  constructor(
    @Inject(Bindings) bindings: Bindings,
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(RateLimits) private readonly limits: RateLimits,
    @Inject(LogGuard) private readonly log: Pick<LogGuard, 'passed'>,
  ) {
    super();
    this.operations = bindings.operations;
  }

  run(operation: Operation, raw: unknown, request: OperationRequest): Promise<Answered | Rejection> {
    const message = new (messageOf(operation))(raw, request);
    return operation.kind === 'command' ? this.commands.execute(message) : this.queries.execute(message);
  }

  async authorise(
    permission: string | null,
    request: OperationRequest,
    of: { readonly delegated: boolean; readonly title: string },
  ): Promise<Access | Rejection> {
    const asked = async () => {
      await this.log.passed();
      return request.access();
    };
    const access = await asked().catch((error: unknown) => {
      const rejection = error instanceof RejectionError ? error.rejection : unavailableRejection(error);
      if (!rejection) throw error;
      return rejection;
    });
    if (isRejection(access)) return access;
    return chargeLimit(this.limits, access, request) ?? admitByPermission(permission, access, request, of);
  }
}
