import type { EffectiveGrant, RightsOf } from '@daybook/server';
import { roleName } from '../role/role-permissions.js';
import { builtInRoles } from '../roles.js';
import type { IdentityParts } from '../room.js';
import { personsBehind } from './behind.js';
import { holdersOf } from './rights-in.js';

/** What other contexts are told of people and rights when they decide; wired where the contexts are listed. */
export interface Told {
  readonly rightsOf: RightsOf;
  /** Persons who stand behind keys or service accounts: whoever made the account or ever issued a key of it. */
  personsBehind(tenant: string, ids: readonly string[]): Promise<readonly string[]>;
  /** Names of the roles of a tenant, by the name of a built-in one or the id of one of its own. */
  rolesIn(tenant: string): Promise<ReadonlyMap<string, string>>;
  /** Active members who hold a permission somewhere now, each with all that he was given. */
  holdersOf(
    tenant: string,
    permission: string,
  ): Promise<readonly { readonly personId: string; readonly grants: readonly EffectiveGrant[] }[]>;
}

export const toldTo = (
  { rightsOf }: Pick<Told, 'rightsOf'>,
  parts: Pick<IdentityParts, 'folds' | 'declared'>,
): Told => ({
  rightsOf,
  personsBehind: async (tenant, ids) => personsBehind(ids, await parts.folds.current(tenant)),
  rolesIn: async (tenant) => {
    const state = await parts.folds.current(tenant);
    return new Map([...builtInRoles, ...state.roles.keys()].map((role) => [role, roleName(role, state)]));
  },
  holdersOf: async (tenant, permission) =>
    holdersOf(permission, await parts.folds.current(tenant), parts.declared(), new Date().toISOString().slice(0, 10)),
});
