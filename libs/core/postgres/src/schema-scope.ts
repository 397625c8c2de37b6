import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { onConnection, queryEach } from './on-connection.js';

/*
 * Tables that are read before a tenant is known (password hashes, sessions, keys) belong to a schema scope. Row-level security
 * is forced on them too: they show no rows unless the transaction names the scope, so that no other query of the process sees
 * one by mistake or by injection.
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
 * Statements without parameters in one round trip, for the queries of every request; returns the rows of the last one. Only
 * validated ids may be interpolated.
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
 * SQL that lets the projector delete rows of a scoped table, read these columns only (whose row it is, never a secret in it),
 * and write the columns in `changes`.
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

/**
 * SQL of a function that enters the schema scope for its own query alone, so that this can be asked for among the statements of a
 * snapshot. Its parameters say whose rows it answers; `row` and `query` name their columns in the same order.
 */
export const scopedFunctionSql = (
  name: string,
  scope: string,
  parameters: string,
  { row, query, role = 'daybook_api' }: { readonly row: string; readonly query: string; readonly role?: string },
): string => `
create function ${name}(${parameters}) returns table (${row}) language plpgsql stable set search_path = pg_catalog, pg_temp
as $function$
declare v_scope text := coalesce(current_setting('daybook.schema_scope', true), '');
begin
  perform set_config('daybook.schema_scope', '${named(scope)}', true);
  return query ${query};
  perform set_config('daybook.schema_scope', v_scope, true);
end
$function$;
revoke all on function ${name} from public;
grant execute on function ${name} to ${role};
`;
