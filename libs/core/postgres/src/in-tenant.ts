import { isId } from '@daybook/kernel';
import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { onConnection, queryEach } from './on-connection.js';

export interface TransactionOptions {
  readonly readOnly?: boolean;
  /** One snapshot for all reads. */
  readonly repeatableRead?: boolean;
}

/**
 * Runs the work in one transaction with the tenant set for this transaction only, so that it does not leak to other users of
 * a pooled connection. `null` sets none: row-level security then shows the API's role no rows.
 */
export async function inTenant<T>(
  pool: Pool,
  tenant: string | null,
  work: (client: PoolClient) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const begin = beginIn(tenant, options);
  return onConnection(pool, async (client) => {
    // One round trip for both.
    await client.query(begin);
    const result = await work(client);
    await client.query('commit');
    return result;
  });
}

/**
 * As `inTenant`, for one statement without parameters: transaction and statement are one round trip. Callers put numbers,
 * checked ids and `literal`s into it, and nothing else.
 */
export async function queryInTenant<R extends QueryResultRow>(
  pool: Pool,
  tenant: string | null,
  sql: string,
  options: TransactionOptions = {},
): Promise<R[]> {
  const [rows] = await queryEachInTenant<R>(pool, tenant, [sql], options);
  return rows!;
}

/** As `queryInTenant`, for several statements: the rows of each. */
export function queryEachInTenant<R extends QueryResultRow>(
  pool: Pool,
  tenant: string | null,
  statements: readonly string[],
  options: TransactionOptions = {},
): Promise<R[][]> {
  const text = [beginIn(tenant, options), ...statements, 'commit'].join('; ');
  return onConnection(pool, async (client) => {
    const results = await queryEach<R>(client, text);
    return results.slice(-1 - statements.length, -1).map(({ rows }) => rows);
  });
}

/** The id is a checked UUID. */
function beginIn(tenant: string | null, options: TransactionOptions): string {
  if (tenant !== null && !isId(tenant)) throw new Error('A tenant id is a UUID.');
  return `begin ${modes(options)}; set local daybook.tenant = '${tenant ?? ''}'`;
}

const modes = ({ readOnly, repeatableRead }: TransactionOptions): string =>
  `isolation level ${repeatableRead ? 'repeatable read' : 'read committed'} ${readOnly ? 'read only' : 'read write'}`;
