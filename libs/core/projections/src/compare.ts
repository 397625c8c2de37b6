import { inTenant } from '@daybook/postgres';
import type { ClientBase, Pool } from 'pg';
import { type Column, columnsOf } from './columns.js';
import type { Generation, Running } from './registry.js';
import { groupPosition, parkedIn } from './registry.js';
import { quoted } from './rows.js';
import type { TableDeclaration } from './table.js';

/*
 * Compares a rebuilt generation with the one it will replace, at a position that both have passed. The same version must agree
 * row by row, including past versions and their positions; another version is compared as known at that position, in the columns
 * that both have. Tenants that are parked in either are skipped, and a table without history unless both are at one position.
 */
export interface Comparison {
  readonly with: string;
  readonly position: string;
  readonly equal: boolean;
  /** Per table: rows compared, rows only in the old one, rows only in the new one. */
  readonly tables: Readonly<Record<string, { rows: number; missing: number; added: number }>>;
}

export async function compareWith(pool: Pool, built: Running, old: Generation): Promise<Comparison> {
  return inTenant(
    pool,
    null,
    async (client) => {
      const reached = old.status === 'live' ? await groupPosition(client) : old.position;
      const position = built.generation.position < reached ? built.generation.position : reached;
      const parked = await parkedIn(client, [built.generation.schema, old.schema]);
      const tables: Record<string, { rows: number; missing: number; added: number }> = {};
      const isSame = built.generation.position === reached;
      for (const table of built.projection.tables) {
        if (table.history === 'none' && !isSame) continue;
        const counts = await compareTable(client, built.generation, old, table, position, parked.map((p) => p.tenant)); // prettier-ignore
        if (counts) tables[table.name] = counts;
      }
      const equal = Object.values(tables).every(({ missing, added }) => missing === 0 && added === 0);
      return { with: old.schema, position: String(position), equal, tables };
    },
    { readOnly: true, repeatableRead: true },
  );
}

async function compareTable(
  client: ClientBase,
  built: Generation,
  old: Generation,
  table: TableDeclaration,
  position: bigint,
  without: readonly string[],
) {
  const same = built.version === old.version && built.shape === old.shape;
  const { columns, history } = await shared(client, built.schema, old.schema, table);
  if (columns.length === 0) return null;
  const versions = same ? 'every' : 'known';
  const [a, b] = [old, built].map(({ schema }) => versionsOf(schema, table.name, columns, history, versions));
  const { rows } = await client.query<{ rows: string; missing: string; added: string }>(
    `with a as (${a}), b as (${b})
     select (select count(*) from b) as rows,
       (select count(*) from (select * from a except all select * from b) x) as missing,
       (select count(*) from (select * from b except all select * from a) x) as added`,
    [String(position), without],
  );
  const { rows: n, missing, added } = rows[0]!;
  return { rows: Number(n), missing: Number(missing), added: Number(added) };
}

/** Columns of the same name and type that both tables have, and whether both keep history. */
async function shared(client: ClientBase, built: string, old: string, table: TableDeclaration) {
  const { rows } = await client.query<{ table: string; name: string; n: number }>(
    `select c.relname as table, a.attname as name, count(*)::int as n
     from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relnamespace in (to_regnamespace($1), to_regnamespace($2)) and c.relname in ($3::text, $3::text || '_history')
       and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
     group by c.relname, a.attname, a.atttypid`,
    [built, old, table.name],
  );
  const inBoth = (relation: string, name: string) => rows.some((r) => r.table === relation && r.name === name && r.n === 2); // prettier-ignore
  return {
    columns: columnsOf(table).filter((c: Column) => inBoth(table.name, c.name)),
    history: inBoth(`${table.name}_history`, 'valid_to'),
  };
}

function versionsOf(
  schema: string,
  table: string,
  columns: readonly Column[],
  history: boolean,
  versions: 'every' | 'known',
): string {
  const names = ['tenant', ...columns.map((c) => c.name)].map(quoted).join(', ');
  const [present, past] = [table, `${table}_history`].map((t) => `${quoted(schema)}.${quoted(t)}`);
  const due = 'valid_from <= $1::bigint and tenant <> all($2::uuid[])';
  if (versions === 'known') {
    const known = `select ${names} from ${present} where ${due}`;
    return history ? `${known} union all select ${names} from ${past} where ${due} and valid_to > $1::bigint` : known;
  }
  const every = `select ${names}, valid_from, null::bigint as valid_to from ${present} where ${due}`;
  return history
    ? `${every} union all select ${names}, valid_from, case when valid_to <= $1::bigint then valid_to end
       from ${past} where ${due}`
    : every;
}
