import { randomUUID } from 'node:crypto';
import {
  commandIdOf,
  newId,
  type Operation,
  plainTextOrEmpty,
  reject,
  type Rejection,
  RejectionError,
} from '@daybook/kernel';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { newIdOf } from '../command/command-executor.js';
import { messageIn, runs } from './enhancers.js';
import type { OperationRequest } from './request.js';
import { isReadable } from './validate.js';

/**
 * Gives a command the id that everything it does follows from: of tenant, actor, operation and Idempotency-Key, so that a
 * repeat is recognised in the stream (docs/adr/0023). A key, a version or a reason where none is taken is refused: a caller
 * who believes a condition to be held must not be left in that belief.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const message = messageIn(context);
    if (!runs('idempotency', message)) return next.handle();
    const { operation, request, admitted } = message;
    const misused = misusedHeaders(operation, request);
    if (misused) throw new RejectionError(misused);
    const key = request.idempotencyKey;
    const access = admitted?.access;
    if (key === null || !access) message.ids = { commandId: randomUUID(), newId: newId() };
    else {
      const commandId = commandIdOf(access.tenant, access.actor.id, operation.name, key);
      message.ids = { commandId, newId: newIdOf(commandId) };
    }
    return next.handle();
  }
}

const longestReason = 500;
const reasonText = plainTextOrEmpty(longestReason);

/** A reason that comes beside the input is read in the trail like one that is part of it, and held to the same rules. */
function wrongReason(reason: string): string | null {
  if (reason.length > longestReason) return `A reason takes at most ${longestReason} characters.`;
  if (!isReadable(reason)) return 'A reason takes text that can be kept: no NUL, and no half of a surrogate pair.';
  return reasonText.safeParse(reason).error?.issues[0]?.message ?? null;
}

/** Conditions a caller believes to be held must not be ignored silently. */
function misusedHeaders(operation: Operation, request: OperationRequest): Rejection | null {
  if (operation.kind === 'query') return null;
  const reason = request.reason === null ? null : wrongReason(request.reason);
  if (reason !== null) return reject('platform.reason-invalid', reason, { status: 400 });
  if (request.idempotencyKey !== null && !operation.acceptsIdempotencyKey) {
    return reject('platform.idempotency-key-not-accepted', `${operation.title} takes no Idempotency-Key.`, {
      status: 400,
    });
  }
  if (request.expectedVersion !== null && operation.ifMatch === 'none') {
    return reject('platform.version-not-accepted', `${operation.title} takes no If-Match.`, { status: 400 });
  }
  if (request.expectedVersion === null && operation.ifMatch === 'required') {
    return reject(
      'platform.version-required',
      `${operation.title} needs If-Match with the version you have seen, so that nobody's change is overwritten.`,
      { status: 428 },
    );
  }
  return null;
}
