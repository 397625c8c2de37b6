import { type DecideContext, type Decision, isRejection, type Rejection } from '@daybook/kernel';
import { approvalDecider } from '../approval.decider.js';
import {
  type ApprovalEvent,
  approvalGiven,
  commandChanged,
  commandDone,
  commandFailed,
  type CommandHeld,
  commandHeld,
  commandRejected,
  commandWithdrawn,
} from '../approval.events.js';
import type { Acting, ApprovalState } from '../approval.state.js';

/* Given events, when a command, then events or a rejection: the way pending commands are specified. */
export const requestId = '0199f3a0-0000-7000-8000-0000000000aa';
export const companyId = '0199f3a0-0000-7000-8000-0000000000c0';
export const ruleId = (n: number): string => `0199f3a0-0000-7000-8000-${String(n).padStart(12, '0')}`;
const summary = 'Entry of 250 000,00 on 31 March 2026';

export const held = (more: Partial<CommandHeld> = {}): ApprovalEvent =>
  commandHeld.of({
    requestId,
    operation: 'accounting.entry.post',
    commandId: ruleId(900),
    expectedVersion: null,
    initiator: { kind: 'person', id: 'kari' },
    onBehalfOf: null,
    initiatorId: 'kari',
    sealedFor: 'kari',
    input: { companyId, description: 'Sale' },
    summary,
    amount: '250000.00',
    companyId,
    requirements: [{ ruleId: ruleId(1), approvers: 1, approverRole: null }],
    content: 1,
    ...more,
  });
export const two = { requirements: [{ ruleId: ruleId(1), approvers: 2, approverRole: null }] };
export const changed = (content = 2, by = ['kari'], more: Partial<CommandHeld> = {}): ApprovalEvent =>
  commandChanged.of({
    requestId,
    initiatorId: 'kari',
    sealedFor: 'kari',
    input: { companyId, description: 'Another sale' },
    summary,
    amount: '300000.00',
    companyId,
    requirements: [{ ruleId: ruleId(1), approvers: 1, approverRole: null }],
    content,
    by,
    ...more,
  });
export const approved = (by = 'ola', complete = true, content = 1, roles = ['Admin']): ApprovalEvent =>
  approvalGiven.of({ requestId, summary, content, by, roles, comment: null, complete });
const result = { id: ruleId(7), version: 1, position: '41' };
export const problem = { code: 'platform.version-stale', message: 'Somebody changed this meanwhile.' };
export const done = (content = 1): ApprovalEvent => commandDone.of({ requestId, summary, content, result });
export const failed = (content = 1): ApprovalEvent => commandFailed.of({ requestId, summary, content, problem });
export const refused = (): ApprovalEvent =>
  commandRejected.of({ requestId, summary, by: 'ola', reason: 'No contract' });
export const withdrawn = (): ApprovalEvent => commandWithdrawn.of({ requestId, summary, reason: null });

export const fold = (events: readonly ApprovalEvent[]): ApprovalState =>
  events.reduce(
    (state, event, revision) => approvalDecider.evolve(state, event, { revision }),
    approvalDecider.initial,
  );

export interface As extends Partial<Acting> {
  readonly actor?: string;
  readonly expectedVersion?: number | null;
}
type Cmd = Parameters<typeof approvalDecider.decide>[0];
type Short = 'hold' | 'give' | 'complete' | 'reject' | 'withdraw' | 'amend';
const inputs: Readonly<Record<Short, object>> = {
  hold: {
    operation: 'accounting.entry.post',
    commandId: ruleId(900),
    expectedVersion: null,
    input: {},
    summary,
    amount: null,
    companyId,
    requirements: two.requirements,
  },
  give: { comment: null },
  complete: { content: 1, result, problem: null },
  reject: { reason: 'No contract' },
  withdraw: {},
  amend: { input: { companyId, description: 'Another sale' } },
};

export const given = (...events: ApprovalEvent[]) => ({
  when(name: Short, as: As = {}, input: object = {}): Decision<ApprovalEvent> {
    const { actor = 'ola', expectedVersion = null, ...acting } = as;
    const context: DecideContext = {
      now: '2026-04-01T08:00:00.000Z',
      tenant: ruleId(500),
      actor,
      commandId: ruleId(8),
      newId: ruleId(9),
      expectedVersion,
      reason: null,
    };
    const command = { name: `approvals.request.${name}`, input: { requestId, ...inputs[name], ...input } } as Cmd;
    return approvalDecider.decide(command, fold(events), context, {
      kind: 'person',
      onBehalfOf: null,
      roles: ['Admin'],
      roleNames: new Map(),
      companies: 'all',
      initiatorMayNot: null,
      changed: {
        input: {},
        summary,
        amount: '300000.00',
        companyId,
        about: null,
        behind: [],
        addressee: null,
        requirements: [],
      },
      ...acting,
    });
  },
});

export function rejected(decision: Decision<ApprovalEvent>): Rejection {
  if (!isRejection(decision)) throw new Error(`Expected a rejection, got ${JSON.stringify(decision)}`);
  return decision;
}
export function accepted(decision: Decision<ApprovalEvent>) {
  if (isRejection(decision)) throw new Error(`Expected acceptance, got ${decision.code}: ${decision.message}`);
  return decision;
}
