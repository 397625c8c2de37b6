import type { Command, DecideContext, Decider, Decision, FactsFor } from '../decider.js';
import type { NewEvent } from '../event.js';
import { isRejection, type Rejection } from '../rejection.js';

/*
 * Given events, when a command, then events or a rejection. Pure: no product and no database. Contexts import it, and what is
 * the same for read models, from `@daybook/projections/testing/given`.
 *
 *   const { given } = deciding(contactAggregate);
 *   expect(outcome(given(created).when('crm.contact.archive', { id }))).toEqual([contactArchived.of({ id })]);
 *   expect(outcome(given(created, archived).when('crm.contact.change', { id, title: 'CFO' }))).toBe('crm.contact-archived');
 */
export const testId = (n: number): string => `0190a1b2-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

export const testContext: DecideContext = {
  now: '2026-04-01T08:00:00.000Z',
  tenant: testId(0xa001),
  actor: testId(7),
  person: testId(7),
  commandId: testId(8),
  newId: testId(9),
  expectedVersion: null,
  reason: null,
};

type Deciding<S, C extends Command, E extends NewEvent, F> =
  Decider<S, C, E, F> | { readonly decider: Decider<S, C, E, F> };
type InputOf<C extends Command, N> = Extract<C, { readonly name: N }>['input'];
type At<F> = Partial<DecideContext> & { readonly facts?: FactsFor<F> };

/** How a decider or an aggregate is specified. `usual` is what its commands get unless a spec says otherwise. */
export function deciding<S, C extends Command, E extends NewEvent, F>(of: Deciding<S, C, E, F>, usual: At<F> = {}) {
  const decider = 'decider' in of ? of.decider : of;
  const fold = (events: readonly E[], from: S = decider.initial): S =>
    events.reduce((state, event, revision) => decider.evolve(state, event, { revision }), from);
  const decideCommand = (state: S, command: C, at: At<F> = {}): Decision<E> => {
    const { facts, ...context } = { ...testContext, ...usual, ...at };
    return decider.decide(command, state, context, facts as FactsFor<F>);
  };
  const decide = <N extends C['name']>(state: S, name: N, input: InputOf<C, N>, at?: At<F>): Decision<E> =>
    decideCommand(state, { name, input } as unknown as C, at);
  const given = (...events: readonly E[]) => ({
    when: <N extends C['name']>(name: N, input: InputOf<C, N>, at?: At<F>) => decide(fold(events), name, input, at),
    whenSent: (command: C, at?: At<F>) => decideCommand(fold(events), command, at),
  });
  return { given, fold, decide, decideCommand };
}

/** The events of a decision, or the code of its rejection. */
export const outcome = <E extends NewEvent>(decision: Decision<E>): readonly E[] | string =>
  isRejection(decision) ? decision.code : decision.events;

/** The same with the version of the record. */
export const versioned = <E extends NewEvent>(decision: Decision<E>) =>
  isRejection(decision) ? decision.code : { version: decision.version, events: [...decision.events] };
export function rejected(decision: Decision): Rejection {
  if (!isRejection(decision)) throw new Error(`Expected a rejection, got ${JSON.stringify(decision)}`);
  return decision;
}
export function accepted<E extends NewEvent>(decision: Decision<E>) {
  if (isRejection(decision)) throw new Error(`Expected acceptance, got ${decision.code}: ${decision.message}`);
  return decision;
}
