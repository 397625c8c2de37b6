import type { DeclaredPermissions } from '@daybook/kernel';
import { rolePermissions, type Roles } from '../role/role-permissions.js';
import type { SodRule, Grant, TenantState } from '../tenant/tenant.state.js';
import { sodRulesIn } from './sod-rules.js';

/** Two grants of one holder (or the same grant twice) that give both permissions of a rule in one company. */
export interface SodViolation {
  readonly rule: SodRule;
  readonly first: Grant;
  readonly second: Grant;
}
export type RightsState = Roles & Pick<TenantState, 'grants' | 'sodRules'>;

/** A grant is in force through its last day, in UTC. */
export const holdsOn = ({ until }: Pick<Grant, 'until'>, day: string): boolean => until === null || until >= day;

const meet = (a: Grant, b: Grant): boolean =>
  a.companyId === null || b.companyId === null || a.companyId === b.companyId;

/** Violations of the rules that forbid holding both, among the grants of one holder. */
export function sodViolationsAmong(
  grants: readonly Grant[],
  view: Pick<RightsState, 'roles' | 'sodRules'>,
  declared: DeclaredPermissions,
): SodViolation[] {
  const lets = (grant: Grant, permission: string) => rolePermissions(grant.role, view, declared).has(permission);
  return sodRulesIn(view)
    .filter(({ onDocument }) => !onDocument)
    .flatMap((rule) =>
      grants
        .filter((grant) => lets(grant, rule.first))
        .flatMap((first) =>
          grants
            .filter((grant) => lets(grant, rule.second) && meet(first, grant))
            .map((second) => ({ rule, first, second })),
        ),
    );
}

/** All violations, by grants in force on that day. */
export function sodViolationsIn(view: RightsState, declared: DeclaredPermissions, day: string): SodViolation[] {
  const byHolder = new Map<string, Grant[]>();
  for (const grant of view.grants.values()) {
    if (!holdsOn(grant, day)) continue;
    byHolder.set(grant.holderId, [...(byHolder.get(grant.holderId) ?? []), grant]);
  }
  return [...byHolder.values()].flatMap((grants) => sodViolationsAmong(grants, view, declared));
}

/** The rule accepts a compensating control, and one was named when the later grant was given. */
export const isMitigated = ({ rule, first, second }: SodViolation): boolean =>
  rule.mitigation !== null && (first.mitigation ?? second.mitigation) !== null;

export const sodViolationKey = ({ rule, first, second }: SodViolation): string =>
  `${rule.ruleId} ${first.grantId} ${second.grantId}`;
