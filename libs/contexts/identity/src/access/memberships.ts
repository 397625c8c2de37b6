import { anyOf, type ReadContext, inOneTrip } from '@daybook/projections';
import type { EffectiveGrant } from '@daybook/server';
import { type RawBuilder, sql } from 'kysely';
import { platformTenant } from '../person/person.events.js';
import { joinedTable, personTable } from '../person/person.projection.js';
import { formerMemberTable, memberTable } from './access.projection.js';
import { roleName } from '../role/role-permissions.js';
import { holdsOn } from '../segregation-of-duties/sod-violations.js';
import { effectiveGrants } from './effective-grants.js';
import type { Deps } from '../injected.js';

export interface Membership {
  readonly tenant: { readonly id: string; readonly name: string };
  /** Names of their roles there. */
  readonly role: string;
  /** Permissions that they hold anywhere in the tenant. */
  readonly permissions: readonly string[];
  /** Permissions held in single companies only, by company. They do not reach what belongs to the whole tenant. */
  readonly limited: readonly { readonly companyId: string; readonly permissions: readonly string[] }[];
  /** The tenant requires a second factor. */
  readonly mfaRequired: boolean;
}
export interface PersonRow {
  readonly id: string;
  readonly name: string | null;
  readonly email: string | null;
}

/** Permissions held in single companies but not in the whole tenant, by company. */
export function limitedIn(grants: readonly Pick<EffectiveGrant, 'companyId' | 'permissions'>[]): Membership['limited'] {
  const everywhere = new Set(grants.flatMap((grant) => (grant.companyId === null ? [...grant.permissions] : [])));
  const byCompany = new Map<string, Set<string>>();
  for (const { companyId, permissions } of grants) {
    if (companyId === null) continue;
    const held = byCompany.get(companyId) ?? new Set<string>();
    for (const permission of permissions) if (!everywhere.has(permission)) held.add(permission);
    if (held.size > 0) byCompany.set(companyId, held);
  }
  return [...byCompany].map(([companyId, held]) => ({ companyId, permissions: [...held].sort() }));
}

/**
 * Names and addresses as the tenant of the snapshot may see them, in two statements, whose rows `shownOf` joins: members have
 * their current ones, deactivated members keep those of that time until they sign in here again. null: of all members.
 */
export const shownStatements = (read: ReadContext, ids: readonly string[] | null) => {
  const active = read.db
    .selectFrom(read.latest(memberTable).as('m'))
    .select('m.personId')
    .where('m.status', '=', 'active')
    .$if(ids !== null, (q) => q.where('m.personId', '=', anyOf(ids!)));
  return [formerIn(read, ids), peopleIn(read, sql`array(${active})`)] as const;
};
export function shownOf(former: readonly PersonRow[], people: readonly PersonRow[]): PersonRow[] {
  const left = new Set(former.map(({ id }) => id));
  return [...people.filter(({ id }) => !left.has(id)), ...former];
}

const peopleIn = (read: ReadContext, ids: RawBuilder<string[]>) =>
  read.db
    .selectFrom(read.elsewhere(platformTenant, personTable, ids).as('p'))
    .select(['p.personId as id', 'p.name', 'p.email']);
/** Who left the tenant, as they were then. */
const formerIn = (read: ReadContext, ids: readonly string[] | null) =>
  read.db
    .selectFrom(read.latest(formerMemberTable).as('p'))
    .select(['p.personId as id', 'p.name', 'p.email'])
    .$if(ids !== null, (q) => q.where('p.personId', '=', anyOf(ids!)));

/** Where a person is a member and what they may do there, for their session. Reads one tenant at a time. */
export class Memberships {
  constructor(
    private readonly deps: Deps<'read' | 'tenantStates' | 'bindings'>,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * People by id, as they are now or were at a moment, no matter who asks. Unknown ids are left out; erased people have
   * no data at any moment.
   */
  async people(ids: readonly string[], at: string | null = null): Promise<PersonRow[]> {
    if (ids.length === 0) return [];
    return this.deps.read(
      platformTenant,
      (read) =>
        read.db
          .selectFrom(read.rows(personTable).as('p'))
          .select(['p.personId as id', 'p.name', 'p.email'])
          .where('p.personId', '=', anyOf(ids))
          .execute(),
      at,
    );
  }

  /**
   * Names and addresses as the tenant may see them (`shownStatements`). People who were never members are left out. Within a
   * snapshot of the tenant, one round trip; without, members are those of the moment.
   */
  async shownIn(tenant: string, ids: readonly string[], within?: ReadContext): Promise<PersonRow[]> {
    if (ids.length === 0) return [];
    if (within?.tenant === tenant) return shownOf(...(await inOneTrip(within.db, ...shownStatements(within, ids))));
    const { members } = await this.deps.tenantStates.current(tenant);
    const active = ids.filter((id) => members.get(id)?.status === 'active');
    return this.deps.read(tenant, async (read) =>
      shownOf(...(await inOneTrip(read.db, formerIn(read, ids), peopleIn(read, sql`${active}::uuid[]`)))),
    );
  }

  /** Where the person may sign in, sorted by the name of the tenant. */
  async of(personId: string): Promise<Membership[]> {
    const joined = await this.deps.read(platformTenant, (read) =>
      read.db
        .selectFrom(read.rows(joinedTable).as('j'))
        .select('j.tenantId')
        .where('j.personId', '=', personId)
        .execute(),
    );
    const found = await Promise.all(joined.map(({ tenantId }) => this.in(tenantId, personId)));
    return found.filter((one) => one !== null).sort((a, b) => (a.tenant.name < b.tenant.name ? -1 : 1));
  }

  /** Null unless the person is an active member. */
  async in(tenantId: string, personId: string): Promise<Membership | null> {
    const state = await this.deps.tenantStates.current(tenantId);
    if (!state.tenant || state.members.get(personId)?.status !== 'active') return null;
    const day = new Date(this.now()).toISOString().slice(0, 10);
    const roles = [...state.grants.values()].filter((grant) => grant.holderId === personId && holdsOn(grant, day));
    const grants = effectiveGrants(state, { kind: 'person', id: personId }, this.deps.bindings.declared, day);
    return {
      tenant: { id: tenantId, name: state.tenant.name },
      role: [...new Set(roles.map(({ role }) => roleName(role, state)))].sort().join(', '),
      permissions: [...new Set(grants.flatMap(({ permissions }) => [...permissions]))].sort(),
      limited: limitedIn(grants),
      mfaRequired: state.policy.mfaRequired,
    };
  }
}
