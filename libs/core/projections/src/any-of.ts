import { type RawBuilder, sql } from 'kysely';

/*
 * Comparing with a list of any length: `where('e.period', '=', anyOf(periods))`. The list is one parameter, since `in ()` is not
 * valid SQL, and `in ($1, $2, …)` takes at most 65,535 values. An empty list matches nothing. ESLint refuses `in`.
 */
export const anyOf = <T>(values: readonly T[]): RawBuilder<T> => sql<T>`any(${[...values]})`;
/** `where('l.account', '<>', allOf(results))`: is not in the list. */
export const allOf = <T>(values: readonly T[]): RawBuilder<T> => sql<T>`all(${[...values]})`;
