import type { Decision } from '@daybook/kernel';
import { accepted, deciding, rejected } from '@daybook/projections/testing/given';
import { requestDecider } from '../request.decider.js';
import {
  type RequestEvent,
  requestApproved,
  requestChanged,
  requestCompleted,
  requestFailed,
  type RequestSubmitted,
  requestSubmitted,
  requestRejected,
  requestWithdrawn,
} from '../request.events.js';
import type { ApproverContext } from '../request.state.js';

/* Given events, when a command, then events or a rejection: the way pending commands are specified. */
export const requestId = '0199f3a0-0000-7000-8000-0000000000aa';
export const companyId = '0199f3a0-0000-7000-8000-0000000000c0';
export const ruleId = (n: number): string => `0199f3a0-0000-7000-8000-${String(n).padStart(12, '0')}`;
const ofNoRecord = { recordType: null, recordId: null } as const;
const summary = 'Entry of 250 000,00 on 31 March 2026';

export const submitted = (more: Partial<RequestSubmitted> = {}): RequestEvent =>
  requestSubmitted.of({
    requestId,
    operation: 'accounting.entry.post',
    commandId: ruleId(900),
    expectedVersion: null,
    initiator: { kind: 'person', id: 'kari' },
    onBehalfOf: null,
    initiatorId: 'kari',
    sealedFor: 'kari',
    input: { companyId, description: 'Sale' },
    ...ofNoRecord,
    summary,
    amount: '250000.00',
    companyId,
    requirements: [{ ruleId: ruleId(1), approvers: 1, approverRole: null }],
    contentVersion: 1,
    ...more,
  });
export const two = { requirements: [{ ruleId: ruleId(1), approvers: 2, approverRole: null }] };
export const changed = (contentVersion = 2, by = ['kari'], more: Partial<RequestSubmitted> = {}): RequestEvent =>
  requestChanged.of({
    requestId,
    initiatorId: 'kari',
    sealedFor: 'kari',
    input: { companyId, description: 'Another sale' },
    ...ofNoRecord,
    summary,
    amount: '300000.00',
    companyId,
    requirements: [{ ruleId: ruleId(1), approvers: 1, approverRole: null }],
    contentVersion,
    by,
    ...more,
  });
export const approved = (by = 'ola', complete = true, contentVersion = 1, roles = ['Admin']): RequestEvent =>
  requestApproved.of({ requestId, ...ofNoRecord, summary, contentVersion, by, roles, comment: null, complete });
const result = { id: ruleId(7), version: 1, position: '41' };
export const problem = { code: 'platform.version-stale', message: 'Somebody changed this meanwhile.' };
export const completed = (contentVersion = 1): RequestEvent =>
  requestCompleted.of({ requestId, ...ofNoRecord, summary, contentVersion, result });
export const failed = (contentVersion = 1): RequestEvent =>
  requestFailed.of({ requestId, ...ofNoRecord, summary, contentVersion, problem });
export const refused = (): RequestEvent =>
  requestRejected.of({ requestId, ...ofNoRecord, summary, by: 'ola', reason: 'No contract' });
export const withdrawn = (): RequestEvent => requestWithdrawn.of({ requestId, ...ofNoRecord, summary, reason: null });

const decisions = deciding(requestDecider, { tenant: ruleId(500) });
export const fold = decisions.fold;

export interface As extends Partial<ApproverContext> {
  readonly actor?: string;
  readonly expectedVersion?: number | null;
}
type Cmd = Parameters<typeof requestDecider.decide>[0];
type Short = 'submit' | 'record-approval' | 'complete' | 'fail' | 'reject' | 'withdraw' | 'record-change';
const inputs: Readonly<Record<Short, object>> = {
  submit: {
    operation: 'accounting.entry.post',
    commandId: ruleId(900),
    expectedVersion: null,
    input: {},
    ...ofNoRecord,
    summary,
    amount: null,
    companyId,
    requirements: two.requirements,
  },
  'record-approval': { comment: null },
  complete: { contentVersion: 1, result },
  fail: { contentVersion: 1, problem },
  reject: { reason: 'No contract' },
  withdraw: {},
  'record-change': { input: { companyId, description: 'Another sale' } },
};

export const given = (...events: RequestEvent[]) => ({
  when(name: Short, as: As = {}, input: object = {}): Decision<RequestEvent> {
    const { actor = 'ola', expectedVersion = null, ...approver } = as;
    const command = { name: `approvals.request.${name}`, input: { requestId, ...inputs[name], ...input } } as Cmd;
    const facts = {
      kind: 'person',
      onBehalfOf: null,
      roles: ['Admin'],
      roleNames: new Map(),
      sight: 'whole',
      initiatorRejection: null,
      changed: {
        input: {},
        summary,
        amount: '300000.00',
        companyId,
        about: null,
        ...ofNoRecord,
        custodians: [],
        addressee: null,
        requirements: [],
      },
      ...approver,
    } as const;
    return decisions.given(...events).whenSent(command, { actor, expectedVersion, facts });
  },
});

export { accepted, rejected };
