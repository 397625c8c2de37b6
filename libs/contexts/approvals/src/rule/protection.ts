import { decimals } from '@daybook/kernel';
import type { People } from '@daybook/server';
import type { Requirement } from '../request/request.events.js';
import { approveRequest } from '../request/request.operations.js';
import { howManyFit } from '../request/approvers.js';
import { type RuleContext, requirementsOf } from './matching.js';
import type { RulesState } from './rule.decider.js';
import type { RuleData } from './rule.events.js';
import { removeRule, setRule } from './rule.operations.js';

type Fields = Readonly<Record<string, unknown>>;
interface RequestContext extends RuleContext {
  readonly input: Fields;
}

/** What the rules ask for, and the rule that this would lift or weaken: else who wants past one act lifts its rule first. */
export async function requirementsFor(
  rules: RulesState,
  asking: RequestContext,
  { tenant, personId }: { readonly tenant: string; readonly personId: string },
  people: Pick<People, 'holdersOf'>,
): Promise<Requirement[]> {
  const requirements = requirementsOf(rules, asking);
  const weakened = weakenedBy(rules, asking);
  if (weakened === null || requirements.some(({ ruleId }) => ruleId === weakened.ruleId)) return requirements;
  const { ruleId, data } = weakened;
  // Never more than there are: a rule that nobody can meet any more would stay for ever (docs/adr/0052).
  const others = (await people.holdersOf(tenant, approveRequest.name))
    .filter((one) => one.personId !== personId)
    .map((one) => ({ ...one, grants: one.grants.filter(({ companyId }) => companyId === null) }));
  const approvers = Math.min(data.approvers, howManyFit(data, others));
  return approvers === 0 ? requirements : [...requirements, { ruleId, approvers, approverRole: data.approverRole }];
}

function weakenedBy(
  rules: RulesState,
  { operation, input }: RequestContext,
): { ruleId: string; data: RuleData } | null {
  const ruleId = String(input['ruleId']);
  const data = rules.get(ruleId)?.data;
  if (!data) return null;
  if (operation === removeRule.name) return { ruleId, data };
  return operation === setRule.name && weakens(data, input) ? { ruleId, data } : null;
}

/** Is something free afterwards that waits now, or does it wait for fewer, or for others? */
export function weakens(before: RuleData, change: Fields): boolean {
  const changed = (field: keyof RuleData): boolean => change[field] !== undefined && change[field] !== before[field];
  const { above, approvers, role } = change;
  return (
    changed('operation') ||
    (changed('role') && role !== null) ||
    (changed('approverRole') && before.approverRole !== null) ||
    (typeof approvers === 'number' && approvers < before.approvers) ||
    (typeof above === 'string' && (before.above === null || decimals.cmp(above, before.above) > 0))
  );
}
