import type { ClientBase } from 'pg';
import { checkedGroup } from './group-change.js';
import type { GroupChange, TableDeclaration } from './table.js';
import { canonicalKey, canonicalRow, columnsOf, type ColumnKind } from './columns.js';
import { type Fold, type KeyToLoad, type Slot, slotId, type Version } from './fold.js';

/*
 * Reads and writes the rows of one generation, set-based: one query per table for the rows that a batch touches, and one statement
 * each for history, removed and current rows. Rows are sent as one JSON document per statement.
 */

const sqlTypes: Readonly<Record<ColumnKind, string>> = {
  code: 'text collate "C"', text: 'text', amount: 'numeric', decimal: 'numeric', date: 'date', instant: 'timestamptz',
  integer: 'integer', bigint: 'bigint', float: 'double precision', boolean: 'boolean', uuid: 'uuid', json: 'jsonb',
}; // prettier-ignore

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const list = (names: readonly string[], prefix = ''): string => names.map((n) => prefix + quoted(n)).join(', ');
const typed = (table: TableDeclaration, names: readonly string[]): string => {
  const columns = columnsOf(table);
  return names.map((n) => `${quoted(n)} ${sqlTypes[columns.find((c) => c.name === n)!.kind]}`).join(', ');
};

/** Loads rows and counters that are not in the fold yet, in one query per table. */
export async function load(client: ClientBase, schema: string, fold: Fold, keys: readonly KeyToLoad[]): Promise<void> {
  const byTable = new Map<TableDeclaration, Map<string, KeyToLoad>>();
  for (const key of keys) {
    const wanted = byTable.get(key.table) ?? new Map<string, KeyToLoad>();
    byTable.set(key.table, wanted.set(slotId(key.tenant, key.key), key));
  }
  for (const [table, wanted] of byTable) {
    const found = await loadRows(client, schema, table, [...wanted.values()]);
    for (const [id, key] of wanted) fold.learn(key, found.get(id) ?? null);
  }
}

async function loadRows(
  client: ClientBase,
  schema: string,
  table: TableDeclaration,
  wanted: readonly KeyToLoad[],
): Promise<Map<string, Version>> {
  const names = columnsOf(table).map((c) => c.name);
  const keys = JSON.stringify(
    wanted.map(({ tenant, key }) => ({ tenant, ...Object.fromEntries(table.keys.map((n, i) => [n, key[i]])) })),
  );
  const { rows } = await client.query<Record<string, unknown> & { tenant: string; valid_from: string }>(
    `select t.tenant, t.valid_from, ${list(names, 't.')}
     from json_to_recordset($1) as k (tenant uuid, ${typed(table, table.keys)})
     join ${quoted(schema)}.${quoted(table.name)} t
       on t.tenant = k.tenant and ${table.keys.map((n) => `t.${quoted(n)} = k.${quoted(n)}`).join(' and ')}`,
    [keys],
  );
  return new Map(
    rows.map((row) => [
      slotId(row.tenant, canonicalKey(table, row)),
      { values: canonicalRow(table, row), from: BigInt(row.valid_from) },
    ]),
  );
}

/** The counters that the fold does not know yet, all in one query. */
export async function loadCounters(
  client: ClientBase,
  schema: string,
  fold: Fold,
  wanted: readonly { table: TableDeclaration; tenant: string }[],
): Promise<void> {
  const unknown = wanted.filter(({ table, tenant }) => !fold.knowsCounter(table, tenant));
  if (unknown.length === 0) return;
  const { rows } = await client.query<{ table_name: string; tenant: string; last: string }>(
    `select table_name, tenant, last from ${quoted(schema)}._counter
     where (table_name, tenant) in (select * from unnest($1::text[], $2::uuid[]))`,
    [unknown.map(({ table }) => table.name), unknown.map(({ tenant }) => tenant)],
  );
  const last = new Map(rows.map((row) => [slotId(row.tenant, [row.table_name]), BigInt(row.last)]));
  for (const { table, tenant } of unknown)
    fold.learnCounter(table, tenant, last.get(slotId(tenant, [table.name])) ?? 0n);
}

/** Writes the rows of the fold and empties it. */
export async function flush(client: ClientBase, schema: string, fold: Fold): Promise<void> {
  for (const { table, slots, counters } of fold.drain()) {
    await writeHistory(client, schema, table, slots);
    await removeRows(
      client,
      schema,
      table,
      slots.filter((s) => s.stored && s.present.values === null),
    );
    await writePresent(
      client,
      schema,
      table,
      slots.filter((s) => s.present.values !== null),
    );
    if (table.sequence !== null) await writeCounters(client, schema, table, counters);
  }
}

