import { command, type CommandOf } from '@daybook/kernel';
import * as z from 'zod';
import { requestApproved, requestCompleted, requestFailed, requestSubmitted } from './request.events.js';
import { approveRequest, changeRequest } from './request.operations.js';

/*
 * Steps that only the product itself takes: the approval gate submits a request; changing, approving and carrying it out
 * record what they came to. Bound as internal commands: their routes are names only and never served.
 */
export const submitRequest = command('approvals.request.submit', {
  title: 'Submit an approval request',
  http: 'POST /v1/approvals/internal/submit',
  permission: approveRequest.permission,
  says: 'submitted for approval: {summary}',
  input: requestSubmitted.data
    .omit({ initiator: true, onBehalfOf: true, initiatorId: true, sealedFor: true, contentVersion: true })
    .extend({
      addressee: z.string().optional().describe('Id of the record that comes of it, where it is sealed under that'),
    }),
});
export const recordChange = command('approvals.request.record-change', {
  title: 'Record a change of an approval request',
  http: 'POST /v1/approvals/internal/record-change',
  permission: changeRequest.permission,
  says: changeRequest.says,
  ifMatch: 'optional',
  input: changeRequest.input,
});
export const recordApproval = command('approvals.request.record-approval', {
  title: 'Record an approval',
  http: 'POST /v1/approvals/internal/record-approval',
  permission: approveRequest.permission,
  says: approveRequest.says,
  ifMatch: 'required',
  input: requestApproved.data.pick({ requestId: true, comment: true }),
});
export const completeRequest = command('approvals.request.complete', {
  title: 'Record that an approved request was carried out',
  http: 'POST /v1/approvals/internal/complete',
  permission: approveRequest.permission,
  says: 'carried out what was approved: {summary}',
  input: requestCompleted.data.pick({ requestId: true, contentVersion: true, result: true }),
});
export const failRequest = command('approvals.request.fail', {
  title: 'Record that an approved request could not be carried out',
  http: 'POST /v1/approvals/internal/fail',
  permission: approveRequest.permission,
  says: 'could not carry out what was approved: {summary}. {problem.message}',
  input: requestFailed.data.pick({ requestId: true, contentVersion: true, problem: true }),
});

export const internalRequestCommands = [
  submitRequest,
  recordChange,
  recordApproval,
  completeRequest,
  failRequest,
] as const;
export type InternalRequestCommand = CommandOf<(typeof internalRequestCommands)[number]>;
