import { inTenant } from '@daybook/postgres';
import type { Pool } from 'pg';

/*
 * pg-boss makes and upgrades its own tables, in the projector's name. Whatever tables there are, a later version's too,
 * get row-level security as all others have: the projector sees them, nobody else. What waits in the queue names its
 * tenant and its job and nothing more; the queue's own housekeeping names neither.
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
 * Runs as the projector, who owns the tables. Safe to repeat; changes nothing when all are secured.
 *
 * The queue already works by then, here or in another projector, and locks several tables in an order of its own. So each
 * table has a transaction to itself: who holds one lock and waits for no other is in no deadlock.
 */
export async function secureQueue(pool: Pool): Promise<void> {
  while (await secureNext(pool));
}

const secureNext = (pool: Pool): Promise<boolean> =>
  inTenant(pool, null, async (client) => {
    // Before looking: another projector may be about to secure the same.
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
