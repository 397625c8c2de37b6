import { Command, Query } from '@nestjs/cqrs';
import type { Rejection } from '@daybook/kernel';
import type { AnswerBinding, Caller, DecideBinding, PerformBinding } from '../context.js';
import type { Answered } from './dispatcher.js';
import type { OperationRequest } from './request.js';

/** What a handler needs besides the input: validated, authorised, identified. */
export interface Call {
  readonly input: Record<string, unknown>;
  readonly caller: Caller;
  readonly commandId: string;
  readonly newId: string;
  readonly causationId: string | null;
  readonly request: OperationRequest;
}

/** Every command of every context travels the command bus as this one message. */
export class Execute extends Command<Answered | Rejection> {
  constructor(
    readonly binding: DecideBinding | PerformBinding,
    readonly operation: DecideBinding['operations'][number] | PerformBinding['operation'],
    readonly call: Call,
  ) {
    super();
  }
}

/** Every query likewise. */
export class Ask extends Query<Answered | Rejection> {
  constructor(
    readonly binding: AnswerBinding | PerformBinding,
    readonly operation: AnswerBinding['operation'] | PerformBinding['operation'],
    readonly call: Call,
  ) {
    super();
  }
}
