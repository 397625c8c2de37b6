import { inTenant, literal, queryInTenant } from '@daybook/postgres';
import type { Pool, PoolClient } from 'pg';
import { openPersonal, sealPersonal, subjectsIn } from '../personal-data.js';
import type { Sealer } from '../sealer.js';
import { owningTenant } from '../serialize-append.js';
import {
  type NewSnapshot,
  type SnapshotEntry,
  SnapshotGone,
  type SnapshotKind,
  type Snapshots,
  type StreamSnapshot,
} from '../snapshots.js';

/** Entries written by one statement, and read as one page. */
const pageEntries = 5_000;
/** Snapshots of other code are kept so long, for a version that still runs beside this one. */
const otherCodeKept = '1 day';

type Row<T> = { readonly [K in keyof T]: T[K] extends bigint ? string : T[K] };
type EntryRow = SnapshotEntry & { readonly revision: number };

/** Snapshots in PostgreSQL, whichever store holds the log; personal data in them is sealed as in events. */
export class PostgresSnapshots implements Snapshots {
  constructor(
    private readonly pool: Pool,
    private readonly sealer: Sealer,
  ) {}

  async load(stream: string, { code, personal }: SnapshotKind): Promise<StreamSnapshot | null> {
    const tenant = owningTenant(stream);
    const [found] = await queryInTenant<Row<StreamSnapshot>>(
      this.pool,
      tenant,
      `select id, revision, event_id as "eventId", position, state from store.snapshots
       where stream = ${literal(stream)} and code = ${literal(code)}`,
      { readOnly: true },
    );
    if (!found) return null;
    const state = personal ? await openPersonal(personal, found.state, tenant, this.sealer) : found.state;
    return { ...found, position: BigInt(found.position), state };
  }

  async entries(
    stream: string,
    kind: SnapshotKind,
    { id, revision }: { id: string; revision: number },
    keys: readonly string[],
  ): Promise<SnapshotEntry[]> {
    const tenant = owningTenant(stream);
    // One row at least where the snapshot is there.
    const rows = await queryInTenant<Partial<SnapshotEntry>>(
      this.pool,
      tenant,
      `select e.map, e.key, e.value from store.snapshots s
       left join store.snapshot_entries e
         on e.snapshot = s.id and e.revision <= ${literal(revision)} and e.key in (${keys.map(literal).join(', ')})
       where s.id = ${literal(id)} order by e.revision`,
      { readOnly: true },
    );
    if (rows.length === 0) throw new SnapshotGone(`The snapshot of ${stream} was dropped.`);
    return this.opened(rows.filter(isEntry), kind, tenant);
  }

  async *allEntries(
    stream: string,
    kind: SnapshotKind,
    { id, revision }: { id: string; revision: number },
  ): AsyncIterable<SnapshotEntry> {
    const tenant = owningTenant(stream);
    for (let last: readonly [string, string] = ['', '']; ;) {
      const rows = await queryInTenant<EntryRow>(
        this.pool,
        tenant,
        `select distinct on (key, map) map, key, value from store.snapshot_entries
         where snapshot = ${literal(id)} and revision <= ${literal(revision)}
           and (key, map) > (${last.map(literal).join(', ')})
         order by key, map, revision desc limit ${pageEntries}`,
        { readOnly: true },
      );
      yield* await this.opened(rows, kind, tenant);
      const end = rows.at(-1);
      if (!end) return;
      last = [end.key, end.map];
    }
  }

  private opened(
    rows: readonly SnapshotEntry[],
    { personalIn }: SnapshotKind,
    tenant: string,
  ): Promise<SnapshotEntry[]> {
    return Promise.all(
      rows.map(async ({ map, key, value }) => {
        const schema = personalIn?.[map];
        return { map, key, value: schema ? await openPersonal(schema, value, tenant, this.sealer) : value };
      }),
    );
  }

  async save(stream: string, kind: SnapshotKind, snapshot: NewSnapshot): Promise<string | null> {
    const tenant = owningTenant(stream);
    const { personal } = kind;
    const subjects = new Set(personal ? subjectsIn(personal, snapshot.state) : []);
    const state = personal ? await sealPersonal(personal, snapshot.state, tenant, this.sealer) : snapshot.state;
    return inTenant(this.pool, tenant, async (client) => {
      const id = await this.head(client, stream, kind, { ...snapshot, state });
      if (id === null) return null;
      for (const page of pagesOf(snapshot.entries)) {
        const sealed = await Promise.all(
          page.map(async ({ map, value }) => {
            const schema = kind.personalIn?.[map];
            if (!schema) return JSON.stringify(value);
            for (const subject of subjectsIn(schema, value)) subjects.add(subject);
            return JSON.stringify(await sealPersonal(schema, value, tenant, this.sealer));
          }),
        );
        await client.query(
          `insert into store.snapshot_entries (snapshot, tenant, map, key, revision, value)
           select $1, $2, map, key, $3, value::json from unnest($4::text[], $5::text[], $6::text[]) as e(map, key, value)
           on conflict do nothing`,
          [id, tenant, snapshot.revision, page.map(({ map }) => map), page.map(({ key }) => key), sealed],
        );
      }
      await client.query(
        'update store.snapshots set subjects = array(select distinct unnest(subjects || $2::text[])) where id = $1',
        [id, [...subjects]],
      );
      return id;
    });
  }

  /** The snapshot's own row, locked until the transaction ends. */
  private async head(
    client: PoolClient,
    stream: string,
    { code }: SnapshotKind,
    { follows, revision, eventId, position, state }: NewSnapshot,
  ): Promise<string | null> {
    const values = [revision, eventId, String(position), JSON.stringify(state)];
    if (follows === null) {
      const { rows } = await client.query<{ id: string }>(
        `insert into store.snapshots (tenant, stream, code, revision, event_id, position, state)
         values ($5, $6, $7, $1, $2, $3, $4) on conflict (stream, code) do nothing returning id`,
        [...values, owningTenant(stream), stream, code],
      );
      await client.query(
        `delete from store.snapshots where stream = $1 and code <> $2 and written_at < now() - $3::interval`,
        [stream, code, otherCodeKept],
      );
      return rows[0]?.id ?? null;
    }
    const { rows } = await client.query<{ isLater: boolean }>(
      `select revision < $2 as "isLater" from store.snapshots where id = $1 for update`,
      [follows, revision],
    );
    if (!rows[0]) throw new SnapshotGone(`The snapshot of ${stream} was dropped.`);
    if (!rows[0].isLater) return null;
    await client.query(
      `update store.snapshots set revision = $1, event_id = $2, position = $3, state = $4, written_at = now()
       where id = $5`,
      [...values, follows],
    );
    return follows;
  }

  async drop(stream: string, id: string): Promise<void> {
    await inTenant(this.pool, owningTenant(stream), (client) =>
      client.query('delete from store.snapshots where id = $1', [id]),
    );
  }
}

const isEntry = (row: Partial<SnapshotEntry>): row is SnapshotEntry => row.key !== null && row.key !== undefined;

function* pagesOf(entries: Iterable<SnapshotEntry>): Generator<SnapshotEntry[]> {
  let page: SnapshotEntry[] = [];
  for (const entry of entries) {
    if (page.push(entry) < pageEntries) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
