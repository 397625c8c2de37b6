import { publishedState, streamName } from '@daybook/kernel';
import type { States } from '@daybook/server';
import { ruleDecider, type RulesState } from './rule.decider.js';
import { ruleEvents } from './rule.events.js';

export const rulesStream = (tenant: string): string => streamName('approvals.rules', tenant, tenant);

/** The rules of a tenant; null for one that never set any: nothing of it can wait. */
export const rulesInForce = publishedState<RulesState | null, typeof ruleEvents>('approvals.rules-in-force', {
  of: 'approvals.rules',
  events: ruleEvents,
  initial: null,
  evolve: (rules, event, at) => ruleDecider.evolve(rules ?? ruleDecider.initial, event, at),
});

/** The rules of each tenant as they are now: a rule holds for the next command in every process. */
export abstract class RulesInForce implements Pick<States<RulesState | null>, 'current'> {
  abstract current(tenant: string, id?: string, last?: number | null): Promise<RulesState | null>;
}
