import type { Command } from '@nestjs/cqrs';
import { Command as CqrsCommand, Query as CqrsQuery } from '@nestjs/cqrs';
import type { FieldRule, Operation, Rejection } from '@daybook/kernel';
import type { ExecutionContext, Type } from '@nestjs/common';
import type { Caller } from '../context.js';
import type { Access, EffectiveGrant } from './access.js';
import type { Answered, OperationRequest } from './request.js';

/** What a handler gets: validated input, authorised caller, ids. */
export interface Call {
  readonly input: Record<string, unknown>;
  readonly caller: Caller;
  readonly commandId: string;
  readonly newId: string;
  readonly causationId: string | null;
  readonly request: OperationRequest;
  readonly origin: CallOrigin;
  readonly revisions?: Access['revisions'];
}

/** A command that the product itself sends: its rights were checked before, and its id is given. */
export interface Trusted extends Pick<Call, 'caller' | 'commandId' | 'causationId'> {
  /** A step of a command, or a command of a job or a process. */
  readonly origin: 'step' | 'job' | 'process';
  readonly expectedVersion: number | null;
}

/** The result of the guard: the caller, and the grants and field rules that apply. */
export interface Admitted {
  readonly access: Access;
  readonly granting: readonly EffectiveGrant[];
  readonly rules: Readonly<Record<string, FieldRule>>;
}

/** Where the call of an operation comes from; `route` for a route that is not an operation. */
export type CallOrigin = 'rest' | 'graphql' | 'route' | Trusted['origin'];

/**
 * The message on Nest's command or query bus: one call of an operation on its way through guard, interceptors, pipe and
 * handler, with what each of them adds. Each operation has its own message class (`messageOf`).
 */
export interface OperationMessage {
  readonly operation: Operation;
  readonly raw: unknown;
  readonly request: OperationRequest;
  readonly trusted: Trusted | null;
  /** Milliseconds, by `performance.now`. */
  readonly started: number;
  /** Set by the guard. */
  admitted: Admitted | null;
  /** Set by the guard: the rights are those of a moment ago and not confirmed yet. */
  early: boolean;
  /** Set by IdempotencyInterceptor. */
  ids: Pick<Call, 'commandId' | 'newId'> | null;
}

/** A route that streams and is no operation (files, live updates): checked, logged and counted like one. */
export interface Route extends Pick<Operation, 'name' | 'title' | 'delegated'> {
  readonly kind: 'route';
  /** null: everybody who is signed in. */
  readonly permission: string | null;
}
export interface RouteMessage extends Pick<OperationMessage, 'request' | 'started'> {
  readonly operation: Route;
  readonly trusted: null;
}
/** What the table of enhancers, the log and the metrics know of a call. */
export type CallMessage = Pick<OperationMessage, 'operation' | 'request' | 'trusted' | 'started'> | RouteMessage;

export const originOf = ({ operation, trusted, request }: Omit<CallMessage, 'started'>): CallOrigin => {
  if (trusted) return trusted.origin;
  return operation.kind === 'route' ? 'route' : request.channel === 'graphql' ? 'graphql' : 'rest';
};

/** The message that a guard, interceptor, pipe or filter is called for. */
export const messageIn = (context: Pick<ExecutionContext, 'getArgByIndex'>): OperationMessage =>
  context.getArgByIndex<OperationMessage>(0);

export type MessageClass = new (
  raw: unknown,
  request: OperationRequest,
  trusted?: Trusted | null,
) => OperationMessage & Command<Answered | Rejection>;

const classes = new WeakMap<Operation, MessageClass>();

/** The message class of an operation, for which its handler is registered on Nest's command or query bus. */
export function messageOf(operation: Operation): MessageClass {
  const known = classes.get(operation);
  if (known) return known;
  class Message extends (operation.kind === 'command' ? CqrsCommand : CqrsQuery)<Answered | Rejection> {
    readonly operation = operation;
    readonly started = performance.now();
    admitted: Admitted | null = null;
    early = false;
    ids: Pick<Call, 'commandId' | 'newId'> | null = null;
    constructor(
      readonly raw: unknown,
      readonly request: OperationRequest,
      readonly trusted: Trusted | null = null,
    ) {
      super();
    }
  }
  const made = named<MessageClass>(Message, `${classNameOf(operation)}Message`);
  classes.set(operation, made);
  return made;
}

/** `accounting.entry.post` → `AccountingEntryPost`, for the names of its handler and controller in Nest. */
export const classNameOf = ({ name }: Pick<Operation, 'name'>): string =>
  name.replaceAll(/(?:^|[.-])(\w)/g, (_, first: string) => first.toUpperCase());

export const named = <T extends Type | MessageClass>(made: T, name: string): T =>
  Object.defineProperty(made, 'name', { value: name });
