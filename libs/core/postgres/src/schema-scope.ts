import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { onConnection, queryEach } from './on-connection.js';

/*
 * Tables that are asked before a tenant is known (password hashes, sessions, keys) belong to one schema scope.
 * Row-level security is forced on them too: they show nothing, unless the transaction says that it works in that schema scope,
 * so that no other query of the same process ever sees a row by accident or by injection.
 */
const named = (scope: string): string => {
  if (!/^[a-z]+$/.test(scope)) throw new Error('A schema scope is named by lower-case letters.');
  return scope;
};

/** Runs the work in one transaction that may see the tables of the schema scope. */
export const scopedTransaction = <T>(pool: Pool, scope: string, work: (client: PoolClient) => Promise<T>): Promise<T> =>
  onConnection(pool, async (client) => {
    await client.query(`begin; set local daybook.schema_scope = '${named(scope)}'`);
    const result = await work(client);
    await client.query('commit');
    return result;
  });

/**
 * Statements without parameters in one round trip, for what is asked with every request; answers the rows of the last
 * one. Callers must only put checked ids into them.
 */
export const scopedQuery = <R extends QueryResultRow>(pool: Pool, scope: string, sql: string): Promise<R[]> =>
  onConnection(pool, async (client) => {
    const results = await queryEach<R>(
      client,
      `begin; set local daybook.schema_scope = '${named(scope)}'; ${sql}; commit`,
    );
    return results.at(-2)?.rows ?? [];
  });

/**
 * SQL that lets the projector delete rows of a scoped table, and read these columns alone: what a row is about, never a
 * secret in it. Of `changes` it may write the columns.
 */
export const erasableTableSql = (
  table: string,
  scope: string,
  columns: readonly string[],
  changes: readonly string[] = [],
): string => `
  create policy erasure on ${table} to daybook_projector
    using (current_setting('daybook.schema_scope', true) = '${named(scope)}')
    with check (current_setting('daybook.schema_scope', true) = '${named(scope)}');
  grant select (${columns.join(', ')}), delete on ${table} to daybook_projector;
  ${changes.length > 0 ? `grant update (${changes.join(', ')}) on ${table} to daybook_projector;` : ''}
`;

/** SQL that closes a table for everybody but the schema scope; `role` is who may enter it. */
export const scopedTableSql = (table: string, scope: string, role = 'daybook_api'): string => `
  alter table ${table} enable row level security, force row level security;
  create policy schema_scope on ${table} to ${role}
    using (current_setting('daybook.schema_scope', true) = '${named(scope)}')
    with check (current_setting('daybook.schema_scope', true) = '${named(scope)}');
  grant select, insert, update, delete on ${table} to ${role};
`;
