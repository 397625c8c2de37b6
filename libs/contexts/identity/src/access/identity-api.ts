import { type Holder, People, type PersonAddress, type RightsOf } from '@daybook/server';
import type { Deps } from '../injected.js';
import { roleName } from '../role/role-permissions.js';
import { builtInRoles } from '../roles.js';
import { custodiansOf } from './key-custodians.js';
import { holdersOf } from './effective-grants.js';

/** What other contexts ask about people and rights when they decide. Answers are from the current state. */
export class IdentityApi extends People {
  readonly rightsOf: RightsOf;

  constructor(
    authenticator: { readonly rightsOf: RightsOf },
    private readonly deps: Deps<'tenantStates' | 'bindings' | 'memberships'>,
  ) {
    super();
    this.rightsOf = authenticator.rightsOf;
  }

  async custodiansOf(tenant: string, ids: readonly string[]): Promise<readonly string[]> {
    return custodiansOf(ids, await this.deps.tenantStates.current(tenant));
  }

  async rolesIn(tenant: string): Promise<ReadonlyMap<string, string>> {
    const state = await this.deps.tenantStates.current(tenant);
    return new Map([...builtInRoles, ...state.roles.keys()].map((role) => [role, roleName(role, state)]));
  }

  async addressesOf(tenant: string, ids: readonly string[]): Promise<readonly PersonAddress[]> {
    const { members } = await this.deps.tenantStates.current(tenant);
    const active = ids.filter((id) => members.get(id)?.status === 'active');
    const people = await this.deps.memberships.people(active);
    return people.flatMap(({ id, name, email }) => (name === null || email === null ? [] : { id, name, email }));
  }

  async holdersOf(tenant: string, permission: string): Promise<readonly Holder[]> {
    const today = new Date().toISOString().slice(0, 10);
    const { tenantStates, bindings } = this.deps;
    return holdersOf(permission, await tenantStates.current(tenant), bindings.declared, today);
  }
}
