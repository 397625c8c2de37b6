import type { Deps } from '../injected.js';
import type { AccessRows } from './access-rows.js';

/** Current names of the holders of grants: people's from their own record, services' from the tenant's state. */
export async function holderNames(
  { memberships, tenantStates }: Deps<'memberships' | 'tenantStates'>,
  tenant: string,
  grants: AccessRows['grants'],
): Promise<ReadonlyMap<string, string | null>> {
  const held = [...grants.values()];
  const ids = [...new Set(held.filter(({ holder }) => holder === 'person').map(({ holderId }) => holderId))];
  const people = await memberships.shownIn(tenant, ids);
  const { services } = await tenantStates.current(tenant);
  return new Map([
    ...people.map(({ id, name }) => [id, name] as const),
    ...[...services].map(([id, { name }]) => [id, name] as const),
  ]);
}
