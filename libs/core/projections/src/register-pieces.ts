import type { Aggregate, RecordEvent, RecordName, RecordType, Register } from '@daybook/kernel';
import type * as z from 'zod';
import type { Projection } from './projection.js';
import { answers, type RecordAnswer } from './record-answers.js';
import { projectionOf, type RecordTable, recordTable } from './record-table.js';

const tables = new WeakMap<object, RecordTable>();
/** The read model of a register. */
export function registerTable<R extends RecordType>(of: Register<R>): RecordTable<R> {
  const { record, list } = of as unknown as Register;
  const table = tables.get(of) ?? recordTable(record, [list]);
  tables.set(of, table);
  return table as unknown as RecordTable<R>;
}

/** What a context brings for a register: its decider, its read model and the answers from it. */
export function piecesOf<R extends RecordType>(of: Register<R>): readonly (Aggregate | Projection | RecordAnswer)[] {
  const { events, list, read, aggregate } = of as unknown as Register;
  const table = registerTable(of as unknown as Register);
  return [
    aggregate,
    projectionOf(table, events as readonly RecordEvent<`${RecordName}-${string}`, z.ZodType, true>[]),
    answers(list, table),
    answers(read, table),
  ];
}
