import type { Pool, PoolClient } from 'pg';

/**
 * A pool that runs a callback before each statement: another process acts meanwhile, or this one is killed, which breaks the
 * connection of the statement.
 */
export function interrupted(pool: Pool, before: (text: string, kill: () => void) => Promise<void>): Pool {
  const watched = (client: PoolClient): PoolClient => {
    const { stream } = (client as unknown as { connection: { stream: { destroy(): void } } }).connection;
    const query = async (...args: unknown[]): Promise<unknown> => {
      const text = typeof args[0] === 'string' ? args[0] : String((args[0] as { text?: string }).text);
      await before(text, () => stream.destroy());
      return (client.query as (...all: unknown[]) => Promise<unknown>).apply(client, args);
    };
    return { query, release: (broken?: Error | boolean) => client.release(broken) } as unknown as PoolClient;
  };
  const connect = async (): Promise<PoolClient> => watched(await pool.connect());
  const query = async (...args: unknown[]): Promise<unknown> => {
    const client = await pool.connect();
    let broken = true;
    try {
      const answer = await (watched(client).query as (...all: unknown[]) => Promise<unknown>)(...args);
      broken = false;
      return answer;
    } finally {
      client.release(broken);
    }
  };
  return { connect, query } as unknown as Pool;
}
