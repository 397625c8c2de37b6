import { reject, RejectionError, type Stamp } from '@daybook/kernel';
import { inSnapshot } from '@daybook/postgres';
import { type RawBuilder, sql } from 'kysely';
import { columnsOf } from './columns.js';
import { type KnownAt, parseKnownAt } from './known-at.js';
import { parkedElsewhere } from './migrations.js';
import type { Projection } from './projection.js';
import type { EngineColumns, PresentRead, ReadDatabase as Db, RowsOf } from './read-context.js';
import {
  type Readable,
  ReadableGenerations,
  type Registry,
  registryIn,
  registryOf,
  type RegistryRow,
  registrySql,
  trailName,
} from './readable-generations.js';
import { quoted } from './rows.js';
import type { RowOf, TableDeclaration } from './table.js';

/*
 * Reads of read models, each in one snapshot: position, schemas and parked partitions are looked up in the snapshot of the rows, so
 * that an answer is of one moment even while the projector switches a schema.
 *
 * - Now means the group's checkpoint. Known at an earlier moment means the rows as of the tenant's last event until then; the stamp
 *   names that event, so that the same stamp gives the same bytes.
 * - A parked or unbuilt projection is not read: its reads get 503.
 */

export interface ReadModelOptions {
  readonly projections: readonly Projection[];
  /** Position of the newest event, to know whether all events until an instant have been projected. */
  readonly head: () => Promise<bigint>;
  /** The clock for how long ago a schema was retired; default: the database's. */
  readonly now?: () => Date;
}

/** The basis of a read: the registry, the schemas it uses, and the current position. */
interface Ground {
  readonly registry: Registry;
  readonly readable: ReadonlyMap<string, Readable>;
  /** The checkpoint, or the first position at which a retired schema stopped. */
  readonly present: bigint;
}

export class ReadModels {
  private readonly home = new Map<TableDeclaration, Projection>();

  private readonly generations: ReadableGenerations;

  constructor(private readonly options: ReadModelOptions) {
    this.generations = new ReadableGenerations(options.projections, options.now);
    for (const projection of options.projections) {
      for (const table of projection.tables) {
        // Rows of a table that could not be emptied after an erasure are not read.
        columnsOf(table);
        this.home.set(table, projection);
      }
    }
  }

  /**
   * Opens a snapshot for one read through the API role's Kysely (docs/adr/0007). `knownAt` is the caller's text; null means
   * now. An abort cancels the statement that runs and throws the signal's reason.
   */
  async read<T>(
    db: Db,
    tenant: string,
    knownAt: string | null,
    work: (read: PresentRead) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const asked = knownAt === null ? null : parseKnownAt(knownAt);
    const head = asked?.kind === 'instant' ? await this.options.head() : null;
    return inSnapshot<RegistryRow, Db, T>(
      db,
      tenant,
      registrySql,
      async (snapshot, rows) => work(await this.contextOf(snapshot, registryIn(rows), tenant, asked, head)),
      signal,
    ).catch((error: { code?: unknown; message: string }) => {
      throw error.code === parkedElsewhere ? parked(error.message.replace(/^rm_|_v\d+_g\d+$/g, '')) : error;
    });
  }

  /** The position that all projections of this program have reached. */
  async position(db: Db): Promise<bigint> {
    return (await this.ground(db, await registryOf(db))).present;
  }

  /** Projections that cannot be read yet: there is no generation that this program can read. */
  async missing(db: Db): Promise<string[]> {
    const { readable } = await this.ground(db, await registryOf(db));
    return this.generations.names.filter((name) => !readable.has(name));
  }

  private async ground(db: Db, registry: Registry): Promise<Ground> {
    const readable = await this.generations.choose(db, registry);
    const stopped = [...readable.values()].flatMap(({ upTo }) => (upTo === null ? [] : [upTo]));
    const present = stopped.reduce((least, upTo) => (upTo < least ? upTo : least), registry.position);
    return { registry, readable, present };
  }

  private async contextOf(
    db: Db,
    registry: Registry,
    tenant: string,
    asked: KnownAt | null,
    head: bigint | null,
  ): Promise<PresentRead> {
    const ground = await this.ground(db, registry);
    const { present } = ground;
    const rows = this.sources(ground, tenant);
    const moment = asked ?? (present < registry.position ? { kind: 'position', position: present } : null);
    const last = await this.lastOf(db, ground, rows, tenant, moment, head);
    const position = asked === null ? present : asked.kind === 'position' ? asked.position : BigInt(last.position);
    if (position > present) throw behind();
    return {
      tenant,
      db,
      position,
      past: asked !== null,
      stamp: last,
      present: {
        newest: ground.readable.get(trailName)?.last?.position ?? String(present),
        position: present,
        schemas: [...ground.readable.values()].map(({ schema }) => schema),
      },
      rows: (table) => {
        if (table.history === 'none' && asked !== null) throw new RejectionError(noKnownAt);
        return rows(table, moment === null ? null : position);
      },
      latest: (table) => rows(table, null),
      elsewhere: (other, table, ids) =>
        elsewhere<typeof table>(this.generationOf(ground, table).schema, table, other, ids),
    };
  }

