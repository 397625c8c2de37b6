import type { Caller, RightsOf } from '@daybook/server';

type Who = Pick<Caller, 'actor' | 'onBehalfOf'>;

/** Whose rights are used; a key has fewer than its person. */
export const rightsHolder = ({ actor, onBehalfOf }: Who): Caller['actor'] =>
  actor.kind === 'key' ? actor : (onBehalfOf ?? actor);

/** Roles that the caller holds in a company, or in the whole tenant where it is about none. */
export async function rolesIn(caller: Caller, companyId: string | null, rightsOf: RightsOf): Promise<string[]> {
  const rights = await rightsOf(caller.tenant, rightsHolder(caller));
  const here = (rights?.grants ?? []).filter((grant) => grant.companyId === null || grant.companyId === companyId);
  return [...new Set(here.map(({ role }) => role))];
}
