import { answer, type ContextPart } from '@daybook/server';
import { accessRows, dayOf, type GrantRead } from '../access/access-rows.js';
import { holderNames } from '../access/holder-names.js';
import { permissionTitle } from '../role/permission-tree.js';
import { roleName } from '../role/role-permissions.js';
import { deps } from '../injected.js';
import { decidedByTenant } from '../tenant/decided.js';
import { sodRuleCommands, listSodRules, listSodViolations } from './sod-rule.operations.js';
import { sodRulesIn } from './sod-rules.js';
import { sodViolationsIn } from './sod-violations.js';

export const sodRulePart: ContextPart = {
  bindings: [
    decidedByTenant(sodRuleCommands),
    answer(listSodRules, deps('bindings'), async (_, read, { bindings: { operations } }) => {
      const rows = await accessRows(read);
      return {
        items: sodRulesIn(rows).map((rule) => ({
          ...rule,
          firstTitle: permissionTitle(rule.first, operations),
          secondTitle: permissionTitle(rule.second, operations),
          builtIn: !rows.sodRules.has(rule.ruleId),
          version: rows.sodRules.get(rule.ruleId)?.version ?? 0,
        })),
      };
    }),
    answer(listSodViolations, deps('bindings', 'tenantStates', 'memberships'), async (_, read, given) => {
      const rows = await accessRows(read);
      const names = await holderNames(given, read, rows.grants.values());
      const through = ({ grantId, role }: { grantId: string; role: string }) => ({
        grantId,
        role,
        roleName: roleName(role, rows),
      });
      const found = sodViolationsIn(rows, given.bindings.declared, dayOf(read, read.past));
      return {
        items: found.map(({ rule, first, second }) => ({
          ruleId: rule.ruleId,
          risk: rule.risk,
          holder: first.holder,
          holderId: first.holderId,
          holderName: names.get(first.holderId) ?? null,
          first: rule.first,
          firstThrough: through(first),
          second: rule.second,
          secondThrough: through(second),
          since: laterOf(rows.grants.get(first.grantId), rows.grants.get(second.grantId))?.givenAt ?? '',
          mitigation: laterOf(rows.grants.get(first.grantId), rows.grants.get(second.grantId))?.mitigation ?? null,
        })),
      };
    }),
  ],
};

/** The later grant caused the violation, so its date and mitigation are the ones that count. */
const laterOf = (...grants: readonly (GrantRead | undefined)[]): GrantRead | undefined =>
  grants
    .filter((grant) => grant !== undefined)
    .sort((a, b) => (a.givenAt < b.givenAt ? -1 : 1))
    .at(-1);
