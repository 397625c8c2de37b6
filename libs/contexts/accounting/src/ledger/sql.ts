import { type Expression, type RawBuilder, sql } from 'kysely';

/** The signed amount of a line, debit positive. Every sum over lines uses it. */
export const signed = (line: string): RawBuilder<string> =>
  sql<string>`case when ${sql.ref(`${line}.side`)} = 'debit' then ${sql.ref(`${line}.amount`)} else -${sql.ref(`${line}.amount`)} end`;

/**
 * Joins an account of the chart to the account number of a line. The two columns have different collations, so
 * PostgreSQL needs an explicit one.
 */
export const isAccount = (number: string, named: string): Expression<boolean> =>
  sql<boolean>`${sql.ref(number)} = ${sql.ref(named)} collate "C"`;
