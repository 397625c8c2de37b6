import { isEventOf, streamName } from '@daybook/kernel';
import type { EventReader } from '@daybook/server';
import { ruleDecider, type RulesState } from './rule.decider.js';
import { ruleEvents } from './rule.events.js';

export const rulesStream = (tenant: string): string => streamName('approvals.rules', tenant, tenant);

const mostTenants = 1_000;

/**
 * The rules of each tenant, folded from their stream and kept; each look-up reads what was appended since, so that a
 * rule holds for the next command in every process. Where the request has asked how far the stream goes, nothing is read that
 * is known.
 */
export class RulesInForce {
  private readonly known = new Map<string, { revision: number; rules: RulesState }>();
  private epoch: number | undefined;

  /** `last` is the stream's last revision, where it is known. Null for a tenant that never set one: nothing of it can wait. */
  async of(tenant: string, events: EventReader, last: number | null = null): Promise<RulesState | null> {
    if (this.epoch !== events.epoch) this.known.clear();
    const epoch = (this.epoch = events.epoch);
    let { revision, rules } = this.known.get(tenant) ?? { revision: -1, rules: ruleDecider.initial };
    if (last === revision) return revision < 0 ? null : rules;
    for await (const event of events.stream(rulesStream(tenant), { from: revision + 1 })) {
      if (isEventOf(ruleEvents, event)) rules = ruleDecider.evolve(rules, event, event);
      revision = event.revision;
    }
    // Two look-ups at once fold the same events; the one that saw more is kept.
    if (epoch === this.epoch && revision >= (this.known.get(tenant)?.revision ?? -1)) {
      this.keep(tenant, { revision, rules });
    }
    return revision < 0 ? null : rules;
  }

  private keep(tenant: string, folded: { revision: number; rules: RulesState }): void {
    this.known.delete(tenant);
    this.known.set(tenant, folded);
    for (const oldest of this.known.keys()) {
      if (this.known.size <= mostTenants) break;
      this.known.delete(oldest);
    }
  }
}
