import { createHash } from 'node:crypto';
import type { StoredEvent } from '@daybook/event-store';
import type { ClientBase } from 'pg';
import { describeTable } from './columns.js';
import { personalColumnsOf, personalWithin } from './erase.js';
import { contractOf } from './table-contract.js';
import type { Projection } from './projection.js';

/*
 * The tables of schema `projections`: generations, the group's checkpoint, parked partitions. Every update of a checkpoint names its
 * old value, so that two processes cannot both apply an event.
 */
export type GenerationStatus = 'building' | 'differs' | 'live' | 'retired';

/** One schema of a projection. It has its own `position` and `target` while it is built; live ones share the group's. */
export interface Generation {
  readonly schema: string;
  readonly name: string;
  readonly version: number;
  readonly generation: number;
  readonly shape: string;
  readonly status: GenerationStatus;
  readonly position: bigint;
  readonly target: bigint;
  /** The leader is comparing it. */
  readonly frozen: boolean;
}

/** A generation of which this program has the code. */
export interface Running {
  readonly generation: Generation;
  readonly projection: Projection;
}

/** Why a projection stopped for a tenant. `applied` is the last position applied to the tenant's rows. */
export interface Parked {
  readonly schema: string;
  readonly tenant: string;
  readonly position: bigint;
  readonly applied: bigint;
  readonly eventId: string;
  readonly eventType: string;
  readonly error: string;
  readonly tries: number;
}

/** Another process was faster, or a new version is running: the registry must be read again. */
export class CheckpointMoved extends Error {
  override readonly name = 'CheckpointMoved';
}

type Queryable = Pick<ClientBase, 'query'>;
type GenerationRow = Omit<Generation, 'position' | 'target'> & { position: string; target: string };

export async function generations(client: ClientBase, statuses: readonly GenerationStatus[]): Promise<Generation[]> {
  const { rows } = await client.query<GenerationRow>(
    `select schema, name, version, generation, shape, status, position, target, frozen
     from projections.generation where status = any($1) order by name, generation`,
    [statuses],
  );
  return rows.map((row) => ({ ...row, position: BigInt(row.position), target: BigInt(row.target) }));
}

const shapes = new WeakMap<Projection, string>();

/** Rows or handled event types that change without a new version number change the shape, and count as a new version. */
export function shapeOf(projection: Projection): string {
  const known = shapes.get(projection);
  if (known !== undefined) return known;
  const described = JSON.stringify([projection.tables.map(describeTable), handledBy(projection)]);
  const shape = createHash('sha256').update(described).digest('hex').slice(0, 16);
  shapes.set(projection, shape);
  return shape;
}

const handledBy = ({ on, every, everyStaged }: Projection): unknown[] => [
  [...new Set(on.map(({ event }) => event.name))].sort(),
  every !== null,
  everyStaged !== null,
  // Only where there is some, so that the shapes of all others stay what they are.
  ...on.flatMap(({ event, meaning }) => (meaning ? [`${event.name} ${meaning}`] : [])),
];

/** Pairs generations with their code; those of other versions are left out. */
export function running(found: readonly Generation[], projections: readonly Projection[]): Running[] {
  return found.flatMap((generation) => {
    const projection = projections.find((p) => matches(generation, p));
    return projection ? [{ generation, projection }] : [];
  });
}
export const matches = (generation: Generation, projection: Projection): boolean =>
  generation.name === projection.name &&
  generation.version === projection.version &&
  generation.shape === shapeOf(projection);

/** Creates an empty generation at position 0. */
export async function createGeneration(client: ClientBase, projection: Projection): Promise<string> {
  const { rows } = await client.query<{ next: number }>(
    'select coalesce(max(generation), 0) + 1 as next from projections.generation where name = $1',
    [projection.name],
  );
  const generation = rows[0]!.next;
  const schema = `rm_${projection.name.replaceAll('-', '_')}_v${projection.version}_g${generation}`;
  await client.query('select projections.create_schema($1, $2)', [
    schema,
    JSON.stringify(projection.tables.map(describeTable)),
  ]);
  await client.query(
    `insert into projections.generation (schema, name, version, generation, shape, status, position, target, tables)
     values ($1, $2, $3, $4, $5, 'building', 0, 0, $6)`,
    [
      schema,
      projection.name,
      projection.version,
      generation,
      shapeOf(projection),
      JSON.stringify(
        projection.tables.map((table) => ({
          ...contractOf(table),
          personal: { columns: personalColumnsOf(table), within: personalWithin(table).length > 0 },
        })),
      ),
    ],
  );
  return schema;
}

