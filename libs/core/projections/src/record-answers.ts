import type { RecordList, RecordRead, RecordType, Rejection, RowOfRecord } from '@daybook/kernel';
import type { ReadContext } from './read-context.js';
import type { RecordTable } from './record-table.js';

type Input = Readonly<Record<string, unknown>>;
/** Adds to rows what is computed, all of a page at once; or refuses, also where there are no rows: the company is unknown. */
export type Compute<R = unknown, A = unknown> = (
  rows: readonly R[],
  read: ReadContext,
  input: Input,
  ahead: A,
) => Promise<readonly R[] | Rejection>;
/** What computing needs that does not depend on the rows: asked together with them. */
type Ahead<A = unknown> = (read: ReadContext, input: Input) => Promise<A>;

/**
 * A list or a read of a record is answered from its table. The query itself (filters, order, cursor, count and sums) is made
 * by the server: libs/core/server/src/query/record-list.ts.
 */
export interface RecordAnswer {
  readonly kind: 'record-answer';
  readonly operation: RecordList | RecordRead;
  readonly table: RecordTable;
  readonly compute: Compute;
  readonly ahead: Ahead;
}
export function answers<R extends RecordType, A = void>(
  operation: RecordList<R> | RecordRead<R>,
  table: RecordTable<R>,
  compute: Compute<RowOfRecord<R>, A> = async (rows) => rows,
  ahead: Ahead<A | void> = async () => undefined,
): RecordAnswer {
  const answer: unknown = { kind: 'record-answer', operation, table, compute, ahead };
  return answer as RecordAnswer;
}
