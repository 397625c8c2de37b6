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
 * Gives a command its id, derived from tenant, actor, operation and Idempotency-Key, so that a repeat is recognised in the
 * stream (docs/adr/0023). A key or version that the operation does not take is rejected, since ignoring it would let the
 * caller rely on a condition that nobody checks.
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

/** The same for a header of REST and an argument of GraphQL. */
const keyFormat = /^[\x21-\x7e]{1,200}$/;
const longestReason = 500;
const reasonText = plainTextOrEmpty(longestReason);

/** A reason from a header ends up in the audit trail like one in the input, so the same rules apply. */
function wrongReason(reason: string): string | null {
  if (reason.length > longestReason) return `The reason is longer than ${longestReason} characters. Shorten it.`;
  if (!isReadable(reason)) return 'The reason contains characters that cannot be stored: NUL or an unpaired surrogate.';
  return reasonText.safeParse(reason).error?.issues[0]?.message ?? null;
}

/** Conditions that the caller relies on must not be ignored silently. */
function misusedHeaders(operation: Operation, request: OperationRequest): Rejection | null {
  if (request.idempotencyKey !== null && !keyFormat.test(request.idempotencyKey)) {
    return reject('platform.idempotency-key-invalid', 'Idempotency-Key must have 1 to 200 visible ASCII characters.', {
      status: 400,
    });
  }
  if (operation.kind === 'query') return null;
  const reason = request.reason === null ? null : wrongReason(request.reason);
  if (reason !== null) return reject('platform.reason-invalid', reason, { status: 400 });
  if (request.idempotencyKey !== null && !operation.acceptsIdempotencyKey) {
    return reject(
      'platform.idempotency-key-not-accepted',
      `"${operation.title}" does not take an Idempotency-Key. Leave it out.`,
      {
        status: 400,
      },
    );
  }
  if (request.expectedVersion !== null && operation.ifMatch === 'none') {
    return reject('platform.version-not-accepted', `"${operation.title}" does not take If-Match. Leave it out.`, {
      status: 400,
    });
  }
  if (request.expectedVersion === null && operation.ifMatch === 'required') {
    return reject(
      'platform.version-required',
      `"${operation.title}" needs If-Match with the version that you have seen, so that you do not overwrite other changes.`,
      { status: 428 },
    );
  }
  return null;
}
