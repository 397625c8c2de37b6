import { type Caller, rightsHolder, type RightsOf } from '@daybook/server';

/** Roles that the caller holds in a company, or in the whole tenant where it is about none. */
export async function rolesIn(caller: Caller, companyId: string | null, rightsOf: RightsOf): Promise<string[]> {
  const rights = await rightsOf(caller.tenant, rightsHolder(caller));
  const here = (rights?.grants ?? []).filter((grant) => grant.companyId === null || grant.companyId === companyId);
  return [...new Set(here.map(({ role }) => role))];
}
