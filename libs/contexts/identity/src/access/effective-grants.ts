import type { DeclaredPermissions } from '@daybook/kernel';
import type { Access, EffectiveGrant } from '@daybook/server';
import { sodRulesIn } from '../segregation-of-duties/sod-rules.js';
import { holdsOn } from '../segregation-of-duties/sod-violations.js';
import { roleFields, rolePermissions } from '../role/role-permissions.js';
import { accountPermissions, ownPermissions } from '../roles.js';
import type { Grant, TenantState } from '../tenant/tenant.state.js';

/* The rights of a holder, from a tenant's state. States are immutable, so results are cached per state. */

/** The implicit grant of every member: their own account. */
export const memberRole = 'Member';
const memberGrant = (permissionsOf: (declared: DeclaredPermissions) => readonly string[]) => {
  const known = new WeakMap<DeclaredPermissions, EffectiveGrant>();
  return (declared: DeclaredPermissions): EffectiveGrant => {
    const found = known.get(declared) ?? {
      role: memberRole,
      companyId: null,
      party: null,
      permissions: new Set(permissionsOf(declared)),
      fields: {},
    };
    known.set(declared, found);
    return found;
  };
};
const ownGrant = memberGrant(ownPermissions);
/** Without the required second factor. */
export const accountGrant = memberGrant(accountPermissions);

const effective = (
  { role, companyId, party }: Grant,
  state: TenantState,
  declared: DeclaredPermissions,
): EffectiveGrant => ({
  role,
  companyId,
  party,
  permissions: rolePermissions(role, state, declared),
  fields: roleFields(role, state),
});

/** Active members who hold a permission anywhere on that day, each with all their grants. */
export function holdersOf(
  permission: string,
  state: TenantState,
  declared: DeclaredPermissions,
  day: string,
): { readonly personId: string; readonly grants: readonly EffectiveGrant[] }[] {
  const held = new Map<string, EffectiveGrant[]>();
  for (const grant of state.grants.values()) {
    if (grant.holder !== 'person' || !holdsOn(grant, day)) continue;
    if (state.members.get(grant.holderId)?.status !== 'active') continue;
    const grants = held.get(grant.holderId) ?? [];
    grants.push(effective(grant, state, declared));
    held.set(grant.holderId, grants);
  }
  return [...held].flatMap(([personId, grants]) =>
    grants.some(({ permissions }) => permissions.has(permission)) ? [{ personId, grants }] : [],
  );
}

const heldOn = new WeakMap<TenantState, Map<string, readonly EffectiveGrant[]>>();

/** The grants of a person or service in force on that day; for a person, with their own account. */
export function effectiveGrants(
  state: TenantState,
  holder: { readonly kind: 'person' | 'service'; readonly id: string },
  declared: DeclaredPermissions,
  day: string,
): readonly EffectiveGrant[] {
  const kept = heldOn.get(state) ?? new Map<string, readonly EffectiveGrant[]>();
  heldOn.set(state, kept);
  const key = `${day} ${holder.id}`;
  const found = kept.get(key);
  if (found) return found;
  const given = [...state.grants.values()]
    .filter((grant) => grant.holder === holder.kind && grant.holderId === holder.id && holdsOn(grant, day))
    .map((grant) => effective(grant, state, declared));
  const grants = holder.kind === 'person' ? [...given, ownGrant(declared)] : given;
  kept.set(key, grants);
  return grants;
}

const apart = new WeakMap<TenantState['sodRules'], Access['incompatible']>();

/** Pairs of permissions that one person must not use on the same document, in both directions. */
export function incompatiblePermissions(state: TenantState): Access['incompatible'] {
  const found = apart.get(state.sodRules);
  if (found) return found;
  const pairs = new Map<string, string[]>();
  for (const { first, second } of sodRulesIn(state).filter(({ onDocument }) => onDocument)) {
    pairs.set(first, [...(pairs.get(first) ?? []), second]);
    pairs.set(second, [...(pairs.get(second) ?? []), first]);
  }
  apart.set(state.sodRules, pairs);
  return pairs;
}
