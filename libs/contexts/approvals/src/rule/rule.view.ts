import { type ActionDeclaration, type ColumnDeclaration, view } from '@daybook/kernel';
import { listApprovables, listRules, removeRule, setRule } from './rule.operations.js';

/** The fields of a rule, for setting a new one and for changing one. */
const ask: ActionDeclaration['ask'] = {
  operation: {
    label: 'Operation',
    as: 'choice',
    width: 'full',
    required: true,
    choices: { query: listApprovables, value: 'operation', label: 'title' },
  },
  above: { label: 'Only above', as: 'amount', width: 'half', hint: 'Left empty: every amount.' },
  role: { label: 'Only who acts as', as: 'role', hint: 'Left empty: everybody.' },
  approvers: { label: 'Approvals needed', as: 'count', width: 'half', hint: '1 to 3 persons.', required: true },
  approverRole: { label: 'Who may approve', as: 'role', hint: 'Empty: everybody who may approve.' },
};

/** A rule in good status is the quiet one. */
const ruleStatusWords: NonNullable<ColumnDeclaration['words']> = {
  ok: null,
  'role-removed': { label: 'Its role is gone', tone: 'error', icon: 'circle-alert' },
  'too-few-approvers': { label: 'Too few can approve', tone: 'error', icon: 'circle-alert' },
};

const ruleFields = {
  ruleId: 'id', operation: 'operation', above: 'above', role: 'role', approvers: 'approvers', approverRole: 'approverRole',
} as const; // prettier-ignore

export const ruleView = view(listRules, {
  path: 'approvals/rules',
  title: 'Approval rules',
  one: 'approval rule',
  icon: 'hand',
  channels: ['approval-rules'],
  columns: {
    operationTitle: { as: 'text', label: 'Operation', grow: true, pin: true },
    above: { as: 'amount', label: 'Above' },
    role: { as: 'role', label: 'Acts as' },
    approvers: { as: 'count', label: 'Approvals' },
    approverRole: { as: 'role', label: 'Approved by' },
    canApprove: { as: 'count', label: 'Can approve' },
    status: { as: 'status', label: 'Status', words: ruleStatusWords },
    operation: { as: 'code', hidden: true },
  },
  actions: {
    create: { label: 'New rule', action: { operation: setRule, label: 'Set rule', fresh: 'ruleId', ask } },
    row: [
      { operation: setRule, label: 'Change', icon: 'pencil', from: ruleFields, ask },
      { operation: removeRule, label: 'Remove', icon: 'trash', from: { ruleId: 'id' }, destructive: true },
    ],
  },
  empty: 'No command needs approval. Set a rule to require approval of large entries, or of every grant of a role.',
});