  /** The tenant's last event at or before the moment, by the audit trail. */
  private async lastOf(
    db: Db,
    { registry, readable, present }: Ground,
    rows: ReturnType<ReadModels['sources']>,
    tenant: string,
    asked: KnownAt | null,
    head: bigint | null,
  ): Promise<Stamp> {
    const trail = this.options.projections.find((p) => p.name === trailName)?.tables[0];
    if (asked?.kind === 'position' && asked.position > registry.position) throw inTheFuture();
    if (asked?.kind === 'instant') {
      requirePast(registry, asked.instant, head);
      // The trail of a retired schema ends at the switch: later events until that moment are not in it.
      if ((readable.get(trailName)?.upTo ?? null) !== null) throw behind();
    }
    if (!trail) {
      if (asked && asked.kind !== 'position') throw unknownMoment('This program keeps no trail; give a position.');
      return { trail: '0', position: String(asked?.position ?? present), recordedAt: null };
    }
    if (asked === null) {
      // Refuses a trail that cannot be read.
      rows(trail, null);
      return readable.get(trailName)?.last ?? beforeAll;
    }
    const until =
      asked.kind === 'position'
        ? sql`t.valid_from <= ${String(asked.position)}::bigint`
        : asked.kind === 'trail'
          ? sql`t.trail = ${asked.trail}::bigint`
          : sql`t."recordedAt" <= ${asked.instant}::timestamptz`;
    const order = asked.kind === 'instant' ? sql`t."recordedAt" desc, t.trail` : sql`t.valid_from`;
    const found = await sql<{ trail: string; position: string; recordedAt: string }>`
      select t.trail, t.valid_from as position, t."recordedAt" from ${rows(trail, null).as('t')}
      where ${until} order by ${order} desc limit 1`.execute(db);
    const last = found.rows[0];
    if (asked.kind === 'trail' && asked.trail !== '0' && !last) {
      throw unknownMoment(`The trail has no number ${asked.trail}.`);
    }
    return last
      ? { trail: String(last.trail), position: String(last.position), recordedAt: last.recordedAt }
      : beforeAll;
  }

  private sources(ground: Ground, tenant: string) {
    return <T extends TableDeclaration>(table: T, position: bigint | null): RowsOf<T> => {
      const { name, schema, applied } = this.generationOf(ground, table);
      if (applied !== null && applied < (position ?? ground.present)) throw parked(name);
      return source<T>(schema, table, tenant, position);
    };
  }

  private generationOf({ readable }: Ground, table: TableDeclaration): Readable & { readonly name: string } {
    const projection = this.home.get(table);
    if (!projection) throw new Error(`${table.name} belongs to no projection of this program`);
    const found = readable.get(projection.name);
    if (!found) throw building(projection.name);
    return { ...found, name: projection.name };
  }
}

/** Of a tenant without events. */
const beforeAll: Stamp = { trail: '0', position: '0', recordedAt: null };

/** Written once per table, and not with every query. */
function columnsIn(table: TableDeclaration): RawBuilder<unknown> {
  const known = columnTexts.get(table);
  if (known) return known;
  const text = sql.raw(['tenant', 'valid_from', ...columnsOf(table).map(({ name }) => name)].map(quoted).join(', '));
  columnTexts.set(table, text);
  return text;
}
const columnTexts = new WeakMap<TableDeclaration, RawBuilder<unknown>>();

function source<T extends TableDeclaration>(schema: string, table: T, tenant: string, position: bigint | null) {
  const columns = columnsIn(table);
  const from = (name: string) => sql`select ${columns} from ${sql.table(`${schema}.${name}`)} where tenant = ${tenant}`;
  const at = sql`${String(position)}::bigint`;
  const rows: RawBuilder<unknown> =
    position === null || table.history === 'none'
      ? sql`(${from(table.name)})`
      : table.history === 'append-only'
        ? sql`(${from(table.name)} and valid_from <= ${at})`
        : sql`(${from(table.name)} and valid_from <= ${at} union all
               ${from(`${table.name}_history`)} and valid_from <= ${at} and valid_to > ${at})`;
  return { as: <A extends string>(alias: A) => (rows as RawBuilder<RowOf<T> & EngineColumns>).as<A>(alias) };
}

function elsewhere<T extends TableDeclaration>(
  schema: string,
  table: T,
  tenant: string,
  ids: RawBuilder<readonly string[]>,
) {
  const rows = sql`projections.rows_elsewhere(null::${sql.table(`${schema}.${table.name}`)}, ${schema}, ${table.name},
    ${tenant}::uuid, ${table.keys[0]}, ${ids})`;
  return { as: <A extends string>(alias: A) => (rows as RawBuilder<RowOf<T> & EngineColumns>).as<A>(alias) };
}

/** All events until the instant must have been projected; otherwise the same request would get another answer later. */
function requirePast(registry: Registry, instant: string, head: bigint | null): void {
  if (Date.parse(instant) > Date.parse(registry.now)) throw inTheFuture();
  const sure = registry.recordedAt !== null && Date.parse(registry.recordedAt) > Date.parse(instant);
  if (!sure && head !== null && head > registry.position) throw behind();
}

/** For what has only current data. */
export const noKnownAt = reject('platform.known-at-refused', 'There is only current data here. Leave `known-at` out.', {
  status: 400,
});

const behind = () =>
  new RejectionError(
    reject('platform.read-model-behind', 'Reading has not caught up with that moment yet. Try again in a moment.', {
      status: 503,
      details: { retryAfterSeconds: 1 },
    }),
  );

const unknownMoment = (message: string) =>
  new RejectionError(
    reject('platform.known-at-not-found', message, {
      status: 400,
      errors: [{ pointer: '/known-at', code: 'not-found', message }],
    }),
  );
const inTheFuture = () => unknownMoment('That moment has not come yet.');
const building = (name: string) =>
  new RejectionError(
    reject('platform.projection-building', `The read model ${name} is being built. Try again in a moment.`, {
      status: 503,
      details: { projection: name, retryAfterSeconds: 2 },
    }),
  );
const parked = (name: string) =>
  new RejectionError(
    reject('platform.projection-parked', `The read model ${name} has stopped at an event it cannot take in.`, {
      status: 503,
      details: { projection: name },
    }),
  );
