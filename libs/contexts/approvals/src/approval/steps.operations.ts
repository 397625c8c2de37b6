import { command, type CommandOf } from '@daybook/kernel';
import * as z from 'zod';
import { approvalGiven, commandDone, commandFailed, commandHeld } from './approval.events.js';
import { approveCommand, changeCommand } from './approval.operations.js';

/*
 * Steps that only the product itself takes: the gate holds a command, changing amends it, approving gives an approval
 * and records what became of the command. Bound as internal commands: their routes are names only and never served.
 */
export const holdCommand = command('approvals.command.hold', {
  title: 'Hold a command for approval',
  http: 'POST /v1/approvals/steps/hold',
  permission: approveCommand.permission,
  says: 'asked for approval: {summary}',
  input: commandHeld.data
    .omit({ initiator: true, onBehalfOf: true, initiatorId: true, sealedFor: true, content: true })
    .extend({
      addressee: z.string().optional().describe('Id of the record that comes of it, where it is sealed under that'),
    }),
});
export const amendCommand = command('approvals.command.amend', {
  title: 'Amend a held command',
  http: 'POST /v1/approvals/steps/amend',
  permission: changeCommand.permission,
  says: changeCommand.says,
  ifMatch: 'optional',
  input: changeCommand.input,
});
export const giveApproval = command('approvals.command.give', {
  title: 'Give an approval',
  http: 'POST /v1/approvals/steps/give',
  permission: approveCommand.permission,
  says: approveCommand.says,
  ifMatch: 'required',
  input: approvalGiven.data.pick({ approvalId: true, comment: true }),
});
export const completeCommand = command('approvals.command.complete', {
  title: 'Record what became of an approved command',
  http: 'POST /v1/approvals/steps/complete',
  permission: approveCommand.permission,
  says: 'carried out what was approved: {summary} {problem.message}',
  input: z.object({
    approvalId: z.uuid(),
    content: z.int(),
    result: commandDone.data.shape.result.nullable(),
    problem: commandFailed.data.shape.problem.nullable(),
  }),
});

export const approvalSteps = [holdCommand, amendCommand, giveApproval, completeCommand] as const;
export type ApprovalStep = CommandOf<(typeof approvalSteps)[number]>;
