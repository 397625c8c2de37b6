import type { ByCommand, DecideContext, Decider, FactsOf } from '../decider.js';
import type { EventOf, EventsOf, NewEvent } from '../event.js';
import type { CommandOf } from '../operation.js';
import type { RecordEvent } from './record-events.js';
import type { RecordCommand } from './record-operations.js';
import { emptyOf, type RecordType, type StateOfRecord } from './record.js';
import { type Present, type Ruling, step } from './record-step.js';

/*
 * The aggregate of one record: a stream for each, `crm.contact-{tenant}-{id}`. What is the same for every record is in
 * record-step.ts; what is left are the rules: one for each command, by its verb.
 */
type EventList = readonly RecordEvent[];
type CommandList<R extends RecordType> = readonly RecordCommand<R>[];

type ByVerb<C extends readonly RecordCommand[], V> = Extract<C[number], { readonly of: { readonly verb: V } }>;
type StateFor<O, S> = O extends { readonly of: { readonly does: 'create' } } ? null : S;
/** What may be done with a record, and what is never allowed. `create` gets the new record's id with the input. */
export type RecordRules<R extends RecordType, C extends CommandList<R>, E extends NewEvent, S, F> = {
  readonly [V in C[number]['of']['verb']]: (
    input: NonNullable<ByVerb<C, V>['asks']>,
    state: StateFor<ByVerb<C, V>, S>,
    context: DecideContext,
    facts: FactsOf<F, ByVerb<C, V>['name']>,
  ) => Ruling<E>;
};
/** Says which facts rules get, by command: `facts: needs<QuoteFacts>()`. The binding of the aggregate says where they come from. */
export const needs = <M extends object>(): ByCommand<M> => ({}) as ByCommand<M>;
/** Folds of the events that do not say what they set: each answers what changes. */
export type RecordFolds<E extends EventList, S> = {
  readonly [D in E[number] as D['foldsItself'] extends true ? never : D['name']]: (
    state: S,
    data: EventOf<D>['data'],
  ) => Partial<S>;
};

export interface Aggregate<
  R extends RecordType = RecordType,
  C extends CommandList<R> = CommandList<R>,
  E extends EventList = EventList,
  S = unknown,
  F = unknown,
> {
  readonly kind: 'aggregate';
  readonly record: R;
  readonly commands: C;
  readonly events: E;
  readonly decider: Decider<S | null, CommandOf<C[number]>, EventsOf<E>, F>;
}

export function aggregate<
  R extends RecordType,
  const C extends CommandList<R>,
  const E extends EventList,
  X extends object = object,
  F = undefined,
>(
  record: R,
  declared: {
    commands: C;
    events: E;
    /** What rules need of other streams: `needs<…>()`. An aggregate with facts is a piece of its context by `bound`. */
    facts?: F;
    rules: RecordRules<R, C, EventsOf<E>, StateOfRecord<R> & X, F>;
    /** What the state has besides the record's fields, as it is before the first event. */
    initial?: X;
  } & (keyof RecordFolds<E, StateOfRecord<R> & X> extends never
    ? { folds?: undefined }
    : { folds: RecordFolds<E, StateOfRecord<R> & X> }),
): Aggregate<R, C, E, StateOfRecord<R> & X, F> {
  const { commands, events, initial } = declared;
  const rules = declared.rules as Readonly<Record<string, unknown>> as Readonly<Record<string, Rule>>;
  const folds = (declared.folds ?? {}) as unknown as Readonly<
    Record<string, (state: Present, data: unknown) => object>
  >;
  const decider: Decider<Present | null, CommandOf<RecordCommand>, NewEvent, unknown> = {
    initial: null,
    decide: ({ name, input }, state, context, facts) => {
      const operation = commands.find((one) => one.name === name) as RecordCommand;
      const rule = rules[operation.of.verb] as Rule;
      return step(operation, events, state, input, context, (asked) => rule(asked, state, context, facts));
    },
    evolve: (state, { type, data }) => {
      const before = state ?? { ...emptyOf(record), ...initial, version: 0 };
      const set =
        events.find((one) => one.name === type)?.sets?.(data as Readonly<Record<string, unknown>>) ??
        folds[type]?.(before, data);
      return { ...before, ...set, version: before.version + 1 };
    },
  };
  return {
    kind: 'aggregate',
    record,
    commands,
    events,
    decider: decider as unknown as Aggregate<R, C, E, StateOfRecord<R> & X, F>['decider'],
  };
}
type Rule = (input: unknown, state: unknown, context: DecideContext, facts: unknown) => Ruling;
