import type { Operation, Rejection } from '@daybook/kernel';
import type { Access } from './access.js';
import type { Route } from './message.js';
import type { OperationRequest } from './request.js';

/** The answer of an operation: { id, version, position } for commands unless declared otherwise, the output for queries. */
export interface Answered {
  readonly kind: 'answered';
  readonly value: unknown;
  /** The command waits for approval; nothing is done yet. */
  readonly held?: true;
}

/** Where REST and GraphQL run operations: each goes over Nest's command or query bus to its handler. */
export abstract class Dispatcher {
  abstract readonly operations: readonly Operation[];
  /** Authorises, limits, validates and runs. Business and input errors are values; an exception is a bug. */
  abstract run(operation: Operation, rawInput: unknown, request: OperationRequest): Promise<Answered | Rejection>;
  /** Limits and authorises, logs and counts as for an operation, for the few routes that are none (files, live updates). */
  abstract authorise(route: Route, request: OperationRequest): Promise<Access | Rejection>;
}
