import type { Aggregate, RecordEvent, RecordName, RecordType, Register } from '@daybook/kernel';
import type * as z from 'zod';
import type { Projection } from './projection.js';
import { answers, type RecordAnswer } from './record-answers.js';
import { projectionOf, recordTable } from './record-table.js';

/** What a context brings for a register: its decider, its read model and the answers from it. */
export function piecesOf<R extends RecordType>(of: Register<R>): readonly (Aggregate | Projection | RecordAnswer)[] {
  const { record, events, list, read, aggregate } = of as unknown as Register;
  const table = recordTable(record, [list]);
  return [
    aggregate,
    projectionOf(table, events as readonly RecordEvent<`${RecordName}-${string}`, z.ZodType, true>[]),
    answers(list, table),
    answers(read, table),
  ];
}
