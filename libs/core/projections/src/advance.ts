import type { StoredEvent } from '@daybook/event-store';
import { inTenant } from '@daybook/postgres';
import type { ClientBase, Pool } from 'pg';
import { EventApplier, type ApplyDeps, type OnChange } from './apply.js';
import { decode, type Decoded } from './decode.js';
import { eraseOtherGenerations, type ErasedSubject, noteErased, withoutErased } from './erased-subjects.js';
import { type Hint, Hints } from './hints.js';
import { checkLogOf } from './log-check.js';
import type { Projection } from './projection.js';
import {
  CheckpointMoved,
  generations,
  lockGroup,
  moveBuilding,
  moveGroup,
  parkedIn,
  type Running,
  running,
} from './registry.js';

/*
 * One batch is one transaction: the rows of all projections and the checkpoint are written together or not at all, so that
 * every event counts exactly once and a read across projections is of one moment (docs/adr/0001).
 */
export interface EngineDeps extends ApplyDeps {
  readonly pool: Pool;
  readonly projections: readonly Projection[];
}

export async function applyTo(
  client: ClientBase,
  deps: ApplyDeps,
  all: readonly Running[],
  events: readonly Decoded[],
  onChange?: (running: Running) => OnChange,
): Promise<readonly ErasedSubject[]> {
  const erased = await noteErased(client, events);
  const shown = await withoutErased(client, events);
  const parked = await parkedIn(client, all.map((r) => r.generation.schema)); // prettier-ignore
  for (const one of all) {
    const skip = new Set(parked.filter((p) => p.schema === one.generation.schema).map((p) => p.tenant));
    await new EventApplier(client, deps, one, skip, onChange?.(one)).apply(shown);
  }
  return erased;
}

/**
 * Applies a batch to the live group, and returns the hints to send. Throws CheckpointMoved if the group is not at `from`, and
 * LogReplaced if the batch may be from another log: a subscription continues at its position in any log.
 */
export async function advanceGroup(deps: EngineDeps, from: bigint, batch: readonly StoredEvent[]): Promise<Hint[]> {
  await checkLogOf(deps.pool, deps.store);
  const events = await decode(deps.catalogue, batch, from);
  const last = batch.at(-1)!;
  const hints = new Hints();
  await inTenant(deps.pool, null, async (client) => {
    if ((await lockGroup(client)) !== from) throw new CheckpointMoved();
    const live = await generations(client, ['live']);
    const all = running(live, deps.projections);
    // Another program has taken over a projection: its rows must not fall behind the checkpoint unnoticed.
    if (all.length !== live.length) throw new CheckpointMoved();
    const erased = await applyTo(client, deps, all, events, ({ projection }) => (tenant, recordId, position) =>
      hints.add(tenant, projection.channels, recordId, position),
    ); // prettier-ignore
    await eraseOtherGenerations(client, deps.projections, erased);
    await moveGroup(client, from, last.position, last);
  });
  return hints.list();
}

/** Applies a batch to generations that are being built, from `from` to `to`. Side effects never run here. */
export async function advanceBuilding(
  deps: EngineDeps,
  building: readonly Running[],
  from: bigint,
  batch: readonly StoredEvent[],
  to: bigint,
): Promise<void> {
  const events = await decode(deps.catalogue, batch, from);
  const schemas = building.map((r) => r.generation.schema);
  await inTenant(deps.pool, null, async (client) => {
    await client.query('select from projections.generation where schema = any($1) for update', [schemas]);
    await moveBuilding(client, schemas, from, to);
    await applyTo(client, deps, building, events);
  });
}

/** Events after `from` up to `to`, in batches. */
export async function* eventsBetween(
  store: ApplyDeps['store'],
  from: bigint,
  to: bigint,
  size: number,
  tenant?: string,
): AsyncGenerator<StoredEvent[]> {
  let batch: StoredEvent[] = [];
  for await (const event of store.readAll({ after: from, ...(tenant === undefined ? {} : { tenant }) })) {
    if (event.position > to) break;
    batch.push(event);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
