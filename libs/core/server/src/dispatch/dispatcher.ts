import type { Operation, Rejection } from '@daybook/kernel';
import type { Access } from './access.js';
import type { OperationRequest } from './request.js';

/** What an operation answered: for commands { id, version, position } (or what the operation declares), for queries the output. */
export interface Answered {
  readonly kind: 'answered';
  readonly value: unknown;
  /** The command waits for a second person; nothing is done yet. */
  readonly held?: true;
}

/** Where REST, GraphQL and the command line ask for operations: each goes over Nest's buses to its handler. */
export abstract class Dispatcher {
  abstract readonly operations: readonly Operation[];
  /** Validates, authorises, limits, records and runs. Business and input errors are values; an exception is a bug. */
  abstract run(operation: Operation, rawInput: unknown, request: OperationRequest): Promise<Answered | Rejection>;
  /** Rights and limits alone, for the few routes that are no operations (files, live updates). */
  abstract authorise(
    permission: string | null,
    request: OperationRequest,
    of: { readonly delegated: boolean; readonly title: string },
  ): Promise<Access | Rejection>;
}
