import { deciderOf, reject } from '@daybook/kernel';
import { sodRuleFolds, sodRuleRules } from './decide-sod-rule.js';
import { grantFolds, grantRules } from './decide-grant.js';
import { apiKeyFolds, apiKeyRules } from './decide-api-key.js';
import { memberFolds, memberRules } from './decide-member.js';
import { roleFolds, roleRules } from './decide-role.js';
import { serviceFolds, serviceRules } from './decide-service.js';
import { delegatedAccessFolds, delegatedAccessRules } from './decide-delegated-access.js';
import { tenantFolds, tenantRules } from './decide-tenant.js';
import { noTenantYet, type OpenTenant, type TenantFacts, type TenantState } from './tenant.state.js';
import { type TenantEvent, tenantStreamCommands } from './tenant.stream.js';

/*
 * One tenant: members, grants, roles, segregation of duties rules, policy. Whatever the commands,
 * - a person has at most one membership,
 * - there is always an Admin: an active member, in the whole tenant, without a last day,
 * - nobody gives to themselves, and nobody but an Admin gives what they do not hold,
 * - nobody holds two permissions that a rule keeps apart, unless the rule and the giver name a compensating control.
 */
export const tenantDecider = deciderOf<typeof tenantStreamCommands, TenantState, TenantEvent, TenantFacts, OpenTenant>({
  commands: tenantStreamCommands,
  initial: noTenantYet,
  refused: (name, { tenant }) =>
    tenant !== null || name === 'identity.tenant.record'
      ? null
      : reject('identity.tenant-not-found', 'This tenant does not exist yet. Create it first.', { status: 404 }),
  rules: {
    ...tenantRules,
    ...memberRules,
    ...grantRules,
    ...roleRules,
    ...sodRuleRules,
    ...serviceRules,
    ...apiKeyRules,
    ...delegatedAccessRules,
  },
  folds: {
    ...tenantFolds,
    ...memberFolds,
    ...grantFolds,
    ...roleFolds,
    ...sodRuleFolds,
    ...serviceFolds,
    ...apiKeyFolds,
    ...delegatedAccessFolds,
  },
});
