import { command, type CommandOf, query } from '@daybook/kernel';
import * as z from 'zod';
import { anyWidening, ruleData } from './rule.events.js';

const ruleId = z.uuid();
const given = ruleData.shape;

export const setRule = command('approvals.rule.set', {
  title: 'Set an approval rule',
  description:
    'Commands that a rule names wait until other people have approved them. When several rules match, all of them apply. ' +
    'Fields left out of an existing rule stay as they are.',
  http: 'PUT /v1/approvals/rules/{ruleId}',
  says: 'set the approval rule for {operation}: {approvers} to approve',
  ifMatch: 'optional',
  sensitive: true,
  approvable: {
    widens: true,
    summary: ({ operation }) =>
      operation === undefined ? 'Change of an approval rule' : `Approval rule for ${String(operation)}`,
  },
  input: z.object({
    ruleId,
    operation: z
      .string()
      .max(100)
      .optional()
      .describe(
        `Name of an operation that can wait for approval; ${anyWidening} for every one that may widen rights or lower a control`,
      ),
    above: given.above.optional().describe('Only amounts above this one, whatever their sign; null: all'),
    role: z.string().max(100).nullable().optional().describe('Only people who act in this role; null: everybody'),
    approvers: given.approvers.optional(),
    approverRole: z.string().max(100).nullable().optional().describe('Role that approvers must have; null: any'),
  }),
});
export const removeRule = command('approvals.rule.remove', {
  title: 'Remove an approval rule',
  description: 'Requests that are already pending stay pending.',
  http: 'POST /v1/approvals/rules/{ruleId}/removal',
  says: 'removed the approval rule for {operation}',
  ifMatch: 'optional',
  sensitive: true,
  approvable: { widens: true, summary: () => 'Removal of an approval rule' },
  input: z.object({ ruleId }),
});
export const ruleCommands = [setRule, removeRule] as const;
export type RuleCommand = CommandOf<(typeof ruleCommands)[number]>;

/** What a rule is kept as. */
export const storedRule = ruleData.extend({ id: ruleId, version: z.int() });
export const ruleRow = storedRule
  .extend({
    operationTitle: z.string(),
    roleName: z.string().nullable().describe('null where none is named, or where it is gone'),
    approverRoleName: z.string().nullable().describe('null where none is named, or where it is gone'),
    canApprove: z.int().describe('Members who could give an approval that counts, with the present grants'),
    status: z
      .enum(['ok', 'role-removed', 'too-few-approvers'])
      .describe(
        'role-removed: it names a role that was removed; too-few-approvers: fewer can approve than it asks for',
      ),
  })
  .meta({ id: 'ApprovalRule' });
export const listRules = query('approvals.rule.list', {
  title: 'List the approval rules',
  http: 'GET /v1/approvals/rules',
  delegated: true,
  permission: 'approvals.rule.read',
  scope: 'caller',
  input: z.object({}),
  output: z.object({ items: z.array(ruleRow) }),
  rows: 'items',
});

export const listApprovables = query('approvals.operation.list', {
  title: 'List the operations that can require approval',
  http: 'GET /v1/approvals/operations',
  delegated: true,
  permission: 'approvals.rule.read',
  scope: 'caller',
  input: z.object({}),
  output: z.object({
    items: z.array(
      z
        .object({
          operation: z.string(),
          title: z.string(),
          hasAmount: z.boolean().describe('Whether a rule may name an amount'),
        })
        .meta({ id: 'ApprovableOperation' }),
    ),
  }),
  rows: 'items',
});
