import { accept, assertNever, checkVersion, type Decider, type Decision, reject } from '@daybook/kernel';
import type { RuleData } from './rule.events.js';
import { type RuleEvent, ruleRemoved, ruleSet } from './rule.events.js';
import type { RuleCommand } from './rule.operations.js';

/*
 * Invariants: a rule names an operation that can wait for approval, an amount only where the operation has one, and roles
 * that there are at that moment. A role that is removed later stands in the list of rules as gone (rule.queries.ts).
 * Removing a rule frees no command that waits already: its rules are pinned when it is asked for.
 */
interface RuleState {
  readonly version: number;
  /** null once removed; the version runs on. */
  readonly data: RuleData | null;
}
export type RulesState = ReadonlyMap<string, RuleState>;

export interface RuleDecisionFacts {
  /** What the operation's declaration says of approval; null for one that cannot wait, or is not there. */
  readonly approvable: { readonly hasAmount: boolean } | null;
  /** The roles of the tenant: names of built-in ones, ids of its own. */
  readonly roles: ReadonlyMap<string, string>;
}

export const ruleDecider: Decider<RulesState, RuleCommand, RuleEvent, RuleDecisionFacts> = {
  initial: new Map(),

  decide(command, state, context, { approvable, roles }): Decision<RuleEvent> {
    const { ruleId } = command.input;
    const known = state.get(ruleId);
    switch (command.name) {
      case 'approvals.rule.set': {
        const before = known?.data;
        const { input } = command;
        const stale = known && checkVersion(context, known.version);
        if (stale) return stale;
        const [operation, approvers] = [input.operation ?? before?.operation, input.approvers ?? before?.approvers];
        if (operation === undefined) return required('operation');
        if (approvers === undefined) return required('approvers');
        const kept = <F extends 'above' | 'role' | 'approverRole'>(field: F) =>
          input[field] === undefined ? (before?.[field] ?? null) : input[field];
        const [above, role, approverRole] = [kept('above'), kept('role'), kept('approverRole')];
        if (!approvable) {
          return wrong('operation', 'approvals.operation-not-approvable', `${operation} cannot wait for approval.`);
        }
        if (above !== null && !approvable.hasAmount) {
          return wrong(
            'above',
            'approvals.amount-not-supported',
            `${operation} has no amount to compare. Leave the amount out.`,
          );
        }
        if (above?.startsWith('-')) {
          return wrong(
            'above',
            'approvals.amount-negative',
            'Amounts are compared without their sign: enter 0 or more.',
          );
        }
        const unknown = (['role', 'approverRole'] as const).find(
          (field) => !isKnown({ role, approverRole }[field], roles),
        );
        if (unknown) {
          return wrong(
            unknown,
            'approvals.role-not-found',
            'There is no such role. Use one from the list of roles (your own roles by id), or null for none.',
          );
        }
        const data: RuleData = { operation, above, role, approvers, approverRole };
        if (known?.data && same(known.data, data)) return accept(ruleId, known.version);
        return accept(ruleId, (known?.version ?? 0) + 1, ruleSet.of({ ruleId, ...data }));
      }
      case 'approvals.rule.remove': {
        if (!known?.data) {
          return reject('approvals.rule-not-found', 'There is no such rule.', { status: 404, details: { ruleId } });
        }
        const stale = checkVersion(context, known.version);
        if (stale) return stale;
        return accept(ruleId, known.version + 1, ruleRemoved.of({ ruleId, operation: known.data.operation }));
      }
      default:
        return assertNever(command);
    }
  },

  evolve(state, event) {
    const { ruleId } = event.data;
    const version = (state.get(ruleId)?.version ?? 0) + 1;
    switch (event.type) {
      case 'approvals.rule-set': {
        const { ruleId: _, ...data } = event.data;
        return new Map(state).set(ruleId, { version, data });
      }
      case 'approvals.rule-removed':
        return new Map(state).set(ruleId, { version, data: null });
      default:
        return assertNever(event);
    }
  },
};

const same = (a: RuleData, b: RuleData): boolean =>
  (Object.keys(a) as (keyof RuleData)[]).every((field) => a[field] === b[field]);

const required = (field: string) => wrong(field, 'approvals.rule-incomplete', `A new rule needs the field ${field}.`);

const isKnown = (role: string | null, roles: RuleDecisionFacts['roles']): boolean => role === null || roles.has(role);

const wrong = (field: string, code: string, message: string) =>
  reject(code, message, { status: 400, errors: [{ pointer: `/${field}`, code, message }] });
