import type { Stamp } from '@daybook/kernel';
import { anyOf } from './any-of.js';
import { CompiledQuery, sql } from 'kysely';
import type { Projection } from './projection.js';
import { covers, contractOf, type TableContract } from './table-contract.js';
import type { ReadDatabase as Db } from './read-context.js';
import { shapeOf } from './registry.js';

/*
 * Which generation a program reads for each of its projections, looked up with every read: during a rolling upgrade, a program
 * finds generations that another version built. In this order:
 *
 * 1. the live one of its own version;
 * 2. a live one of another version whose tables have at least the columns of its own: same keys, each column of the same kind;
 * 3. one that was retired less than a minute ago. It no longer follows events, so the whole read is as known at the position where
 *    it stopped, and a request for a later position gets `read-model-behind`.
 *
 * If there is none, the read model is being built (503).
 */

/** The projection that numbers a tenant's events (libs/contexts/audit): table `trail` with the fields `trail` and `recordedAt`. */
export const trailName = 'trail';

/** How long a retired generation is read and kept; reads that began before the switch use it too. */
export const retiredKeptMs = 60_000;
/** As long again, for a read that chose it at the last moment. */
export const retiredDroppedMs = 2 * retiredKeptMs;

interface RegisteredGeneration {
  readonly schema: string;
  readonly name: string;
  readonly version: number;
  readonly shape: string;
  readonly live: boolean;
  readonly position: string;
  readonly changedAt: string;
  /** Where it stopped for the tenant of the read; null if it is not parked. */
  readonly applied: string | null;
  /** For the trail: the tenant's newest row; null if there is none. */
  readonly last: Stamp | null;
}

export interface Registry {
  readonly position: bigint;
  readonly recordedAt: string | null;
  readonly now: string;
  readonly generations: readonly RegisteredGeneration[];
}

export type RegistryRow = Omit<Registry, 'position'> & { position: string };
export const registryIn = ([row]: readonly RegistryRow[]): Registry => ({ ...row!, position: BigInt(row!.position) });

/**
 * One statement without parameters for everything that a read has to know, in its own snapshot; `registryIn` reads its row. It
 * includes the newest row of the tenant's trail, the table that numbers events.
 */
export const registrySql = `
  select c.position::text as position, c.recorded_at as "recordedAt", now() as now,
    coalesce((select jsonb_agg(jsonb_build_object('schema', g.schema, 'name', g.name, 'version', g.version,
        'shape', g.shape, 'live', g.status = 'live', 'position', g.position::text, 'changedAt', g.changed_at,
        'applied', p.applied::text,
        'last', case when g.name = '${trailName}' then projections.last_in_trail(g.schema) end) order by g.generation desc)
      from projections.generation g
      left join projections.parked p on p.schema = g.schema
        and p.tenant = nullif(current_setting('daybook.tenant', true), '')::uuid
      where g.status in ('live', 'retired')), '[]') as generations
  from projections.checkpoint c`;

export async function registryOf(db: Db): Promise<Registry> {
  return registryIn((await db.executeQuery<RegistryRow>(CompiledQuery.raw(registrySql))).rows);
}

export interface Readable {
  readonly schema: string;
  readonly last: Stamp | null;
  readonly applied: bigint | null;
  /** The last position of a retired one; null for a live one. */
  readonly upTo: bigint | null;
}

export class ReadableGenerations {
  private readonly wanted: ReadonlyMap<string, { version: number; shape: string; tables: readonly TableContract[] }>;
  private readonly promises = new Map<string, readonly TableContract[]>();

  constructor(
    projections: readonly Projection[],
    private readonly now: (() => Date) | undefined,
  ) {
    this.wanted = new Map(
      projections.map((p) => [p.name, { version: p.version, shape: shapeOf(p), tables: p.tables.map(contractOf) }]),
    );
  }

  get names(): string[] {
    return [...this.wanted.keys()];
  }

  async choose(db: Db, registry: Registry): Promise<ReadonlyMap<string, Readable>> {
    const now = this.now?.().getTime() ?? Date.parse(registry.now);
    const usable = registry.generations.filter(
      ({ live, changedAt, name }) => this.wanted.has(name) && (live || Date.parse(changedAt) > now - retiredKeptMs),
    );
    const isOwn = ({ name, version, shape }: RegisteredGeneration): boolean =>
      this.wanted.get(name)!.version === version && this.wanted.get(name)!.shape === shape;
    const found = new Map<string, Readable>();
    const take = (candidates: readonly RegisteredGeneration[]): void => {
      for (const { name, schema, applied, live, position, last } of candidates) {
        if (found.has(name)) continue;
        found.set(name, {
          schema,
          last,
          applied: applied === null ? null : BigInt(applied),
          upTo: live ? null : BigInt(position),
        });
      }
    };
    take(usable.filter((g) => g.live && isOwn(g)));
    const foreign = usable.filter((g) => !found.has(g.name) && !isOwn(g));
    await this.learn(db, foreign);
    const isCovering = (g: RegisteredGeneration): boolean =>
      covers(this.promises.get(`${g.schema} ${g.shape}`) ?? [], this.wanted.get(g.name)!.tables);
    take(foreign.filter((g) => g.live && isCovering(g)));
    take(usable.filter((g) => isOwn(g)));
    take(foreign.filter(isCovering));
    return found;
  }

  /** The contract of another version's generation never changes, so it is read once. */
  private async learn(db: Db, foreign: readonly RegisteredGeneration[]): Promise<void> {
    const missing = foreign.filter(({ schema, shape }) => !this.promises.has(`${schema} ${shape}`));
    if (missing.length === 0) return;
    const { rows } = await sql<{ schema: string; shape: string; tables: readonly TableContract[] }>`
      select schema, shape, tables from projections.generation
      where schema = ${anyOf(missing.map(({ schema }) => schema))}`.execute(db);
    for (const { schema, shape, tables } of rows) this.promises.set(`${schema} ${shape}`, tables);
  }
}
