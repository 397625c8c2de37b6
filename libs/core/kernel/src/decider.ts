import type { NewEvent } from './event.js';
import { reject, type Rejection } from './rejection.js';

/** What a pure decision may know besides command and state. Now, actor and ids arrive here, never from a clock. */
export interface DecideContext {
  readonly now: string;
  readonly tenant: string;
  readonly actor: string;
  readonly commandId: string;
  /** A fresh UUIDv7 for a record this command creates; the same on every retry of the same command. */
  readonly newId: string;
  /** The record version the caller pinned with If-Match; null where he did not. */
  readonly expectedVersion: number | null;
  readonly reason: string | null;
}

/** Accepted: events for one stream, the record they are about and its version after them. */
export interface Accepted<E extends NewEvent = NewEvent> {
  readonly kind: 'accepted';
  readonly events: readonly E[];
  readonly id: string;
  readonly version: number;
  /** Versions of other records the events speak of, by record id; 1 (just made) for those not named. */
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

/**
 * A pure decider (Chassaing). `state` is a union of statuses or a small record; `evolve` never fails.
 * `facts` are read from other streams before deciding and passed in.
 */
export interface Decider<S, C extends Command, E extends NewEvent, F = undefined> {
  readonly initial: S;
  decide(command: C, state: S, context: DecideContext, facts: F): Decision<E>;
  evolve(state: S, event: E, at: { revision: number }): S;
}

/** Stale? The caller pinned a version that is no longer the record's: 412, decided in the decider. */
export const checkVersion = (context: DecideContext, actual: number): Rejection | null =>
  context.expectedVersion === null || context.expectedVersion === actual
    ? null
    : reject(
        'platform.version-stale',
        `Somebody changed this meanwhile: it is at version ${actual}, you saw version ${context.expectedVersion}. Read it again, then repeat.`,
        { status: 412, details: { expected: context.expectedVersion, actual } },
      );
