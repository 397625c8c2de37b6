import { inTenant } from '@daybook/postgres';
import type { Pool } from 'pg';

/*
 * pg-boss creates and upgrades its own tables as the projector's role. All of them, also those of later versions, get
 * row-level security: only the projector sees them. Queued rows contain the ids of tenant and job and nothing else; rows of
 * pg-boss's own housekeeping contain neither.
 */
const lock = 7_204_117;
const jobTables = ['job', 'job_common'];
const carriesTenant = `name like '\\_\\_pgboss\\_\\_%' or data ? 'tenant'`;
const unsecured = `
  select c.relname as name, format('%I.%I', n.nspname, c.relname) as table
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'pgboss' and c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity)
  order by c.relname`;

/**
 * Runs as the projector, which owns the tables. Idempotent.
 *
 * The queue may already be running, here or in another projector, and locks several tables in its own order. So each table
 * gets its own transaction: with a single lock there is no deadlock.
 */
export async function secureQueue(pool: Pool): Promise<void> {
  while (await secureNext(pool));
}

const secureNext = (pool: Pool): Promise<boolean> =>
  inTenant(pool, null, async (client) => {
    // Before the check, since another projector may be securing the same table.
    await client.query('select pg_advisory_xact_lock($1)', [lock]);
    const { rows } = await client.query<{ name: string; table: string }>(`${unsecured} limit 1`);
    const [next] = rows;
    if (!next) return false;
    const check = jobTables.includes(next.name) ? carriesTenant : 'true';
    await client.query(`
      alter table ${next.table} enable row level security, force row level security;
      create policy worker on ${next.table} to daybook_projector using (true) with check (${check});`);
    return true;
  });
