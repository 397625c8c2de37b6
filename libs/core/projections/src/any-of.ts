import { type RawBuilder, sql } from 'kysely';

/*
 * Comparing with a list that somebody gives: `where('e.period', '=', anyOf(periods))`. One parameter, whatever the length:
 * `in ()` of an empty list is no SQL, and `in ($1, $2, …)` ends at 65,535. Nothing is one of none; ESLint refuses `in`.
 */
export const anyOf = <T>(values: readonly T[]): RawBuilder<T> => sql<T>`any(${[...values]})`;
/** `where('l.account', '<>', allOf(results))`: is none of them. */
export const allOf = <T>(values: readonly T[]): RawBuilder<T> => sql<T>`all(${[...values]})`;
