import { type Field, type FieldKind, rowOf, sortKey } from '@daybook/kernel';
import { type RecordTable, sortColumn } from '@daybook/projections';
import { type RawBuilder, sql } from 'kysely';
import * as z from 'zod';
import type { QueryContext } from '../binding.js';

/*
 * Fields of a record that its table does not have, and that its list is filtered, searched and sorted by all the same: names of
 * people, which are another tenant's; figures of plain tables. They are asked for all rows at once, and joined in SQL.
 */
type Row = Readonly<Record<string, unknown>>;
/** Computed fields by the id of the record. `ids`: these records only; null: all. A record that is left out has none. */
export type Joined<Given> = (
  ids: readonly string[] | null,
  read: QueryContext,
  given: Given,
) => Promise<ReadonlyMap<string, Row>>;

/** A table with computed fields: its rows are those of `from`. */
export interface JoinedTable extends RecordTable {
  readonly from: RawBuilder<unknown>;
}

const types: Readonly<Partial<Record<FieldKind, string>>> = {
  'yes-no': 'boolean', whole: 'integer', list: 'jsonb', instant: 'timestamptz', date: 'date', money: 'numeric', quantity: 'numeric',
  percent: 'numeric',
}; // prettier-ignore
const typeOf = ({ kind }: Field): string => types[kind] ?? 'text collate pg_c_utf8';

export function joinedTable(table: RecordTable, values: ReadonlyMap<string, Row>, read: QueryContext): JoinedTable {
  const { record } = table;
  const computed = Object.entries(record.fields).filter(([, { options }]) => options.computed);
  const sorted = computed.map(([name]) => name).filter((name) => sortColumn(record, name) !== name);
  const rows = [...values].map(([joinedId, row]) => ({
    joinedId,
    ...row,
    ...Object.fromEntries(
      sorted.map((name) => [sortColumn(record, name), typeof row[name] === 'string' ? sortKey(row[name]) : null]),
    ),
  }));
  const columns = [
    ['joinedId', 'text'],
    ...computed.map(([name, field]) => [name, typeOf(field)]),
    ...sorted.map((name) => [sortColumn(record, name), 'text collate pg_c_utf8']),
  ].map(([name = '', type = '']) => sql`${sql.ref(name)} ${sql.raw(type)}`);
  return withColumns(
    table,
    sql`(select s.*, j.* from ${read.rows(table).as('s')}
      left join jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as j(${sql.join(columns)})
        on s.${sql.ref(record.id)}::text = j."joinedId")`,
    sorted,
  );
}

/** The table with the computed fields of its record as columns of `from`; `sorted`: those with a sort key beside them. */
export function withColumns(
  table: RecordTable,
  from: RawBuilder<unknown>,
  sorted: readonly string[] = [],
): JoinedTable {
  const { record } = table;
  const shape = rowOf(record).shape as Readonly<Record<string, z.ZodType>>;
  const computed = Object.entries(record.fields).filter(([, { options }]) => options.computed);
  const row = z.object({
    ...table.row.shape,
    ...Object.fromEntries(computed.map(([name]) => [name, shape[name] as z.ZodType])),
    ...Object.fromEntries(sorted.map((name) => [sortColumn(record, name), z.string().nullable()])),
  });
  return { ...table, row: row as RecordTable['row'], from };
}
