import { isId } from '@daybook/kernel';
import type { Pool, PoolClient } from 'pg';

export interface TransactionOptions {
  readonly readOnly?: boolean;
  /** One snapshot for all reads. */
  readonly repeatableRead?: boolean;
}

/**
 * Runs the work in one transaction with the tenant set for just this transaction, so that nothing leaks
 * through a pooled connection. `null` sets none: row-level security then shows nothing to the api role.
 */
export async function inTenant<T>(
  pool: Pool,
  tenant: string | null,
  work: (client: PoolClient) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  if (tenant !== null && !isId(tenant)) throw new Error('A tenant id is a UUID.');
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    // One round trip for both; the id is a checked UUID.
    await client.query(`begin ${modes(options)}; set local daybook.tenant = '${tenant ?? ''}'`);
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((reason: Error) => (broken = reason));
    throw error;
  } finally {
    client.release(broken);
  }
}

const modes = ({ readOnly, repeatableRead }: TransactionOptions): string =>
  `isolation level ${repeatableRead ? 'repeatable read' : 'read committed'} ${readOnly ? 'read only' : 'read write'}`;
