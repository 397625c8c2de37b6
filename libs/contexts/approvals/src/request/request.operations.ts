import {
  type ActionDeclaration,
  amount,
  command,
  type CommandOf,
  commandResult,
  instant,
  pageInput,
  pageOf,
  plainText,
  query,
  stamp,
  type StatusWord,
  tagInput,
} from '@daybook/kernel';
import * as z from 'zod';
import { requirement } from './request.events.js';

const requestId = z.uuid();
const comment = plainText(500);

export const requestStatus = z
  .enum(['pending', 'approved', 'completed', 'failed', 'rejected', 'withdrawn'])
  .meta({ id: 'ApprovalRequestStatus' });
export type RequestStatus = z.infer<typeof requestStatus>;
/** Labels of a request's status; completed needs none. */
export const requestStatusWords: Readonly<Record<RequestStatus, StatusWord>> = {
  pending: { label: 'Pending', tone: 'warn', icon: 'hand' },
  approved: { label: 'Being carried out', icon: 'loader' },
  completed: null,
  failed: { label: 'Refused when carried out', tone: 'error', icon: 'circle-x' },
  rejected: { label: 'Rejected', tone: 'error', icon: 'ban' },
  withdrawn: { label: 'Withdrawn', icon: 'undo-2' },
};

export const approveRequest = command('approvals.request.approve', {
  title: 'Approve an approval request',
  description:
    'The last approval carries out the request in the name of its requester. The requester and the person who changed it last cannot approve it.',
  http: 'POST /v1/approvals/requests/{requestId}/approval',
  sensitive: true,
  says: 'approved {summary}',
  ifMatch: 'required',
  scope: 'caller',
  input: z.object({ requestId, comment: comment.optional() }),
  output: commandResult
    .omit({ approvalRequest: true })
    .extend({ status: requestStatus.describe('failed: the command was refused when it was carried out') })
    .meta({ id: 'ApprovalResult' }),
});
export const rejectRequest = command('approvals.request.reject', {
  title: 'Reject an approval request',
  http: 'POST /v1/approvals/requests/{requestId}/rejection',
  says: 'rejected {summary}: {reason}',
  ifMatch: 'optional',
  scope: 'caller',
  input: z.object({ requestId, reason: comment }),
});
export const withdrawRequest = command('approvals.request.withdraw', {
  title: 'Withdraw an approval request',
  http: 'POST /v1/approvals/requests/{requestId}/withdrawal',
  delegated: true,
  says: 'withdrew {summary}',
  ifMatch: 'optional',
  scope: 'caller',
  input: z.object({ requestId, reason: comment.optional() }),
});
export const changeRequest = command('approvals.request.change', {
  title: 'Change an approval request',
  description:
    'Only the requester can change it. A change that would be refused now is refused at once and changes nothing. A change ' +
    'voids the approvals given so far.',
  http: 'PUT /v1/approvals/requests/{requestId}',
  delegated: true,
  says: 'changed an approval request: {summary}',
  ifMatch: 'optional',
  scope: 'caller',
  input: z.object({
    requestId,
    input: z
      .record(z.string(), z.unknown())
      .describe(
        'What changes of the input of the operation: what is left out stays as it is, null takes a field away, and a list ' +
          'is given whole or as an object of its places: { "lines": { "0": { "amount": "10.00" } } }',
      ),
  }),
});
export const requestCommands = [rejectRequest, withdrawRequest] as const;
export type RequestCommand = CommandOf<(typeof requestCommands)[number]>;

export const requestRow = z
  .object({
    id: requestId,
    operation: z.string(),
    operationTitle: z.string(),
    summary: z.string(),
    amount: amount.nullable(),
    companyId: z.string().nullable(),
    status: requestStatus,
    requestedBy: z.string().describe('Id of the person or key'),
    requestedAt: instant,
    given: z.int().describe('Approvals given to the present content'),
    needed: z.int().describe('How many people must approve, at least'),
    approverRoles: z.array(z.string()).describe('Roles of which at least one person must approve'),
    yourPart: z
      .enum(['approve', 'reject', 'own', 'none'])
      .describe(
        'approve: it waits for your approval; reject: it would, but your role hides a part of it; own: you are the requester, and can change or withdraw it',
      ),
    stuck: z
      .boolean()
      .describe('It is pending, and with the rights as they are now nobody can give the missing approvals'),
    version: z.int(),
  })
  .meta({ id: 'ApprovalRequestRow' });

