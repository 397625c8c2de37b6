import type { StoredEvent } from '@daybook/event-store';
import { inTenant } from '@daybook/postgres';
import { advanceBuilding, applyTo, type EngineDeps, eventsBetween } from './advance.js';
import { compareWith } from './compare.js';
import { decode } from './decode.js';
import { checkLogOf } from './log-check.js';
import {
  createGeneration,
  dropGeneration,
  forgetMissing,
  type Generation,
  freeze,
  generations,
  groupPosition,
  holdFrozen,
  lockGroup,
  matches,
  moveGroup,
  parkedIn,
  type Running,
  running,
  setStatus,
  thaw,
} from './registry.js';

/*
 * Builds generations in parallel to the live ones, from position 0, and switches them live.
 *
 * - Generations at the same position are built together; a later one catches up with an earlier one first.
 * - A generation is frozen while it is compared: otherwise a standby process would continue to build it, and the comparison would
 *   never end. A leader compares within one step, so one that is frozen before a step was left by a leader that died.
 * - The switch happens under the group's lock, at the group's position, in one transaction with the last events.
 * - A rebuild of the same version that differs from the live one is not switched: it is kept as `differs`, with the counts, for
 *   the operator to decide. Another rebuild request drops it.
 */
const batchSize = 500;

/**
 * Creates generations that the code declares and the registry lacks. A standby process only builds versions that are newer than
 * the live ones: one that is about to be replaced has nothing to build.
 */
export async function ensureGenerations({ pool, projections }: EngineDeps, leading: boolean): Promise<void> {
  await inTenant(pool, null, async (client) => {
    await lockGroup(client);
    await forgetMissing(client);
    const found = await generations(client, ['building', 'live']);
    for (const projection of projections) {
      const newer = !found.some((g) => g.name === projection.name && g.status === 'live' && g.version >= projection.version); // prettier-ignore
      const missing = !found.some((g) => matches(g, projection));
      if (missing && (leading || newer)) await createGeneration(client, projection);
    }
  });
}

/** The leader retires live generations of other versions, and drops half-built ones. */
export async function adopt({ pool, projections }: EngineDeps): Promise<void> {
  await inTenant(pool, null, async (client) => {
    const group = await lockGroup(client);
    await forgetMissing(client);
    const found = await generations(client, ['building', 'differs', 'live']);
    for (const generation of found.filter((g) => !projections.some((p) => matches(g, p)))) {
      if (generation.status === 'live') await setStatus(client, generation.schema, 'retired', group);
      else await dropGeneration(client, generation.schema);
    }
  });
}

/** Begins a rebuild in parallel to the live generation; one that is in progress continues. */
export async function beginRebuild({ pool, projections }: EngineDeps, name: string): Promise<void> {
  const projection = projections.find((p) => p.name === name);
  if (!projection) throw new Error(`There is no projection ${name}`);
  await inTenant(pool, null, async (client) => {
    await lockGroup(client);
    const found = (await generations(client, ['building', 'differs'])).filter((g) => g.name === name);
    for (const old of found.filter((g) => g.status === 'differs')) await dropGeneration(client, old.schema);
    if (!found.some((g) => g.status === 'building')) await createGeneration(client, projection);
  });
}

/**
 * One step of building: a batch, or the switch. Returns false when there is nothing (more) to do now. `mayPublish` is false in
 * a standby process, which builds and waits.
 */
export async function buildStep(deps: EngineDeps, mayPublish: boolean): Promise<boolean> {
  const { pool, store, projections } = deps;
  if (mayPublish) await thaw(pool);
  const building = running(await generationsNow(deps, 'building'), projections).filter((r) => !r.generation.frozen);
  if (building.length === 0) return false;
  await checkLogOf(pool, store);
  const from = building.reduce((least, { generation: { position } }) => (position < least ? position : least), building[0]!.generation.position); // prettier-ignore
  const together = building.filter((r) => r.generation.position === from);
  const target = (await generationsNow(deps, 'live')).length > 0 ? await groupPosition(pool) : await store.head();
  if (from >= target) return mayPublish && (await publish(deps, together));
  await pool.query('update projections.generation set target = $2 where schema = any($1)', [
    building.map((r) => r.generation.schema),
    String(target),
  ]);
  const others = building.map((r) => r.generation.position).filter((p) => p > from && p < target);
  const stop = others.reduce((least, p) => (p < least ? p : least), target);
  const batch: StoredEvent[] = await first(eventsBetween(store, from, stop, batchSize));
  const to = batch.length < batchSize ? stop : batch.at(-1)!.position;
  await advanceBuilding(deps, together, from, batch, to);
  return true;
}