/** Changes all rows of a group in one statement; what they were becomes history. */
export async function writeGroup(
  client: ClientBase,
  schema: string,
  tenant: string,
  position: bigint,
  change: GroupChange,
): Promise<void> {
  const { table } = change;
  const { where, set } = checkedGroup(change);
  const [finding, setting] = [Object.keys(where), Object.keys(set)];
  if (setting.length === 0) return;
  const relation = (name: string) => `${quoted(schema)}.${quoted(name)}`;
  const all = list(columnsOf(table).map((c) => c.name));
  const past = `insert into ${relation(`${table.name}_history`)} (tenant, valid_from, valid_to, ${all})
    select tenant, valid_from, $2, ${all} from old where valid_from < $2`;
  await client.query(
    `with found as materialized (select * from json_to_record($3) as f (${typed(table, finding)})),
       given as materialized (select * from json_to_record($4) as g (${typed(table, setting)})),
       old as materialized (
         select t.* from ${relation(table.name)} t, found f, given g
         where t.tenant = $1 and ${finding.map((n) => `t.${quoted(n)} = f.${quoted(n)}`).join(' and ')}
           and (${list(setting, 't.')}) is distinct from (${list(setting, 'g.')}))
       ${table.history === 'none' ? '' : `, past as (${past})`}
     update ${relation(table.name)} t
     set valid_from = $2, ${setting.map((n) => `${quoted(n)} = g.${quoted(n)}`).join(', ')}
     from old, given g
     where t.tenant = old.tenant and ${table.keys.map((n) => `t.${quoted(n)} = old.${quoted(n)}`).join(' and ')}`,
    [tenant, String(position), JSON.stringify(where), JSON.stringify(set)],
  );
}

async function writeHistory(client: ClientBase, schema: string, table: TableDeclaration, slots: readonly Slot[]) {
  const rows = slots.flatMap(({ tenant, past }) =>
    past.map(({ values, from, to }) => ({ tenant, valid_from: String(from), valid_to: String(to), ...values })),
  );
  if (rows.length === 0) return;
  const names = columnsOf(table).map((c) => c.name);
  await client.query(
    `insert into ${quoted(schema)}.${quoted(`${table.name}_history`)} (tenant, valid_from, valid_to, ${list(names)})
     select * from json_to_recordset($1)
       as r (tenant uuid, valid_from bigint, valid_to bigint, ${typed(table, names)})`,
    [JSON.stringify(rows)],
  );
}

async function removeRows(client: ClientBase, schema: string, table: TableDeclaration, slots: readonly Slot[]) {
  if (slots.length === 0) return;
  await client.query(
    `delete from ${quoted(schema)}.${quoted(table.name)} t
     using json_to_recordset($1) as k (tenant uuid, ${typed(table, table.keys)})
     where t.tenant = k.tenant and ${table.keys.map((n) => `t.${quoted(n)} = k.${quoted(n)}`).join(' and ')}`,
    [
      JSON.stringify(
        slots.map(({ tenant, key }) => ({ tenant, ...Object.fromEntries(table.keys.map((n, i) => [n, key[i]])) })),
      ),
    ],
  );
}

async function writePresent(client: ClientBase, schema: string, table: TableDeclaration, slots: readonly Slot[]) {
  if (slots.length === 0) return;
  const names = columnsOf(table).map((c) => c.name);
  const changing = ['valid_from', ...names.filter((n) => !table.keys.includes(n))];
  // Inserting a row twice into an append-only table is an error, not a silent change.
  const conflict =
    table.history === 'append-only'
      ? ''
      : `on conflict (tenant, ${list(table.keys)}) do update
         set ${changing.map((n) => `${quoted(n)} = excluded.${quoted(n)}`).join(', ')}`;
  await client.query(
    `insert into ${quoted(schema)}.${quoted(table.name)} (tenant, valid_from, ${list(names)})
     select * from json_to_recordset($1) as r (tenant uuid, valid_from bigint, ${typed(table, names)})
     ${conflict}`,
    [
      JSON.stringify(
        slots.map(({ tenant, present }) => ({ tenant, valid_from: String(present.from), ...present.values })),
      ),
    ],
  );
}

async function writeCounters(
  client: ClientBase,
  schema: string,
  table: TableDeclaration,
  counters: readonly (readonly [tenant: string, last: bigint])[],
) {
  await client.query(
    `insert into ${quoted(schema)}._counter (table_name, tenant, last)
     select $1, tenant, last from json_to_recordset($2) as c (tenant uuid, last bigint)
     on conflict (table_name, tenant) do update set last = excluded.last`,
    [table.name, JSON.stringify(counters.map(([tenant, last]) => ({ tenant, last: String(last) })))],
  );
}
