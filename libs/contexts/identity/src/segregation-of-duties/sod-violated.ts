import { reject, type Rejection } from '@daybook/kernel';
import { roleName, type Roles } from '../role/role-permissions.js';
import type { SodViolation } from './sod-violations.js';

/** Says which rule, through which two grants, and whether a word on what makes up for it would do. */
export function sodViolated({ rule, first, second }: SodViolation, view: Roles): Rejection {
  const [one, other] = [roleName(first.role, view), roleName(second.role, view)];
  const roles = first.grantId === second.grantId ? `The role ${one} alone gives` : `The roles ${one} and ${other} give`;
  const way =
    rule.mitigation === null
      ? 'Give one of them to somebody else.'
      : `Give one of them to somebody else, or say in mitigation what makes up for it: ${rule.mitigation}`;
  return reject('identity.sod-violated', `${roles} both ${rule.first} and ${rule.second}. ${rule.risk} ${way}`, {
    details: {
      ruleId: rule.ruleId,
      risk: rule.risk,
      first: { permission: rule.first, grantId: first.grantId, role: first.role },
      second: { permission: rule.second, grantId: second.grantId, role: second.role },
      mitigable: rule.mitigation !== null,
    },
  });
}

/** Most that one refusal names; the rest follows when these are put right. */
const mostNamed = 50;

/** A rule that is set is broken by grants that there are: all of them are named, so that they can be put right at once. */
export function alreadyViolated(broken: readonly SodViolation[], view: Roles): Rejection {
  const [one] = broken;
  if (!one) throw new Error('Nobody breaks the rule');
  const refusal = sodViolated({ ...one, rule: { ...one.rule, mitigation: null } }, view);
  const holders = new Set(broken.map(({ first }) => first.holderId)).size;
  const how = one.rule.mitigation === null ? '' : ', with a word on what makes up for it';
  const way = `${holders === 1 ? '1 holder breaks' : `${holders} holders break`} this rule. Revoke one and give it again${how} once the rule is set; or keep them apart on one document only.`;
  return {
    ...refusal,
    message: `${refusal.message} ${way}`,
    details: {
      ...refusal.details,
      holders,
      violations: broken.slice(0, mostNamed).map(({ first, second }) => ({
        holder: first.holder,
        holderId: first.holderId,
        first: first.grantId,
        second: second.grantId,
      })),
    },
  };
}