export const listApprovalRequests = query('approvals.request.list', {
  title: 'List approval requests',
  description: 'Pending requests and the outcome of earlier ones, newest first.',
  http: 'GET /v1/approvals/requests',
  delegated: true,
  permission: 'approvals.request.read',
  scope: 'caller',
  input: z.object({
    status: z.array(requestStatus).optional(),
    statusNot: z.array(requestStatus).optional(),
    mine: z
      .enum(['requested', 'approve'])
      .optional()
      .describe('requested: your own requests; approve: requests that wait for your approval'),
    stuck: z
      .enum(['yes'])
      .optional()
      .describe('Pending requests that nobody can approve with the rights as they are now'),
    operation: z.array(z.string().max(100)).max(50).optional(),
    ...tagInput,
    ...pageInput,
  }),
  output: pageOf(requestRow),
  rows: 'items',
});

export const readApprovalRequest = query('approvals.request.read', {
  title: 'Read an approval request',
  http: 'GET /v1/approvals/requests/{requestId}',
  delegated: true,
  permission: 'approvals.request.read',
  scope: 'caller',
  input: z.object({ requestId }),
  output: requestRow
    .extend({
      input: z
        .record(z.string(), z.unknown())
        .nullable()
        .describe('What was requested; null once the requester is erased'),
      fields: z
        .array(
          z.object({ field: z.string(), label: z.string(), value: z.string() }).meta({ id: 'ApprovalRequestField' }),
        )
        .describe('The input in words, one row per field'),
      expectedVersion: z.int().nullable(),
      requirements: z.array(requirement.meta({ id: 'ApprovalRequirement' })),
      approvals: z.array(
        z
          .object({
            by: z.string(),
            at: instant,
            comment: z.string().nullable(),
            void: z.boolean().describe('Given to an earlier content; it no longer counts'),
          })
          .meta({ id: 'Approval' }),
      ),
      problem: z.object({ code: z.string(), message: z.string() }).meta({ id: 'ApprovalRequestProblem' }).nullable(),
      result: z
        .object({ id: z.string(), version: z.int(), position: z.string() })
        .meta({ id: 'ApprovalRequestResult' })
        .nullable(),
      reason: z.string().nullable().describe('Why it was rejected or withdrawn'),
      decidedBy: z.string().nullable(),
      changeable: z.boolean().describe('false: the requester has to withdraw it and submit a new one'),
      eligibility: z
        .string()
        .nullable()
        .describe(
          'Why you do not approve it, or what proof of who you are approving takes; null where nothing is in the way',
        ),
      stuckReason: z.string().nullable().describe('Why nobody can approve it, and what to do; null while somebody can'),
      stamp,
    })
    .meta({ id: 'ApprovalRequest' }),
});

const part = (...is: string[]) => ({ field: 'yourPart', is });
/** Actions on a request in a list or on its page, and who is offered them. */
export const requestActions: readonly ActionDeclaration[] = [
  {
    operation: approveRequest,
    label: 'Approve',
    icon: 'check',
    key: 'A',
    main: true,
    when: part('approve'),
    from: { requestId: 'id' },
    ask: { comment: { label: 'Comment', width: 'full', hint: 'May be left empty.' } },
  },
  {
    operation: rejectRequest,
    label: 'Reject',
    icon: 'ban',
    when: part('approve', 'reject'),
    from: { requestId: 'id' },
    ask: { reason: { label: 'Reason', width: 'full', hint: 'The requester reads it.' } },
    destructive: true,
  },
  {
    operation: withdrawRequest,
    label: 'Withdraw',
    icon: 'undo-2',
    when: part('own'),
    from: { requestId: 'id' },
    ask: { reason: { label: 'Reason', width: 'full', hint: 'May be left empty.' } },
    destructive: true,
  },
];
