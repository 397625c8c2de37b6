import { decimals } from '@daybook/kernel';
import type { Requirement } from '../request/request.events.js';
import type { RulesState } from './rule.decider.js';
import { anyWidening } from './rule.events.js';

/** A command as rules see it. */
export interface RuleContext {
  readonly operation: string;
  /** It may widen rights or lower a control. */
  readonly widens?: boolean;
  /** null where the input tells none. */
  readonly amount: string | null;
  /** Roles that let the caller do it. */
  readonly roles: readonly string[];
}

/** What the rules in force ask for, in the order of their ids. An amount that is not known counts as above any limit. */
export function requirementsOf(rules: RulesState, asked: RuleContext): Requirement[] {
  const requirements: Requirement[] = [];
  for (const [ruleId, { data }] of rules) {
    if (!data || !names(data.operation, asked)) continue;
    if (data.role !== null && !asked.roles.includes(data.role)) continue;
    if (data.above !== null && !isAbove(asked.amount, data.above)) continue;
    requirements.push({ ruleId, approvers: data.approvers, approverRole: data.approverRole });
  }
  return requirements.sort((a, b) => (a.ruleId < b.ruleId ? -1 : 1));
}

const names = (operation: string, asked: RuleContext): boolean =>
  operation === asked.operation || (operation === anyWidening && asked.widens === true);

const isAbove = (amount: string | null, limit: string): boolean =>
  amount === null || decimals.cmp(decimals.abs(amount), limit) > 0;
