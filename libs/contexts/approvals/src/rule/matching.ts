import { decimals } from '@daybook/kernel';
import type { Requirement } from '../approval/approval.events.js';
import type { RulesState } from './rule.decider.js';
import { anyWidening } from './rule.events.js';

/** A command as rules see it. */
export interface Asked {
  readonly operation: string;
  /** It may widen rights or lower a control. */
  readonly widens?: boolean;
  /** null where the input tells none. */
  readonly amount: string | null;
  /** Roles that let the caller do it. */
  readonly roles: readonly string[];
}

/** What the rules in force ask for, in the order of their ids. An amount that is not known counts as above any limit. */
export function requirementsOf(rules: RulesState, asked: Asked): Requirement[] {
  const requirements: Requirement[] = [];
  for (const [ruleId, { facts }] of rules) {
    if (!facts || !names(facts.operation, asked)) continue;
    if (facts.role !== null && !asked.roles.includes(facts.role)) continue;
    if (facts.above !== null && !isAbove(asked.amount, facts.above)) continue;
    requirements.push({ ruleId, approvers: facts.approvers, approverRole: facts.approverRole });
  }
  return requirements.sort((a, b) => (a.ruleId < b.ruleId ? -1 : 1));
}

const names = (operation: string, asked: Asked): boolean =>
  operation === asked.operation || (operation === anyWidening && asked.widens === true);

const isAbove = (amount: string | null, limit: string): boolean =>
  amount === null || decimals.cmp(decimals.abs(amount), limit) > 0;
