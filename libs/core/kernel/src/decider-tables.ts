import type { DecideContext, Decider, Decision, FactsOf } from './decider.js';
import type { NewEvent } from './event.js';
import type { CommandOf, CommandOperation, InputOf } from './operation.js';

/*
 * A decider as two tables: a rule for each command, a fold for each event. Their types list every command and event, so
 * tables that lack one do not compile. Those of a large decider are put together from several files.
 */
export type RulesOf<C extends readonly CommandOperation[], S, E extends NewEvent, F = undefined> = {
  readonly [O in C[number] as O['name']]: (
    input: InputOf<O>,
    state: S,
    context: DecideContext,
    facts: FactsOf<F, O['name']>,
  ) => Decision<E>;
};
export type FoldsOf<E extends NewEvent, S> = {
  readonly [T in E['type']]: (state: S, data: Extract<E, { type: T }>['data'], at: { revision: number }) => S;
};

type Rule = (input: unknown, state: unknown, context: DecideContext, facts: unknown) => Decision;
type Fold<S> = (state: S, data: unknown, at: { revision: number }) => S;

export function deciderOf<const C extends readonly CommandOperation[], S, E extends NewEvent, F>(
  initial: S,
  rules: RulesOf<C, S, E, F>,
  folds: FoldsOf<E, S>,
): Decider<S, CommandOf<C[number]>, E, F> {
  const ruled = rules as Readonly<Record<string, unknown>> as Readonly<Record<string, Rule>>;
  const folded = folds as Readonly<Record<string, unknown>> as Readonly<Record<string, Fold<S>>>;
  return {
    initial,
    decide: ({ name, input }, state, context, facts) =>
      (ruled[name] as Rule)(input, state, context, facts) as Decision<E>,
    evolve: (state, { type, data }, at) => (folded[type] as Fold<S>)(state, data, at),
  };
}
