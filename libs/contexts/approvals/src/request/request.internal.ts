import { command, type CommandOf } from '@daybook/kernel';
import * as z from 'zod';
import { requestApproved, requestCompleted, requestFailed, requestSubmitted } from './request.events.js';
import { approveRequest, changeRequest } from './request.operations.js';

/*
 * Steps that only the product itself takes: the gate holds a command, changing amends it, approving gives an approval
 * and records what became of the command. Bound as internal commands: their routes are names only and never served.
 */
export const submitRequest = command('approvals.request.submit', {
  title: 'Hold a command for approval',
  http: 'POST /v1/approvals/internal/submit',
  permission: approveRequest.permission,
  says: 'asked for approval: {summary}',
  input: requestSubmitted.data
    .omit({ initiator: true, onBehalfOf: true, initiatorId: true, sealedFor: true, contentVersion: true })
    .extend({
      addressee: z.string().optional().describe('Id of the record that comes of it, where it is sealed under that'),
    }),
});
export const recordChange = command('approvals.request.record-change', {
  title: 'Amend a held command',
  http: 'POST /v1/approvals/internal/record-change',
  permission: changeRequest.permission,
  says: changeRequest.says,
  ifMatch: 'optional',
  input: changeRequest.input,
});
export const recordApproval = command('approvals.request.record-approval', {
  title: 'Give an approval',
  http: 'POST /v1/approvals/internal/record-approval',
  permission: approveRequest.permission,
  says: approveRequest.says,
  ifMatch: 'required',
  input: requestApproved.data.pick({ requestId: true, comment: true }),
});
export const completeRequest = command('approvals.request.complete', {
  title: 'Record what became of an approved command',
  http: 'POST /v1/approvals/internal/complete',
  permission: approveRequest.permission,
  says: 'carried out what was approved: {summary} {problem.message}',
  input: z.object({
    requestId: z.uuid(),
    contentVersion: z.int(),
    result: requestCompleted.data.shape.result.nullable(),
    problem: requestFailed.data.shape.problem.nullable(),
  }),
});

export const internalRequestCommands = [submitRequest, recordChange, recordApproval, completeRequest] as const;
export type InternalRequestCommand = CommandOf<(typeof internalRequestCommands)[number]>;
