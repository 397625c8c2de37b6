import { poolSizes } from '@daybook/postgres';
import type { Pool } from 'pg';

type Program = keyof typeof poolSizes;
export interface ConnectionState {
  readonly program: Program;
  readonly purpose: string;
  /** `full`: the maximum of one process; further requests wait. */
  readonly state: 'none' | 'connected' | 'full';
}

/**
 * State of the connections of this product to the database. No counts, which would reveal the load of other tenants; the
 * operator has them in the metrics (docs/adr/0051).
 */
export async function connectionsNow(pool: Pool): Promise<ConnectionState[]> {
  const { rows } = await pool.query<{ name: string; open: number }>(
    `select substr(application_name, 9) as name, count(*)::int as open
     from pg_stat_activity where datname = current_database() and application_name like 'daybook %' group by 1`,
  );
  const found = new Map(rows.map(({ name, open }) => [name, open]));
  const programs = Object.entries(poolSizes) as [Program, Readonly<Record<string, number>>][];
  return programs.flatMap(([program, purposes]) =>
    Object.entries(purposes).map(([purpose, most]): ConnectionState => {
      const open = found.get(`${program} ${purpose}`) ?? 0;
      // A listener has a single connection and is never full.
      const isFull = purpose !== 'listen' && open >= most;
      return { program, purpose, state: open === 0 ? 'none' : isFull ? 'full' : 'connected' };
    }),
  );
}