export async function dropGeneration(client: ClientBase, schema: string): Promise<void> {
  await client.query('select projections.drop_schema($1)', [schema]);
  await client.query('delete from projections.generation where schema = $1', [schema]);
}

/** Deletes generations whose schema was dropped; they are built again. */
export async function forgetMissing(client: ClientBase): Promise<void> {
  await client.query('delete from projections.generation where to_regnamespace(schema) is null');
}

export async function setStatus(client: ClientBase, schema: string, status: GenerationStatus, position: bigint) {
  await client.query(
    'update projections.generation set status = $2, position = $3, changed_at = now() where schema = $1',
    [schema, status, String(position)],
  );
}

// ── the group's checkpoint ────────────────────────────────────────────────────────────────────────────────
/** Locks the group until the transaction ends, and returns its position. */
export async function lockGroup(client: ClientBase): Promise<bigint> {
  const { rows } = await client.query<{ position: string }>(
    `select position from projections.checkpoint where id = 'live' for update`,
  );
  return BigInt(rows[0]!.position);
}

export async function groupPosition(client: Queryable): Promise<bigint> {
  const { rows } = await client.query<{ position: string }>(
    `select position from projections.checkpoint where id = 'live'`,
  );
  return BigInt(rows[0]!.position);
}

/** `last` is the event at `to`; null when nothing has been applied yet. */
export async function moveGroup(client: ClientBase, from: bigint, to: bigint, last: StoredEvent | null) {
  const { rowCount } = await client.query(
    `update projections.checkpoint set position = $2, recorded_at = $3, event_id = $4, stream = $5, revision = $6
     where id = 'live' and position = $1`,
    [
      String(from),
      String(to),
      last?.recordedAt ?? null,
      last?.id ?? null,
      last?.stream ?? null,
      last?.revision ?? null,
    ],
  );
  if (rowCount !== 1) throw new CheckpointMoved();
}

/** Moves generations that are being built together, except those that are being compared. */
export const moveBuilding = (client: ClientBase, schemas: readonly string[], from: bigint, to: bigint) =>
  changeBuilding(client, schemas, 'not frozen', from, to);

/** Freezes generations at their position, so that they can be compared and switched. */
export const freeze = (client: Queryable, schemas: readonly string[], at: bigint) =>
  changeBuilding(client, schemas, 'true', at, at, true);

/** Locks frozen generations for the switch; another leader may have unfrozen them. */
export const holdFrozen = (client: ClientBase, schemas: readonly string[], at: bigint) =>
  changeBuilding(client, schemas, 'frozen', at, at);

async function changeBuilding(
  client: Queryable,
  schemas: readonly string[],
  condition: 'frozen' | 'not frozen' | 'true',
  from: bigint,
  to: bigint,
  frozen = false,
): Promise<void> {
  const { rowCount } = await client.query(
    `update projections.generation set position = $3, frozen = $4
     where schema = any($1) and position = $2 and status = 'building' and ${condition}`,
    [schemas, String(from), String(to), frozen],
  );
  if (rowCount !== schemas.length) throw new CheckpointMoved();
}

/** Unfreezes generations that a leader left frozen when it died. Only for the leader. */
export const thaw = (client: Queryable) =>
  client.query('update projections.generation set frozen = false where frozen');

// ── parked partitions ─────────────────────────────────────────────────────────────────────────────────────
type ParkedRow = {
  schema: string;
  tenant: string;
  position: string;
  applied: string;
  event_id: string;
  event_type: string;
  error: string;
  tries: number;
};

export async function parkedIn(client: ClientBase, schemas: readonly string[]): Promise<Parked[]> {
  const { rows } = await client.query<ParkedRow>(
    `select schema, tenant, position, applied, event_id, event_type, error, tries
     from projections.parked where schema = any($1) order by schema, tenant`,
    [schemas],
  );
  return rows.map(({ event_id, event_type, position, applied, ...row }) => ({
    ...row,
    eventId: event_id,
    eventType: event_type,
    position: BigInt(position),
    applied: BigInt(applied),
  }));
}

/** Parks a tenant, or counts another attempt for a parked one. */
export async function park(client: ClientBase, parked: Omit<Parked, 'tries'>): Promise<void> {
  await client.query(
    `insert into projections.parked (schema, tenant, position, applied, event_id, event_type, error)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (schema, tenant) do update set position = excluded.position, applied = excluded.applied,
       event_id = excluded.event_id, event_type = excluded.event_type, error = excluded.error,
       tries = projections.parked.tries + 1, parked_at = now()`,
    [
      parked.schema,
      parked.tenant,
      String(parked.position),
      String(parked.applied),
      parked.eventId,
      parked.eventType,
      parked.error,
    ],
  );
}
