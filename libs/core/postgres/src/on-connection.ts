import type { Pool, PoolClient, QueryResult, QueryResultRow } from 'pg';

/** Rolls back what fails, and gives up a connection that cannot even do that. */
export async function onConnection<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    return await work(client);
  } catch (error) {
    await client.query('rollback').catch((reason: Error) => (broken = reason));
    throw error;
  } finally {
    client.release(broken);
  }
}

/** With several statements, the driver returns a list of results, which its types do not say. */
export const queryEach = async <R extends QueryResultRow>(client: PoolClient, statements: string) =>
  (await client.query(statements)) as unknown as QueryResult<R>[];
