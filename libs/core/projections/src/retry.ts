import { inTenant } from '@daybook/postgres';
import type { ClientBase } from 'pg';
import { type EngineDeps, eventsBetween } from './advance.js';
import { EventApplier } from './apply.js';
import { decode } from './decode.js';
import { withoutErased } from './erased-subjects.js';
import { checkLogOf } from './log-check.js';
import { generations, lockGroup, type Parked, parkedIn, type Running, running } from './registry.js';

/*
 * Retries a parked tenant: its events from the parked one on are applied until it has caught up with the group, and only then is it
 * unparked, under the group's lock. Another failure parks it again, with one more attempt counted.
 */
const batchSize = 200;

/** Returns true when the tenant has caught up with the group (or was not parked); false also while nothing is live. */
export async function retryParked(deps: EngineDeps, name: string, tenant: string): Promise<boolean> {
  for (;;) {
    await checkLogOf(deps.pool, deps.store);
    const state = await inTenant(deps.pool, null, (client) => retryStep(deps, client, name, tenant));
    if (state !== 'more') return state === 'level';
  }
}

async function retryStep(
  deps: EngineDeps,
  client: ClientBase,
  name: string,
  tenant: string,
): Promise<'level' | 'parked' | 'more'> {
  const group = await lockGroup(client);
  const live = (await generations(client, ['live'])).filter((g) => g.name === name);
  const [one] = running(live, deps.projections);
  if (!one) return 'parked';
  const [parked] = (await parkedIn(client, [one.generation.schema])).filter((p) => p.tenant === tenant);
  if (!parked) return 'level';
  for await (const batch of eventsBetween(deps.store, parked.applied, group, batchSize, tenant)) {
    const skip = new Set<string>();
    const own = batch.filter((e) => e.meta.tenant === tenant);
    await new EventApplier(client, deps, one, skip).apply(
      await withoutErased(client, await decode(deps.catalogue, own, parked.applied)),
    );
    if (skip.has(tenant)) return 'parked';
    await remember(client, parked, one, batch.at(-1)!.position);
    if (batch.length === batchSize) return 'more';
  }
  await client.query('delete from projections.parked where schema = $1 and tenant = $2', [parked.schema, tenant]);
  return 'level';
}

const remember = (client: ClientBase, { tenant }: Parked, { generation }: Running, applied: bigint) =>
  client.query('update projections.parked set applied = $3 where schema = $1 and tenant = $2', [
    generation.schema,
    tenant,
    String(applied),
  ]);
