import { connections } from '@daybook/postgres';
import type { Pool } from 'pg';

type Program = keyof typeof connections;
export interface ConnectionCount {
  readonly program: Program | 'other';
  readonly purpose: string;
  readonly open: number;
  readonly most: number | null;
}

const isProgram = (name: string): name is Program => name in connections;

/** What of this product is connected to the database now, as the server itself counts it. */
export async function connectionsNow(pool: Pool): Promise<{ items: ConnectionCount[]; open: number; most: number }> {
  const { rows } = await pool.query<{ name: string | null; open: number; all: number; most: number }>(
    `select substr(application_name, 9) as name, count(*)::int as open,
       (select count(*)::int from pg_stat_activity where datname is not null) as all,
       current_setting('max_connections')::int as most
     from pg_stat_activity where datname = current_database() and application_name like 'daybook %' group by 1`,
  );
  const found = new Map(rows.map(({ name, open }) => [name ?? '', open]));
  const own = Object.entries(connections).flatMap(([program, purposes]) =>
    Object.entries(purposes).map(([purpose, most]): ConnectionCount => {
      const name = `${program} ${purpose}`;
      const open = found.get(name) ?? 0;
      found.delete(name);
      return { program: isProgram(program) ? program : 'other', purpose, open, most };
    }),
  );
  const others = [...found].map(([purpose, open]): ConnectionCount => ({
    program: 'other',
    purpose,
    open,
    most: null,
  }));
  // This question came over one of them, so there is at least one row.
  return { items: [...own, ...others], open: rows[0]?.all ?? 0, most: rows[0]?.most ?? 0 };
}
