import type { DecideContext, Decider, Decision, FactsOf } from './decider.js';
import type { NewEvent } from './event.js';
import type { CommandOf, CommandOperation, InputOf } from './operation.js';
import { PersistentMap } from './persistent-map.js';
import type { Rejection } from './rejection.js';

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

/**
 * `commands` are there for the compiler: the rules are those of this list. `refused` is asked before every rule, which may then
 * rely on a narrower state `R`: a tenant that exists.
 */
export function deciderOf<
  const C extends readonly CommandOperation[],
  S,
  E extends NewEvent,
  F = undefined,
  R extends S = S,
>(tables: {
  readonly commands: C;
  readonly initial: S;
  readonly rules: RulesOf<C, R, E, F>;
  readonly folds: FoldsOf<E, S>;
  readonly refused?: (name: C[number]['name'], state: S) => Rejection | null;
}): Decider<S, CommandOf<C[number]>, E, F> {
  const rules = tables.rules as Readonly<Record<string, unknown>> as Readonly<Record<string, Rule>>;
  const folds = tables.folds as Readonly<Record<string, unknown>> as Readonly<Record<string, Fold<S>>>;
  return {
    initial: tables.initial,
    decide: ({ name, input }, state, context, facts) =>
      tables.refused?.(name, state) ?? ((rules[name] as Rule)(input, state, context, facts) as Decision<E>),
    evolve: (state, { type, data }, at) => (folds[type] as Fold<S>)(state, data, at),
  };
}

/** The map with one key more, or one less; `map` itself does not change. */
export const withKey = <K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> =>
  PersistentMap.from(map).with(key, value);
export const without = <K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> =>
  PersistentMap.from(map).without(key);
