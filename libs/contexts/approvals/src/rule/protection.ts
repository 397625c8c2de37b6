import { decimals } from '@daybook/kernel';
import type { People } from '@daybook/server';
import type { Requirement } from '../approval/approval.events.js';
import { approveCommand } from '../approval/approval.operations.js';
import { howManyFit } from '../approval/approvers.js';
import { type Asked, requirementsOf } from './matching.js';
import type { RulesState } from './rule.decider.js';
import type { RuleFacts } from './rule.events.js';
import { removeRule, setRule } from './rule.operations.js';

type Fields = Readonly<Record<string, unknown>>;
interface Asking extends Asked {
  readonly input: Fields;
}

/** What the rules ask for, and the rule that this would lift or weaken: else who wants past one act lifts its rule first. */
export async function requirementsFor(
  rules: RulesState,
  asking: Asking,
  { tenant, personId }: { readonly tenant: string; readonly personId: string },
  people: Pick<People, 'holdersOf'>,
): Promise<Requirement[]> {
  const requirements = requirementsOf(rules, asking);
  const weakened = weakenedBy(rules, asking);
  if (weakened === null || requirements.some(({ ruleId }) => ruleId === weakened.ruleId)) return requirements;
  const { ruleId, facts } = weakened;
  // Never more than there are: a rule that nobody can meet any more would stay for ever (docs/adr/0052).
  const others = (await people.holdersOf(tenant, approveCommand.name))
    .filter((one) => one.personId !== personId)
    .map((one) => ({ ...one, grants: one.grants.filter(({ companyId }) => companyId === null) }));
  const approvers = Math.min(facts.approvers, howManyFit(facts, others));
  return approvers === 0 ? requirements : [...requirements, { ruleId, approvers, approverRole: facts.approverRole }];
}

function weakenedBy(rules: RulesState, { operation, input }: Asking): { ruleId: string; facts: RuleFacts } | null {
  const ruleId = String(input['ruleId']);
  const facts = rules.get(ruleId)?.facts;
  if (!facts) return null;
  if (operation === removeRule.name) return { ruleId, facts };
  return operation === setRule.name && weakens(facts, input) ? { ruleId, facts } : null;
}

/** Is something free afterwards that waits now, or does it wait for fewer, or for others? */
export function weakens(before: RuleFacts, change: Fields): boolean {
  const changed = (field: keyof RuleFacts): boolean => change[field] !== undefined && change[field] !== before[field];
  const { above, approvers, role } = change;
  return (
    changed('operation') ||
    (changed('role') && role !== null) ||
    (changed('approverRole') && before.approverRole !== null) ||
    (typeof approvers === 'number' && approvers < before.approvers) ||
    (typeof above === 'string' && (before.above === null || decimals.cmp(above, before.above) > 0))
  );
}
