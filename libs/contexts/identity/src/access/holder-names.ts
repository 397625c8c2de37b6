import type { ReadContext } from '@daybook/projections';
import type { Deps } from '../injected.js';
import type { GrantRead } from './access-rows.js';

/** Current names of the holders of grants: people's from their own record, services' from the tenant's state. */
export async function holderNames(
  { memberships, tenantStates }: Deps<'memberships' | 'tenantStates'>,
  read: ReadContext,
  grants: Iterable<Pick<GrantRead, 'holder' | 'holderId'>>,
): Promise<ReadonlyMap<string, string | null>> {
  const held = [...grants];
  const ids = [...new Set(held.filter(({ holder }) => holder === 'person').map(({ holderId }) => holderId))];
  const people = await memberships.shownIn(read.tenant, ids, read);
  const { services } = await tenantStates.current(read.tenant);
  return new Map([
    ...people.map(({ id, name }) => [id, name] as const),
    ...[...services].map(([id, { name }]) => [id, name] as const),
  ]);
}
