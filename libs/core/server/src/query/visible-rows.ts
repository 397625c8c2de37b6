import {
  anyOf,
  type EngineColumns,
  type ReadContext,
  type RecordTable,
  type RowOf,
  type RowsOf,
  type RowVisibility,
  type TableDeclaration,
} from '@daybook/projections';
import { type RawBuilder, sql } from 'kysely';
import type { Caller } from '../binding.js';
import { allRowsFor, personOf } from '../dispatch/rights.js';

/*
 * Which rows a caller sees, where the table says who sees them (`RowVisibility`). The condition stands in the source of the rows,
 * so that no query can leave it out: lists, records, look-ups, counts, sums, exports and files all read from there.
 */
export type Reach = Pick<Caller, 'actor' | 'onBehalfOf' | 'companies' | 'parties' | 'allRows'>;
type Condition = RawBuilder<boolean>;

/** The same read, in which every table has the rows that the caller sees. */
export const seenBy = (reach: Reach, read: ReadContext): Pick<ReadContext, 'rows' | 'latest'> => {
  const only = <T extends TableDeclaration>(table: T, rows: RowsOf<T>): RowsOf<T> => {
    const conditions = table.visible === null ? [] : conditionsOf(table, table.visible, reach, read);
    if (conditions.length === 0) return rows;
    const seen = sql<
      RowOf<T> & EngineColumns
    >`(select r.* from ${rows.as('r')} where ${sql.join(conditions, sql` and `)})`;
    return { as: (alias) => seen.as(alias) };
  };
  return { rows: (table) => only(table, read.rows(table)), latest: (table) => only(table, read.latest(table)) };
};

/** Are there rows of the table that the caller does not see for the persons in them? */
export const hidesRows = ({ visible }: Pick<TableDeclaration, 'visible'>, reach: Reach): boolean =>
  visible?.persons !== undefined && allRowsFor(reach)?.includes(visible.persons.all) === false;

function conditionsOf(table: TableDeclaration, visible: RowVisibility, reach: Reach, read: ReadContext): Condition[] {
  const { companies = 'all', parties = 'all' } = reach;
  const { company, party, persons } = visible;
  const column = (name: string, of = 'r') => sql.ref(`${of}.${name}`);
  const conditions: Condition[] = [];
  if (company !== undefined && companies !== 'all')
    conditions.push(sql<boolean>`${column(company)} = ${anyOf(companies)}`);
  if (party !== undefined && parties !== 'all') {
    const own = [parties.map(({ companyId }) => companyId), parties.map((one) => one.party.type), parties.map((one) => one.party.id)]; // prettier-ignore
    const there =
      company === undefined ? sql`true` : sql`(own.company is null or own.company = ${column(company)}::text)`;
    conditions.push(sql<boolean>`(${column(party)} ->> 'type', ${column(party)} ->> 'id') in (select own.type, own.id
      from unnest(${own[0]}::text[], ${own[1]}::text[], ${own[2]}::text[]) as own(company, type, id) where ${there})`);
  }
  if (persons !== undefined && hidesRows(table, reach)) {
    const person = personOf(reach);
    const named = (of: string) => sql`(${sql.join(persons.columns.map((name) => sql`${column(name, of)} = ${person}`), sql` or `)})`; // prettier-ignore
    const same = sql.join(table.keys.map((key) => sql`${column(key, 'n')} = ${column(key)}`), sql` and `); // prettier-ignore
    if (person === null) conditions.push(sql<boolean>`false`);
    else if (read.past)
      conditions.push(
        sql<boolean>`exists (select 1 from ${read.latest(table).as('n')} where ${same} and ${named('n')})`,
      );
    else conditions.push(sql<boolean>`${named('r')}`);
  }
  return conditions;
}

/** Of records of all types, and of none (null): false for one of a type whose rows are not all seen, and not seen. */
export function recordSeen(
  { tables }: { readonly tables: readonly TableDeclaration[] },
  reach: Reach,
  { latest }: Pick<ReadContext, 'latest'>,
  type: RawBuilder<string>,
  id: RawBuilder<string>,
): RawBuilder<boolean> {
  const hiding = tables.filter(isRecordTable).filter((table) => hidesRows(table, reach));
  const conditions = hiding.map((table) => {
    return sql<boolean>`(${type} is distinct from ${table.record.name} or ${id} in (select ${recordIdIn(table, 's')} from ${latest(table).as('s')}))`;
  });
  return conditions.length === 0 ? sql<boolean>`true` : sql<boolean>`(${sql.join(conditions, sql` and `)})`;
}
/** The id by which events and what is added to records name the record of a row: `{company}/{number}` where it has no id of its own. */
export const recordIdIn = ({ keys, record }: RecordTable, alias: string): RawBuilder<string> =>
  sql.join(keys.slice(record.id === 'id' ? -1 : 0).map((name) => sql`${sql.ref(`${alias}.${name}`)}::text`), sql` || '/' || `); // prettier-ignore
const isRecordTable = (table: TableDeclaration): table is RecordTable => 'record' in table;
