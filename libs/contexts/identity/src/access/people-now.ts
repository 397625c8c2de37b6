import { type Holder, People, type RightsOf } from '@daybook/server';
import type { Given } from '../injected.js';
import { roleName } from '../role/role-permissions.js';
import { builtInRoles } from '../roles.js';
import { personsBehind } from './behind.js';
import { holdersOf } from './rights-in.js';

/** What other contexts learn of people and rights when they decide: from what holds now. */
export class PeopleNow extends People {
  readonly rightsOf: RightsOf;

  constructor(
    authenticator: { readonly rightsOf: RightsOf },
    private readonly deps: Given<'folds' | 'bindings'>,
  ) {
    super();
    this.rightsOf = authenticator.rightsOf;
  }

  async personsBehind(tenant: string, ids: readonly string[]): Promise<readonly string[]> {
    return personsBehind(ids, await this.deps.folds.current(tenant));
  }

  async rolesIn(tenant: string): Promise<ReadonlyMap<string, string>> {
    const state = await this.deps.folds.current(tenant);
    return new Map([...builtInRoles, ...state.roles.keys()].map((role) => [role, roleName(role, state)]));
  }

  async holdersOf(tenant: string, permission: string): Promise<readonly Holder[]> {
    const today = new Date().toISOString().slice(0, 10);
    const { folds, bindings } = this.deps;
    return holdersOf(permission, await folds.current(tenant), bindings.permissions, today);
  }
}
