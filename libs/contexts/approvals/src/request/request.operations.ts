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
} from '@daybook/kernel';
import * as z from 'zod';
import { requirement } from './request.events.js';

const requestId = z.uuid();
const comment = plainText(500);

export const requestStatus = z
  .enum(['pending', 'approved', 'completed', 'failed', 'rejected', 'withdrawn'])
  .meta({ id: 'ApprovalRequestStatus' });
export type RequestStatus = z.infer<typeof requestStatus>;
/** The words of a pending command's status; done is the quiet one. */
export const requestStatusWords: Readonly<Record<RequestStatus, StatusWord>> = {
  pending: { label: 'Pending', tone: 'warn', icon: 'hand' },
  approved: { label: 'Being carried out', icon: 'loader' },
  completed: null,
  failed: { label: 'Refused when carried out', tone: 'error', icon: 'circle-x' },
  rejected: { label: 'Rejected', tone: 'error', icon: 'ban' },
  withdrawn: { label: 'Withdrawn', icon: 'undo-2' },
};

export const approveRequest = command('approvals.request.approve', {
  title: 'Approve a waiting command',
  description:
    'The last approval carries the command out in the name of whoever asked. Neither he nor who changed it last may approve.',
  http: 'POST /v1/approvals/requests/{requestId}/approval',
  sensitive: true,
  says: 'approved {summary}',
  ifMatch: 'required',
  scope: 'caller',
  input: z.object({ requestId, comment: comment.optional() }),
  output: commandResult
    .omit({ approval: true })
    .extend({ status: requestStatus.describe('failed: the command was refused when it was carried out') })
    .meta({ id: 'ApprovalResult' }),
});
export const rejectRequest = command('approvals.request.reject', {
  title: 'Reject a waiting command',
  http: 'POST /v1/approvals/requests/{requestId}/rejection',
  says: 'rejected {summary}: {reason}',
  ifMatch: 'optional',
  scope: 'caller',
  input: z.object({ requestId, reason: comment }),
});
export const withdrawRequest = command('approvals.request.withdraw', {
  title: 'Withdraw a waiting command',
  http: 'POST /v1/approvals/requests/{requestId}/withdrawal',
  delegated: true,
  says: 'withdrew {summary}',
  ifMatch: 'optional',
  scope: 'caller',
  input: z.object({ requestId, reason: comment.optional() }),
});
export const changeRequest = command('approvals.request.change', {
  title: 'Change a waiting command',
  description:
    'Only who asked for it. What would be refused now is refused at once, and nothing is changed then. Approvals given so ' +
    'far are void: they were given to something else.',
  http: 'PUT /v1/approvals/requests/{requestId}',
  delegated: true,
  says: 'changed a waiting command: {summary}',
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
    needed: z.int().describe('Persons who must approve, at least'),
    approverRoles: z.array(z.string()).describe('Roles of which somebody must approve'),
    yourPart: z
      .enum(['approve', 'own', 'none'])
      .describe('approve: it waits for you; own: you asked, and may change or withdraw it'),
    stuck: z.boolean().describe('It waits, and as rights are now nobody can give what is missing'),
    version: z.int(),
  })
  .meta({ id: 'ApprovalRequestRow' });

export const listApprovalRequests = query('approvals.request.list', {
  title: 'List commands that wait for approval',
  description: 'Those that wait, and what became of earlier ones; newest first.',
  http: 'GET /v1/approvals/requests',
  delegated: true,
  permission: 'approvals.request.read',
  scope: 'caller',
  input: z.object({
    status: z.array(requestStatus).optional(),
    mine: z
      .enum(['requested', 'approve'])
      .optional()
      .describe('requested: those you asked for; approve: those that wait for you'),
    stuck: z.enum(['yes']).optional().describe('Those that wait and that nobody can approve as rights are now'),
    operation: z.array(z.string().max(100)).max(50).optional(),
    ...pageInput,
  }),
  output: pageOf(requestRow),
  rows: 'items',
});

export const readApprovalRequest = query('approvals.request.read', {
  title: 'Read a command that waits for approval',
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
        .describe('What was asked for; null once the person who asked is erased'),
      fields: z
        .array(
          z.object({ field: z.string(), label: z.string(), value: z.string() }).meta({ id: 'ApprovalRequestField' }),
        )
        .describe('The input in words, one row a field'),
      expectedVersion: z.int().nullable(),
      requirements: z.array(requirement.meta({ id: 'ApprovalRequirement' })),
      approvals: z.array(
        z
          .object({
            by: z.string(),
            at: instant,
            comment: z.string().nullable(),
            void: z.boolean().describe('Given to an earlier content: it counts no more'),
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
      changeable: z.boolean().describe('false: who asked withdraws it and asks anew'),
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

const part = (is: string) => ({ field: 'yourPart', is: [is] });
/** What can be done to a waiting command in a list or on its page, and by whom. */
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
    when: part('approve'),
    from: { requestId: 'id' },
    ask: { reason: { label: 'Reason', width: 'full', hint: 'Read by whoever asked.' } },
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
