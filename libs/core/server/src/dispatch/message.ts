import type { Command } from '@nestjs/cqrs';
import { Command as CqrsCommand, Query as CqrsQuery } from '@nestjs/cqrs';
import type { FieldRule, Operation, Rejection } from '@daybook/kernel';
import type { Type } from '@nestjs/common';
import type { Caller } from '../context.js';
import type { Access, EffectiveGrant } from './access.js';
import type { Answered } from './dispatcher.js';
import type { OperationRequest } from './request.js';

/** What a handler needs besides the input: authorised, identified. */
export interface Call {
  readonly input: Record<string, unknown>;
  readonly caller: Caller;
  readonly commandId: string;
  readonly newId: string;
  readonly causationId: string | null;
  readonly request: OperationRequest;
}

/** A command that the product itself sends: whose rights were asked for before, and under which id. */
export interface Trusted extends Pick<Call, 'caller' | 'commandId' | 'causationId'> {
  /** A step of a command, or a command of a job. */
  readonly origin: 'step' | 'job';
  readonly expectedVersion: number | null;
}

/** What the guard found: who asks, and what their rights let them see here. */
export interface Admitted {
  readonly access: Access;
  readonly granting: readonly EffectiveGrant[];
  readonly rules: Readonly<Record<string, FieldRule>>;
}

/** The way an operation came in. */
export type CallOrigin = 'rest' | 'graphql' | Trusted['origin'];

/**
 * One operation on its way through guard, interceptors, pipe and handler: what came in, and what each of them adds. The
 * message of Nest's buses; each operation has a class of its own (`messageOf`).
 */
export interface OperationMessage {
  readonly operation: Operation;
  readonly raw: unknown;
  readonly request: OperationRequest;
  readonly trusted: Trusted | null;
  /** Milliseconds, by `performance.now`. */
  readonly started: number;
  /** By the guard. */
  admitted: Admitted | null;
  /** By the guard: the rights are those of a moment ago, and not yet known to be those of now. */
  early: boolean;
  /** By the interceptor of ids. */
  ids: Pick<Call, 'commandId' | 'newId'> | null;
}

export const originOf = ({ trusted, request }: Pick<OperationMessage, 'trusted' | 'request'>): CallOrigin =>
  trusted ? trusted.origin : request.channel === 'graphql' ? 'graphql' : 'rest';

export type MessageClass = new (
  raw: unknown,
  request: OperationRequest,
  trusted?: Trusted | null,
) => OperationMessage & Command<Answered | Rejection>;

const classes = new WeakMap<Operation, MessageClass>();

/** The message of an operation: what its handler on Nest's command or query bus is registered for. */
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
  const made = named(Message as unknown as MessageClass, `${classNameOf(operation)}Message`);
  classes.set(operation, made);
  return made;
}

/** `accounting.entry.post` → `AccountingEntryPost`: what Nest calls its handler and its route. */
export const classNameOf = ({ name }: Pick<Operation, 'name'>): string =>
  name.replaceAll(/(?:^|[.-])(\w)/g, (_, first: string) => first.toUpperCase());

export const named = <T extends Type | MessageClass>(made: T, name: string): T =>
  Object.defineProperty(made, 'name', { value: name });
