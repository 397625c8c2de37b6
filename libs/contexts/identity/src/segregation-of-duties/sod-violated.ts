import { reject, type Rejection } from '@daybook/kernel';
import { roleName, type Roles } from '../role/role-permissions.js';
import type { SodViolation } from './sod-violations.js';

/** Names the rule, the two grants, and whether a compensating control would allow it. */
export function sodViolated({ rule, first, second }: SodViolation, state: Roles): Rejection {
  const [one, other] = [roleName(first.role, state), roleName(second.role, state)];
  const roles = first.grantId === second.grantId ? `The role ${one} alone gives` : `The roles ${one} and ${other} give`;
  const way =
    rule.mitigation === null
      ? 'Give one of them to another person.'
      : `Give one of them to another person, or name a compensating control in mitigation: ${rule.mitigation}`;
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

/** A rejection lists at most this many violations. */
const maxListed = 50;

/** Existing grants violate the rule being set. All of them are listed, so that they can be fixed in one go. */
export function alreadyViolated(broken: readonly SodViolation[], state: Roles): Rejection {
  const [one] = broken;
  if (!one) throw new Error('Nobody violates the rule');
  const refusal = sodViolated({ ...one, rule: { ...one.rule, mitigation: null } }, state);
  const holders = new Set(broken.map(({ first }) => first.holderId)).size;
  const how = one.rule.mitigation === null ? '' : ', with a compensating control,';
  const way = `${holders === 1 ? '1 holder violates' : `${holders} holders violate`} this rule. Revoke one of the roles and give it again${how} once the rule is set, or apply the rule to single documents only.`;
  return {
    ...refusal,
    message: `${refusal.message} ${way}`,
    details: {
      ...refusal.details,
      holders,
      violations: broken.slice(0, maxListed).map(({ first, second }) => ({
        holder: first.holder,
        holderId: first.holderId,
        first: first.grantId,
        second: second.grantId,
      })),
    },
  };
}
