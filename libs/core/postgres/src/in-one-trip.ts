import type { CompiledQuery, Kysely, QueryExecutorProvider, QueryResult } from 'kysely';

/** A query of Kysely, or SQL. */
interface Statement<R = unknown> {
  compile(on: QueryExecutorProvider): CompiledQuery<R>;
}
type RowsOfEach<S extends readonly Statement[]> = {
  -readonly [K in keyof S]: S[K] extends Statement<infer R> ? R[] : never;
};

/**
 * The rows of several statements that do not need each other, in one round trip where the connections of `db` are a pipeline.
 * When one fails, so does the whole.
 */
export async function inOneTrip<const S extends readonly Statement[]>(
  db: Kysely<object>,
  ...statements: S
): Promise<RowsOfEach<S>> {
  const compiled = statements.map((one) => one.compile(db));
  const answers: QueryResult<unknown>[] = await db
    .getExecutor()
    .provideConnection((connection) => Promise.all(compiled.map((one) => connection.executeQuery(one))));
  return answers.map(({ rows }) => rows) as RowsOfEach<S>;
}
