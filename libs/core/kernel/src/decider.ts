import { type EventDeclaration, type EventsOf, isEventOf, type NewEvent, type RecordedEvent } from './event.js';
import type { CustomField } from './record/custom.js';
import { reject, type Rejection } from './rejection.js';

/** What a decision may use besides command and state. Time and ids come from here, so that deciders stay pure. */
export interface DecideContext {
  readonly now: string;
  readonly tenant: string;
  readonly actor: string;
  /** The person who acts, or in whose name somebody acts; null for a service, a job or the system. */
  readonly person?: string | null;
  /** Permissions to see every record of a type (`readAllOf`); absent for the system itself, which sees all. */
  readonly allRows?: readonly string[] | undefined;
  readonly commandId: string;
  /** A fresh UUIDv7 for a record this command creates; the same on every retry of the same command. */
  readonly newId: string;
  /** The version in If-Match; null without it. */
  readonly expectedVersion: number | null;
  readonly reason: string | null;
  /** The custom fields that the tenant defined for records of the command's type, retired ones too; soft (docs/adr/0056, 0066). */
  readonly customFields?: readonly CustomField[];
}

/** Events to append to one stream, with the record they are about and its version after them. */
export interface Accepted<E extends NewEvent = NewEvent> {
  readonly kind: 'accepted';
  readonly events: readonly E[];
  readonly id: string;
  readonly version: number;
  /** Versions of the other records in the events, by record id; a record without an entry is new and has version 1. */
  readonly others?: Readonly<Record<string, number>>;
}
export type Decision<E extends NewEvent = NewEvent> = Accepted<E> | Rejection;

export const accept = <E extends NewEvent>(id: string, version: number, ...events: E[]): Accepted<E> => ({
  kind: 'accepted',
  events,
  id,
  version,
});

/** A command as a decider sees it: the operation's name and its validated input. */
export interface Command<N extends string = string, I = unknown> {
  readonly name: N;
  readonly input: I;
}

/** Decision facts that differ by command: `ByCommand<{ 'trade.order.place': { credit: string } }>`. Others have none. */
export interface ByCommand<M> {
  readonly byCommand: M;
}
/** What `decide` gets: the facts of its command. */
export type FactsFor<F> = F extends ByCommand<infer M> ? M[keyof M] | undefined : F;
/** What the rule of one command gets. */
export type FactsOf<F, N extends string> = [F] extends [ByCommand<infer M>]
  ? N extends keyof M
    ? M[N]
    : undefined
  : F;

/**
 * A pure decider (Chassaing). `state` is a union of statuses or a small record; `evolve` never fails. `facts` are the decision
 * facts: what the decision needs from other streams, read before it and passed in.
 */
export interface Decider<S, C extends Command, E extends NewEvent, F = undefined> {
  readonly initial: S;
  decide(command: C, state: S, context: DecideContext, facts: FactsFor<F>): Decision<E>;
  evolve(state: S, event: E, at: { revision: number }): S;
}

/** The state after these events of a stream; events of other types are skipped. */
export async function fold<S, const L extends readonly EventDeclaration[]>(
  decider: { readonly initial: S; evolve(state: S, event: EventsOf<L>, at: { revision: number }): S },
  declared: L,
  events: AsyncIterable<RecordedEvent>,
): Promise<S> {
  let state = decider.initial;
  for await (const event of events) if (isEventOf(declared, event)) state = decider.evolve(state, event, event);
  return state;
}

/** Rejects a command (412) whose If-Match names another version than the record has now. */
export const checkVersion = (context: DecideContext, actual: number): Rejection | null =>
  context.expectedVersion === null || context.expectedVersion === actual
    ? null
    : reject(
        'platform.version-stale',
        `Somebody else changed this: it is now at version ${actual}, and you saw version ${context.expectedVersion}. Read it again, then repeat.`,
        { status: 412, details: { expected: context.expectedVersion, actual } },
      );
