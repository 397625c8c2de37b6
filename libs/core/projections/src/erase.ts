import { isId, personalPlaces, withoutPersonal } from '@daybook/kernel';
import type { ClientBase } from 'pg';
import { columnsOf } from './columns.js';
import type { Projection } from './projection.js';
import { quoted } from './rows.js';
import type { TableDeclaration } from './table.js';

/*
 * Erases a subject in the rows of one generation (docs/adr/0016): the personal values in their rows become null, in the current
 * and in every past version. Row versions and positions do not change: a rebuild, which can no longer unseal the personal fields
 * of the events, makes the same rows.
 */
export interface PersonalColumns {
  /** The column with the subject's id. */
  readonly subject: string;
  readonly isUuid: boolean;
  readonly columns: readonly string[];
}

/** The columns of a table that are entirely personal, by the column that names their subject. */
export function personalColumnsOf(table: TableDeclaration): readonly PersonalColumns[] {
  const whole = personalPlaces(table.row).filter(({ path }) => path in table.row.shape);
  return [...Map.groupBy(whole, ({ subject }) => subject)].map(([subject, marked]) => ({
    subject,
    isUuid: columnsOf(table).find(({ name }) => name === subject)?.kind === 'uuid',
    columns: [...new Set(marked.map(({ path }) => path))],
  }));
}

/** The columns that contain personal data within JSON. */
export function personalWithin(table: TableDeclaration): readonly string[] {
  const within = personalPlaces(table.row).filter(({ path }) => !(path in table.row.shape));
  return [...new Set(within.map(({ path }) => /^[^.[]+/.exec(path)![0]))];
}

/** The row with the subject's personal data set to null; the same object if there is none. */
export const withoutSubject = <R extends Readonly<Record<string, unknown>>>(
  table: TableDeclaration,
  row: R,
  subject: string,
): R => withoutPersonal(table.row, row, new Set([subject]));

/** Returns the number of row versions that belonged to the subject. */
export async function eraseSubject(
  client: ClientBase,
  schema: string,
  projection: Projection,
  tenant: string,
  subject: string,
): Promise<number> {
  let emptied = 0;
  for (const table of projection.tables) {
    const { name, history } = table;
    emptied += await emptyColumns(
      client,
      schema,
      { name, history, columns: personalColumnsOf(table) },
      tenant,
      subject,
    );
    if (personalWithin(table).length === 0) continue;
    for (const relation of relationsOf(schema, table))
      emptied += await emptyWithin(client, relation, table, tenant, subject);
  }
  return emptied;
}

const relationsOf = (schema: string, { name, history }: { name: string; history: string }): string[] =>
  (history === 'versions' ? [name, `${name}_history`] : [name]).map((one) => `${quoted(schema)}.${quoted(one)}`);

export async function emptyColumns(
  client: ClientBase,
  schema: string,
  table: { readonly name: string; readonly history: string; readonly columns: readonly PersonalColumns[] },
  tenant: string,
  subject: string,
): Promise<number> {
  let emptied = 0;
  for (const { subject: named, isUuid, columns } of table.columns) {
    if (isUuid && !isId(subject)) continue;
    for (const relation of relationsOf(schema, table)) {
      const { rowCount } = await client.query(
        `update ${relation} set ${columns.map((c) => `${quoted(c)} = null`).join(', ')}
         where tenant = $1 and ${quoted(named)} = $2::${isUuid ? 'uuid' : 'text'}`,
        [tenant, subject],
      );
      emptied += rowCount ?? 0;
    }
  }
  return emptied;
}

/** Rows per batch. */
const batchRows = 200;

/** Empties personal data within JSON row by row, in bounded memory. The cursor does not see these writes. */
async function emptyWithin(
  client: ClientBase,
  name: string,
  table: TableDeclaration,
  tenant: string,
  subject: string,
): Promise<number> {
  const within = personalWithin(table);
  const columns = columnsOf(table).map((column) => `t.${quoted(column.name)}`);
  // A subject with characters that JSON or a row's text escapes is searched for in every row.
  const isPlain = /^[\w.:@-]+$/.test(subject);
  await client.query(
    `declare erased no scroll cursor for select t.ctid::text as "_place", ${columns.join(', ')} from ${name} t
     where t.tenant = $1 and ($2::text is null or strpos(lower(t::text), lower($2)) > 0)`,
    [tenant, isPlain ? subject : null],
  );
  let emptied = 0;
  for (;;) {
    const { rows } = await client.query<Record<string, unknown> & { _place: string }>(`fetch ${batchRows} from erased`);
    if (rows.length === 0) break;
    const changed = rows.flatMap((row) => {
      const without = withoutSubject(table, row, subject);
      return without === row ? [] : [without];
    });
    emptied += changed.length;
    if (changed.length === 0) continue;
    await client.query(
      `update ${name} t set ${within.map((c) => `${quoted(c)} = r.${quoted(c)}`).join(', ')}
       from json_to_recordset($1) as r ("_place" text, ${within.map((c) => `${quoted(c)} jsonb`).join(', ')})
       where t.ctid = r."_place"::tid`,
      [JSON.stringify(changed.map((row) => Object.fromEntries(['_place', ...within].map((c) => [c, row[c]]))))],
    );
  }
  await client.query('close erased');
  return emptied;
}
