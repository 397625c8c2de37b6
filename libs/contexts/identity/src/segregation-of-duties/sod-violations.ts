import { rolePermissions, type Roles } from '../role/role-permissions.js';
import type { SodRule, Grant, TenantState } from '../tenant/tenant.state.js';
import { sodRulesIn } from './sod-rules.js';

/** Two grants of one holder, which may be the same one, that lead to both permissions of a rule in one company. */
export interface SodViolation {
  readonly rule: SodRule;
  readonly first: Grant;
  readonly second: Grant;
}
export type RightsState = Roles & Pick<TenantState, 'grants' | 'sodRules'>;

/** A grant holds through its last day, in UTC. */
export const holdsOn = ({ until }: Pick<Grant, 'until'>, day: string): boolean => until === null || until >= day;

const meet = (a: Grant, b: Grant): boolean =>
  a.companyId === null || b.companyId === null || a.companyId === b.companyId;

/** The violations of rules that forbid holding both, among these grants of one holder. */
export function sodViolationsAmong(
  grants: readonly Grant[],
  view: Pick<RightsState, 'roles' | 'sodRules'>,
  declared: readonly string[],
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

/** Violations of everybody, of grants that hold on that day. */
export function sodViolationsIn(view: RightsState, declared: readonly string[], day: string): SodViolation[] {
  const byHolder = new Map<string, Grant[]>();
  for (const grant of view.grants.values()) {
    if (!holdsOn(grant, day)) continue;
    byHolder.set(grant.holderId, [...(byHolder.get(grant.holderId) ?? []), grant]);
  }
  return [...byHolder.values()].flatMap((grants) => sodViolationsAmong(grants, view, declared));
}

/** The rule allows for it, and who gave the later of the two said what makes up for it. */
export const isMitigated = ({ rule, first, second }: SodViolation): boolean =>
  rule.mitigation !== null && (first.mitigation ?? second.mitigation) !== null;

export const sodViolationKey = ({ rule, first, second }: SodViolation): string =>
  `${rule.ruleId} ${first.grantId} ${second.grantId}`;
