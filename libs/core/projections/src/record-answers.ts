import type { RecordList, RecordRead, RecordType, Rejection, RowOfRecord } from '@daybook/kernel';
import type { ReadContext } from './read-context.js';
import type { RecordTable } from './record-table.js';

/** Adds to rows what is computed, all of a page at once; or refuses, also where there are no rows: the company is unknown. */
export type Compute<R = unknown> = (
  rows: readonly R[],
  read: ReadContext,
  input: Readonly<Record<string, unknown>>,
) => Promise<readonly R[] | Rejection>;

/**
 * A list or a read of a record is answered from its table. The query itself (filters, order, cursor, count and sums) is made
 * by the server: libs/core/server/src/query/record-list.ts.
 */
export interface RecordAnswer {
  readonly kind: 'record-answer';
  readonly operation: RecordList | RecordRead;
  readonly table: RecordTable;
  readonly compute: Compute;
}
export function answers<R extends RecordType>(
  operation: RecordList<R> | RecordRead<R>,
  table: RecordTable<R>,
  compute: Compute<RowOfRecord<R>> = async (rows) => rows,
): RecordAnswer {
  const answer: unknown = { kind: 'record-answer', operation, table, compute };
  return answer as RecordAnswer;
}
