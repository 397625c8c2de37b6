import { type Aggregate, type ContextFace, streamName } from '@daybook/kernel';
import type { Projection, RecordAnswer } from '@daybook/projections';
import { type AnswerBinding, decide, type DecideBinding, type PerformBinding } from './binding.js';
import { type Context, context } from './context.js';
import { answerOf, channelsOf } from './query/record-list.js';

export { answerOf };

/** What a context is made of; the order does not matter. */
export type ContextPiece = Aggregate | Projection | RecordAnswer | AnswerBinding | DecideBinding | PerformBinding;

const ofKind = <K extends ContextPiece['kind']>(pieces: readonly ContextPiece[], kind: K) =>
  pieces.filter((one): one is Extract<ContextPiece, { kind: K }> => one.kind === kind);

/**
 * The context of a face: `contextOf(crm, [contactAggregate, contactProjection, ...contactAnswers])`. An aggregate brings its
 * commands and events, an answer of a list the channel on which its changes are told. `more` is what no piece brings.
 */
export function contextOf(
  { name, title, records }: ContextFace,
  pieces: readonly ContextPiece[],
  more: Partial<Omit<Context, 'name' | 'title' | 'records'>> = {},
): Context {
  const aggregates = ofKind(pieces, 'aggregate');
  const answers = ofKind(pieces, 'record-answer');
  return context({
    ...more,
    name,
    title,
    records,
    events: [...aggregates.flatMap(({ events }) => events), ...(more.events ?? [])],
    bindings: [
      ...aggregates.map(boundAggregate),
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

/** A stream for each record: `crm.contact-{tenant}-{id}`. */
const boundAggregate = ({ record, commands, events, decider }: Aggregate): DecideBinding =>
  decide({
    operations: commands,
    decider,
    events,
    stream: (input, { tenant }, newId) => streamName(record.name, tenant, 'id' in input ? String(input['id']) : newId),
    mayChangeNothing: true,
  });
