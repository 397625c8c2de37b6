import { type RawBuilder, sql } from 'kysely';

/* The order of a list, and what is behind a row in it: rows without a value come last, in reverse too. */
export interface Sort {
  readonly expression: RawBuilder<unknown>;
  of(row: Readonly<Record<string, unknown>>): unknown;
  readonly down: boolean;
  readonly nullable: boolean;
}
export type Key = readonly (string | null)[];

/** Rows without a value are last. `inRange`: of the first column there are none, or no others, so that its index serves both ways. */
export const orderBy = (order: readonly Sort[], inRange = false): RawBuilder<unknown> =>
  sql.join(
    order.map(({ expression, down, nullable }, at) => {
      if (!down) return sql`${expression} asc`;
      return nullable && !(inRange && at === 0) ? sql`${expression} desc nulls last` : sql`${expression} desc`;
    }),
  );

export const isNull = ({ expression }: Sort): RawBuilder<boolean> => sql<boolean>`${expression} is null`;

/** Behind in the first column, or equal there and behind in the others; as one comparison of rows, which an index serves, where it can be. */
export function isBehind(order: readonly Sort[], key: Key): RawBuilder<boolean> {
  const [first, ...others] = order;
  const [value = null, ...values] = key;
  if (order.length > 1 && order.every(({ down, nullable }) => !nullable && down === first?.down)) {
    const columns = sql.join(order.map(({ expression }) => expression));
    return sql<boolean>`(${columns}) ${sql.raw(first?.down ? '<' : '>')} (${sql.join(key.slice(0, order.length))})`;
  }
  if (!first) return sql<boolean>`false`;
  const column = first.expression;
  const next = isBehind(others, values);
  if (value === null) return sql<boolean>`(${isNull(first)} and ${next})`;
  const beyond = first.down ? sql<boolean>`${column} < ${value}` : sql<boolean>`${column} > ${value}`;
  const empty = first.nullable ? sql`or ${isNull(first)}` : sql``;
  return sql<boolean>`(${beyond} ${empty} or (${column} = ${value} and ${next}))`;
}

/** A value in a cursor: whole numbers too are written as text. */
export const textOf = (value: unknown): string | null => (value === null || value === undefined ? null : String(value));
