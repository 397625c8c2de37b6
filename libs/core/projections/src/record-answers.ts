import type { RecordList, RecordRead, RecordType } from '@daybook/kernel';
import type { RecordTable } from './record-table.js';

/**
 * A list or a read of a record is answered from its table. The query itself (filters, order, cursor, count and sums) is made
 * by the server: libs/core/server/src/query/record-list.ts.
 */
export interface RecordAnswer {
  readonly kind: 'record-answer';
  readonly operation: RecordList | RecordRead;
  readonly table: RecordTable;
}
export const answers = <R extends RecordType>(
  operation: RecordList<R> | RecordRead<R>,
  table: RecordTable<R>,
): RecordAnswer => ({ kind: 'record-answer', operation, table }) as unknown as RecordAnswer;
