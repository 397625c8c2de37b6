import {
  type Aggregate,
  type CommandOf,
  type ContextFace,
  type EventsOf,
  type RecordCommand,
  type RecordEvent,
  type RecordType,
  streamName,
} from '@daybook/kernel';
import type { Projection, RecordAnswer } from '@daybook/projections';
import { type AnswerBinding, decide, type DecideBinding, type PerformBinding } from './binding.js';
import { type Context, context } from './context.js';
import type { FactsTable } from './facts.js';
import { uniqueField, type UniqueField } from './hold/unique-field.js';
import type { Injected, Injections } from './nest/tokens.js';
import { answerFrom, answerJoined, answerOf, channelsOf } from './query/record-list.js';

export { answerFrom, answerJoined, answerOf };

/** What a context is made of; the order does not matter. */
export type ContextPiece =
  Aggregate | BoundAggregate | Projection | RecordAnswer | AnswerBinding | DecideBinding | PerformBinding;

const ofKind = <K extends ContextPiece['kind']>(pieces: readonly ContextPiece[], kind: K) =>
  pieces.filter((one): one is Extract<ContextPiece, { kind: K }> => one.kind === kind);

/**
 * The context of a face: `contextOf(crm, [contactAggregate, contactProjection, ...contactAnswers])`. An aggregate brings its
 * commands and events, an answer of a list the channel on which its changes are told. `more` is what no piece brings.
 */
export function contextOf(
  { name, title, records, roles, samples, views }: ContextFace,
  pieces: readonly ContextPiece[],
  more: Partial<Omit<Context, 'name' | 'title' | 'records' | 'roles' | 'samples' | 'views'>> = {},
): Context {
  const aggregates = ofKind(pieces, 'aggregate');
  const answers = ofKind(pieces, 'record-answer');
  return context({
    ...more,
    name,
    title,
    records,
    roles,
    samples,
    views,
    events: [...aggregates.flatMap(({ events }) => events), ...(more.events ?? [])],
    bindings: [
      ...aggregates.map((one) => ('binding' in one ? one : bound(one)).binding),
      ...answers.map(answerOf),
      ...ofKind(pieces, 'answer'),
      ...ofKind(pieces, 'decide'),
      ...ofKind(pieces, 'perform'),
      ...(more.bindings ?? []),
    ],
    projections: [...ofKind(pieces, 'projection'), ...(more.projections ?? [])],
    channels: { ...channelsOf(answers), ...more.channels },
  });
}

export interface BoundAggregate extends Aggregate {
  readonly binding: DecideBinding;
}

/**
 * An aggregate with what its fields do not say: where the facts of its rules come from, and values that are unique by more
 * than a field. `bound(quoteAggregate, { facts: { 'trade.quote.create': { number: { held: … } } } })`. A stream for each
 * record: `trade.quote-{tenant}-{id}`.
 */
export function bound<
  R extends RecordType,
  C extends readonly RecordCommand<R>[],
  E extends readonly RecordEvent[],
  S,
  F,
  const I extends Injections = Record<never, never>,
>(
  aggregate: Aggregate<R, C, E, S, F>,
  more: {
    readonly inject?: I;
    readonly facts?: FactsTable<F, CommandOf<C[number]>, S | null, Injected<I>>;
    readonly unique?: readonly UniqueField<S | null, CommandOf<C[number]>, Injected<I>>[];
  } = {},
): BoundAggregate {
  const { record, commands: operations, events, decider } = aggregate;
  const binding = decide<S | null, CommandOf<C[number]>, EventsOf<E>, F, I>({
    ...more,
    operations,
    decider,
    events,
    stream: (input: object, { tenant }, newId) =>
      streamName(record.name, tenant, 'id' in input ? String(input.id) : newId),
    unique: [...uniqueOf(record), ...(more.unique ?? [])],
    mayChangeNothing: true,
  });
  return { ...(aggregate as unknown as Aggregate), binding };
}

/**
 * Values that one record alone has, from the options of its fields: 409 `crm.email-exists`, at the field. A record has its
 * value until it is emptied or erased. One that is archived or retired keeps it, so that bringing it back is never refused.
 */
const uniqueOf = (record: RecordType): UniqueField[] =>
  Object.entries(record.fields).flatMap(([field, { label, options }]) => {
    if (options.unique === undefined) return [];
    // An erasure empties what is reserved for the record itself.
    if (typeof options.personal === 'string')
      throw new Error(
        `${record.name}.${field} is personal data of another subject: say what is unique by uniqueField.`,
      );
    return uniqueField({
      name: `${record.name}.${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      label: label.toLowerCase(),
      pointer: `/${field}`,
      personal: options.personal === true,
      of: (state: Readonly<Record<string, unknown>> | null) =>
        state && {
          owner: String(state[record.id]),
          value: String(state[field] ?? ''),
          companyId: options.unique === 'company' ? String(state['companyId']) : null,
        },
    });
  });
