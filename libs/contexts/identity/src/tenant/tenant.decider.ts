import { type Decider, type Erased, reject } from '@daybook/kernel';
import { sodRuleFolds, sodRuleRules } from './decide-sod-rule.js';
import { grantFolds, grantRules } from './decide-grant.js';
import { apiKeyFolds, apiKeyRules } from './decide-api-key.js';
import { memberFolds, memberRules } from './decide-member.js';
import { roleFolds, roleRules } from './decide-role.js';
import { serviceFolds, serviceRules } from './decide-service.js';
import { delegatedAccessFolds, delegatedAccessRules } from './decide-delegated-access.js';
import { tenantFolds, tenantRules } from './decide-tenant.js';
import {
  type FoldsOf,
  noTenantYet,
  type OpenTenant,
  type RulesOf,
  type TenantFacts,
  type TenantState,
} from './tenant.state.js';
import type { TenantCommand, TenantEvent, tenantStreamCommands } from './tenant.stream.js';

/*
 * One tenant: members, grants, roles, segregation of duties rules, policy. Whatever the commands,
 * - a person has at most one membership,
 * - there is always an Admin: an active member, in the whole tenant, without a last day,
 * - nobody gives to themselves, and nobody but an Admin gives what they do not hold,
 * - nobody holds two permissions that a rule keeps apart, unless the rule and the giver name a compensating control.
 * Each command has one rule and each event one fold, in tables whose types list every command and event.
 */
const rules: RulesOf<typeof tenantStreamCommands> = {
  ...tenantRules,
  ...memberRules,
  ...grantRules,
  ...roleRules,
  ...sodRuleRules,
  ...serviceRules,
  ...apiKeyRules,
  ...delegatedAccessRules,
};
const folds: FoldsOf<TenantEvent> = {
  ...tenantFolds,
  ...memberFolds,
  ...grantFolds,
  ...roleFolds,
  ...sodRuleFolds,
  ...serviceFolds,
  ...apiKeyFolds,
  ...delegatedAccessFolds,
};

export const tenantDecider: Decider<TenantState, TenantCommand, TenantEvent, TenantFacts> = {
  initial: noTenantYet,
  decide({ name, input }, state, context, facts) {
    if (!isOpen(state) && name !== 'identity.tenant.record') {
      return reject('identity.tenant-not-found', 'This tenant does not exist yet. Create it first.', { status: 404 });
    }
    const rule: Erased<(typeof rules)[typeof name]> = rules[name];
    return rule(input, state, context, facts);
  },
  evolve(state, { type, data }) {
    const fold: Erased<(typeof folds)[typeof type]> = folds[type];
    return fold(state, data);
  },
};

const isOpen = (state: TenantState): state is OpenTenant => state.tenant !== null;
