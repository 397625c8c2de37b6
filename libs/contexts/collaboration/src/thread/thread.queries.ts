import { setImmediate as turn } from 'node:timers/promises';
import type { Rejection } from '@daybook/kernel';
import type { QueryContext } from '@daybook/server';
import type { ReadableRecord, ReadableRecords } from '@daybook/server/record/readable-records';
import { keyOf } from './thread.binding.js';
import { recordNotFound } from './thread.decider.js';
import type { ThreadRecord } from './thread.schema.js';

/**
 * What is said about a record, asked in the round trip of the question whether the caller may read the record: behind it, since a
 * connection answers in order. Who may not is told so at once, whatever becomes of the rest: neither its time nor its failure
 * tells them that there is something.
 */
export async function saidOf<T>(
  records: ReadableRecords,
  read: QueryContext,
  record: ThreadRecord,
  rows: () => Promise<T>,
): Promise<Rejection | { readonly said: T; readonly record: ReadableRecord }> {
  await read.admitted();
  let isOver = false;
  // Who is refused without a question to the database has no snapshot any more.
  const said = turn().then(async () => (isOver ? null : { said: await rows() }));
  said.catch(() => undefined);
  try {
    const found = await records.find(read, read.caller, keyOf(record));
    const rest = found && (await said);
    return rest ? { ...rest, record: found } : recordNotFound;
  } finally {
    isOver = true;
  }
}

/** The records of rows, of whatever types; null for each that the caller may not read. */
export async function recordsOf(
  records: ReadableRecords,
  read: QueryContext,
  rows: readonly ThreadRecord[],
): Promise<readonly (ReadableRecord | null)[]> {
  await read.admitted();
  return records.findEach(read, read.caller, rows.map(keyOf));
}
