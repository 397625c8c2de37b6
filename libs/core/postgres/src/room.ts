import type { Pool, PoolClient, QueryResult, QueryResultRow } from 'pg';

/*
 * Tables that are asked before a tenant is known (password hashes, sessions, keys) belong to one room of the program.
 * Row-level security is forced on them too: they show nothing, unless the transaction says that it works in that room,
 * so that no other query of the same process ever sees a row by accident or by injection.
 */
const named = (room: string): string => {
  if (!/^[a-z]+$/.test(room)) throw new Error('A room is named by small letters.');
  return room;
};

/** Runs the work in one transaction that may see the room's tables. */
export async function inRoom<T>(pool: Pool, room: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(`begin; set local daybook.room = '${named(room)}'`);
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

/**
 * Statements without parameters in one round trip, for what is asked with every request; answers the rows of the last
 * one. The caller checks what he writes into them: ids, and nothing else.
 */
export async function askInRoom<R extends QueryResultRow>(pool: Pool, room: string, sql: string): Promise<R[]> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    const results = (await client.query(
      `begin; set local daybook.room = '${named(room)}'; ${sql}; commit`,
    )) as unknown as QueryResult<R>[];
    return results.at(-2)?.rows ?? [];
  } catch (error) {
    await client.query('rollback').catch((reason: Error) => (broken = reason));
    throw error;
  } finally {
    client.release(broken);
  }
}

/** SQL that closes a table for everybody but the room; `role` is who may enter it. */
export const roomTable = (table: string, room: string, role = 'daybook_api'): string => `
  alter table ${table} enable row level security, force row level security;
  create policy room on ${table} to ${role}
    using (current_setting('daybook.room', true) = '${named(room)}')
    with check (current_setting('daybook.room', true) = '${named(room)}');
  grant select, insert, update, delete on ${table} to ${role};
`;
