import { isId, personalFields } from '@daybook/kernel';
import type { ClientBase } from 'pg';
import { columnsOf } from './columns.js';
import type { Projection } from './projection.js';
import { quoted } from './rows.js';
import type { TableDeclaration } from './table.js';

/*
 * Forgets a subject in the rows of one generation (docs/adr/0016): the personal columns of his rows become null, in the
 * present and in every past version. Versions and positions stay as they are: a rebuild, which reads events whose personal
 * fields nobody can open any more, makes the same rows.
 */
export interface PersonalColumns {
  /** The column that holds the subject's id. */
  readonly subject: string;
  readonly columns: readonly string[];
}

/** The personal columns of a table, by the column that names their subject. */
export function personalColumnsOf(table: TableDeclaration): readonly PersonalColumns[] {
  const bySubject = Map.groupBy(personalFields(table.row), ([, { subject }]) => subject);
  return [...bySubject].map(([subject, marked]) => ({ subject, columns: marked.map(([name]) => name) }));
}

/** Answers how many row versions belonged to the subject. */
export async function eraseSubject(
  client: ClientBase,
  schema: string,
  projection: Projection,
  tenant: string,
  subject: string,
): Promise<number> {
  let emptied = 0;
  for (const table of projection.tables) {
    for (const { subject: named, columns } of personalColumnsOf(table)) {
      const isUuid = columnsOf(table).find(({ name }) => name === named)?.kind === 'uuid';
      if (isUuid && !isId(subject)) continue;
      const tables = table.history === 'versions' ? [table.name, `${table.name}_history`] : [table.name];
      for (const name of tables) {
        const { rowCount } = await client.query(
          `update ${quoted(schema)}.${quoted(name)} set ${columns.map((c) => `${quoted(c)} = null`).join(', ')}
           where tenant = $1 and ${quoted(named)} = $2::${isUuid ? 'uuid' : 'text'}`,
          [tenant, subject],
        );
        emptied += rowCount ?? 0;
      }
    }
  }
  return emptied;
}