const generationsNow = ({ pool }: EngineDeps, status: 'building' | 'live'): Promise<Generation[]> =>
  inTenant(pool, null, (client) => generations(client, [status]), { readOnly: true });

async function first(batches: AsyncGenerator<StoredEvent[]>): Promise<StoredEvent[]> {
  for await (const batch of batches) return batch;
  return [];
}

/** Compares, then switches generations that agree. Returns whether anything changed. */
async function publish(deps: EngineDeps, built: readonly Running[]): Promise<boolean> {
  const [{ generation }] = built as readonly [Running, ...Running[]];
  await freeze(deps.pool, built.map((r) => r.generation.schema), generation.position); // prettier-ignore
  const sound: Running[] = [];
  for (const one of built) {
    const [old, parkedBefore, parkedNow] = await inTenant(deps.pool, null, async (client) => {
      const before = (await generations(client, ['live', 'retired'])).filter((g) => g.name === one.generation.name);
      const latest = before.find((g) => g.status === 'live') ?? before.at(-1);
      const parked = async (schema: string) => (await parkedIn(client, [schema])).map((p) => p.tenant);
      return [latest, latest ? await parked(latest.schema) : [], await parked(one.generation.schema)] as const;
    });
    const comparison = old ? await compareWith(deps.pool, one, old) : null;
    const sameVersion = old?.status === 'live' && matches(old, one.projection);
    const worse = sameVersion && (comparison?.equal === false || parkedNow.some((t) => !parkedBefore.includes(t)));
    await deps.pool.query(
      `update projections.generation set comparison = $2, status = $3, frozen = $4 where schema = $1 and status = 'building'`,
      [one.generation.schema, JSON.stringify(comparison), worse ? 'differs' : 'building', !worse],
    );
    if (!worse) sound.push(one);
  }
  return sound.length === 0 ? built.length > 0 : switchLive(deps, sound);
}

async function switchLive(deps: EngineDeps, built: readonly Running[]): Promise<boolean> {
  const from = built[0]!.generation.position;
  const last = from === 0n ? null : await deps.store.eventAt(from);
  return inTenant(deps.pool, null, async (client) => {
    const group = await lockGroup(client);
    await holdFrozen(client, built.map((r) => r.generation.schema), from); // prettier-ignore
    const live = await generations(client, ['live']);
    if (live.length === 0) await moveGroup(client, group, from, last);
    else if (group < from) return false;
    else {
      let at = from;
      for await (const batch of eventsBetween(deps.store, from, group, batchSize)) {
        await applyTo(client, deps, built, await decode(deps.catalogue, batch, at));
        at = batch.at(-1)!.position;
      }
    }
    const position = live.length === 0 ? from : group;
    for (const { generation } of built) {
      const old = live.find((g) => g.name === generation.name);
      if (old) await setStatus(client, old.schema, 'retired', position);
      await setStatus(client, generation.schema, 'live', position);
    }
    return true;
  });
}

/**
 * Drops schemas that were retired a while ago: a read that began before the switch may still use them, and a generation that is
 * being built is compared with the last one.
 */
export async function dropRetired({ pool }: EngineDeps, afterMs: number, now: Date | null): Promise<void> {
  const { rows } = await pool.query<{ schema: string }>(
    `select schema from projections.generation g
     where status = 'retired' and changed_at < coalesce($2::timestamptz, now()) - make_interval(secs => $1)
       and not exists (select from projections.generation b where b.name = g.name and b.status = 'building')`,
    [afterMs / 1000, now],
  );
  for (const { schema } of rows) {
    await inTenant(pool, null, async (client) => {
      await client.query(`set local lock_timeout = '2s'`);
      await dropGeneration(client, schema);
    });
  }
}
