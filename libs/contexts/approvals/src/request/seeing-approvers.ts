import { readAllOf } from '@daybook/kernel';
import { anyOf } from '@daybook/projections';
import { allRowsOf, type Holder, type QueryContext } from '@daybook/server';
import { recordIdIn } from '@daybook/server/query/visible-rows';
import { sql } from 'kysely';
import type { Approvables } from './approvables.js';
import { approveRequest } from './request.operations.js';
import type { About } from './request.state.js';
import { sightOf } from './visibility.js';

type Row = About & { readonly operation: string; readonly companyId: string | null };

/** Do members who may approve these requests see all of what they are about? Nobody approves what they do not see. */
export async function seeingApprovers(
  read: QueryContext,
  rows: readonly Row[],
  approvables: Approvables,
): Promise<(holder: Holder, row: Row) => boolean> {
  const named = await personsNamed(read, rows, approvables);
  const known = new Map<string, boolean>();
  return ({ personId, grants }, row) => {
    const { operation, companyId, recordType, recordId } = row;
    const key = [personId, operation, companyId].join(' ');
    const reads =
      known.get(key) ?? sightOf({ grants, isDelegate: false }, row, approveRequest.name, approvables) === 'whole';
    known.set(key, reads);
    const type = approvables.subjectOf(operation)?.type;
    if (!reads || !type || type.seenBy.length === 0) return reads;
    return (
      allRowsOf(grants).includes(readAllOf(type)) || named.get(`${recordType} ${recordId}`)?.includes(personId) === true
    );
  };
}

/** Who is named in the records of these requests as somebody who sees them, by type and id of the record. */
async function personsNamed(
  read: QueryContext,
  rows: readonly Row[],
  approvables: Approvables,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const named = new Map<string, readonly string[]>();
  for (const [operation, those] of Map.groupBy(rows, (row) => row.operation)) {
    const table = approvables.tableOf(operation);
    if (!table?.visible?.persons) continue;
    const persons = sql.join(table.visible.persons.columns.map((name) => sql`${sql.ref(`s.${name}`)}::text`));
    const ids = those.flatMap(({ recordId }) => recordId ?? []);
    const found = await sql<{ id: string; persons: (string | null)[] }>`
      select ${recordIdIn(table, 's')} as id, array[${persons}] as persons from ${read.latest(table).as('s')}
      where ${recordIdIn(table, 's')} = ${anyOf(ids)}`.execute(read.db);
    for (const one of found.rows)
      named.set(
        `${table.record.name} ${one.id}`,
        one.persons.flatMap((id) => id ?? []),
      );
  }
  return named;
}
