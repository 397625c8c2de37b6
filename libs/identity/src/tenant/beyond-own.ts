import { type FieldRule, reject, type Rejection } from '@daybook/kernel';
import { holdsOn } from '../conflict/violations.js';
import { roleFields, rolePermissions } from '../role/role-permissions.js';
import type { Grant, TenantFacts, TenantState } from './tenant.state.js';

/*
 * Nobody hands out more than he has: a permission, a place, or the sight of a field that is hidden from himself. The
 * Admin is the one exception, for somebody must be able to give what he does not hold; the conflict rules watch him.
 */
export interface HandedOut {
  readonly permissions: readonly string[];
  /** Fields that are hidden or masked along with them. */
  readonly fields: Readonly<Record<string, FieldRule>>;
}
type Place = Pick<Grant, 'companyId' | 'party'>;

/** The first permission that the giver does not hold himself at that place; null when he may give them all. */
export function firstBeyondOwn(
  given: HandedOut,
  place: Place,
  state: TenantState,
  today: string,
  { giver, declared }: TenantFacts,
): string | null {
  if (giver === null) return null;
  const active = giver.holder === 'service' || state.members.get(giver.id)?.status === 'active';
  const own = [...state.grants.values()].filter(
    (grant) => active && grant.holderId === giver.id && holdsOn(grant, today),
  );
  if (own.some(({ role, companyId, party }) => role === 'Admin' && companyId === null && party === null)) return null;
  const covers = (grant: Grant, permission: string) =>
    rolePermissions(grant.role, state, declared).has(permission) &&
    (grant.companyId === null || grant.companyId === place.companyId) &&
    (grant.party === null || grant.party === place.party) &&
    Object.keys(roleFields(grant.role, state)).every((hidden) => given.fields[hidden] !== undefined);
  return given.permissions.find((permission) => !own.some((grant) => covers(grant, permission))) ?? null;
}

export const beyondOwn = (permission: string): Rejection =>
  reject('identity.grant-beyond-own', `You cannot give what you do not hold yourself: ${permission}.`, {
    status: 403,
    details: { permission },
  });
