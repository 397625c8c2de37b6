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

/** Runs as the projector, who owns the tables. Safe to repeat; changes nothing when all are secured. */
export async function secureQueue(pool: Pool): Promise<void> {
  await inTenant(pool, null, async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [lock]);
    const { rows } = await client.query<{ name: string; table: string }>(
      `select c.relname as name, format('%I.%I', n.nspname, c.relname) as table
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'pgboss' and c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity)`,
    );
    for (const { name, table } of rows) {
      const check = jobTables.includes(name) ? carriesTenant : 'true';
      await client.query(`
        alter table ${table} enable row level security, force row level security;
        create policy worker on ${table} to daybook_projector using (true) with check (${check});`);
    }
  });
}
