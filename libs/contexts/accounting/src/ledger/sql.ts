import { anyOf } from '@daybook/projections';
import type { Caller } from '@daybook/server';
import { type Expression, type RawBuilder, sql } from 'kysely';

/** A line's amount with its sign, debit positive; the rule of every sum over lines. */
export const signed = (line: string): RawBuilder<string> =>
  sql<string>`case when ${sql.ref(`${line}.side`)} = 'debit' then ${sql.ref(`${line}.amount`)} else -${sql.ref(`${line}.amount`)} end`;

/** Text in any of the columns, as a person types it: no pattern characters, no difference of case. */
export const contains = (text: string, ...columns: string[]): Expression<boolean> => {
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
  return sql<boolean>`(${sql.join(
    columns.map((column) => sql`${sql.ref(column)} ilike ${pattern}`),
    sql` or `,
  )})`;
};

/**
 * An account of the chart is the one a line names. Both compare by code point, yet a key sorts as a code and a plain
 * field as text, and PostgreSQL wants to be told which of two collations counts.
 */
export const isAccount = (number: string, named: string): Expression<boolean> =>
  sql<boolean>`${sql.ref(number)} = ${sql.ref(named)} collate "C"`;

/** Rows of the companies that the caller's rights reach; all of them for the program itself. */
export function reachable({ companies }: Pick<Caller, 'companies'>, column: string): Expression<boolean> {
  if (companies === undefined || companies === 'all') return sql<boolean>`true`;
  return sql<boolean>`${sql.ref(column)} = ${anyOf(companies)}`;
}
