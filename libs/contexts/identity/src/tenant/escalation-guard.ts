import { type FieldRule, reject, type Rejection, sameParty } from '@daybook/kernel';
import { holdsOn } from '../segregation-of-duties/sod-violations.js';
import { roleFields, rolePermissions } from '../role/role-permissions.js';
import type { Grant, TenantFacts, TenantState } from './tenant.state.js';

/*
 * Prevents privilege escalation: nobody gives more than they hold, be it a permission, a company, or the sight of a
 * field that is hidden from them. An Admin is the exception, since somebody must be able to give what they do not hold;
 * segregation of duties rules limit Admins.
 */
export interface GivenRights {
  readonly permissions: readonly string[];
  /** Fields that are hidden or masked with them. */
  readonly fields: Readonly<Record<string, FieldRule>>;
}
type Place = Pick<Grant, 'companyId' | 'party'>;

const ownGrants = (state: TenantState, today: string, { giver }: TenantFacts): Grant[] => {
  if (giver === null) return [];
  const active = giver.holder === 'service' || state.members.get(giver.id)?.status === 'active';
  return [...state.grants.values()].filter((grant) => active && grant.holderId === giver.id && holdsOn(grant, today));
};

/** Is the field hidden at least as much as before? A masked field shows more than a hidden one. */
export const hidesAsMuch = (rule: FieldRule | undefined, before: FieldRule): boolean =>
  rule === 'hide' || rule === before;

/** Does the giver hold the permission in the whole tenant? The system itself may do everything. */
export const giverHolds = (permission: string, state: TenantState, today: string, facts: TenantFacts): boolean =>
  facts.giver === null ||
  ownGrants(state, today, facts).some(
    ({ role, companyId }) => companyId === null && rolePermissions(role, state, facts.declared).has(permission),
  );

/** The first permission of a holder's grants that the giver could not give in the same place; null for none. */
export function firstEscalationOfHolder(
  holderId: string,
  uses: (permission: string) => boolean,
  state: TenantState,
  today: string,
  facts: TenantFacts,
): string | null {
  for (const grant of state.grants.values()) {
    if (grant.holderId !== holderId || !holdsOn(grant, today)) continue;
    const permissions = [...rolePermissions(grant.role, state, facts.declared)].filter(uses);
    const missing = firstEscalation({ permissions, fields: roleFields(grant.role, state) }, grant, state, today, facts);
    if (missing !== null) return missing;
  }
  return null;
}

/** The first permission that the giver does not hold in that place; null if they may give all of them. */
export function firstEscalation(
  given: GivenRights,
  place: Place,
  state: TenantState,
  today: string,
  facts: TenantFacts,
): string | null {
  if (facts.giver === null) return null;
  const own = ownGrants(state, today, facts);
  if (own.some(({ role, companyId, party }) => role === 'Admin' && companyId === null && party === null)) return null;
  const covers = (grant: Grant, permission: string) =>
    rolePermissions(grant.role, state, facts.declared).has(permission) &&
    (grant.companyId === null || grant.companyId === place.companyId) &&
    (grant.party === null || sameParty(grant.party, place.party)) &&
    Object.entries(roleFields(grant.role, state)).every(([field, rule]) => hidesAsMuch(given.fields[field], rule));
  return given.permissions.find((permission) => !own.some((grant) => covers(grant, permission))) ?? null;
}

export const escalationRefused = (permission: string): Rejection =>
  reject(
    'identity.privilege-escalation',
    `You cannot give the permission ${permission}, because you do not hold it there yourself.`,
    {
      status: 403,
      details: { permission },
    },
  );
