import { notOf, view } from '@daybook/kernel';
import { listRules } from '../rule/rule.operations.js';
import { requestActions, requestStatusWords, listApprovalRequests, readApprovalRequest } from './request.operations.js';

export const approvalRequestView = view(listApprovalRequests, {
  path: 'approvals',
  title: 'Approvals',
  one: 'approval request',
  icon: 'hand',
  key: 'W',
  beside: [{ title: 'Rules', path: 'approvals/rules', icon: 'settings-2', needs: listRules }],
  columns: {
    summary: { as: 'text', label: 'What', drill: 'record', grow: true, pin: true },
    operationTitle: { as: 'text', label: 'Operation' },
    amount: { as: 'amount' },
    requestedBy: { as: 'person', label: 'By' },
    requestedAt: { as: 'instant', label: 'Requested', sort: 'desc' },
    given: { as: 'count', label: 'Approvals' },
    needed: { as: 'count', label: 'Needed' },
    status: { as: 'status', words: requestStatusWords },
    stuck: {
      as: 'status',
      label: 'Can be approved',
      words: { false: null, true: { label: 'By nobody', tone: 'error', icon: 'circle-alert' } },
    },
  },
  filters: [
    {
      field: 'status',
      not: notOf('status'),
      label: 'Status',
      as: 'status',
      choices: Object.entries(requestStatusWords).map(([value, word]) => ({
        value,
        label: word?.label ?? 'Completed',
      })),
    },
    {
      field: 'mine',
      label: 'Your part',
      as: 'status',
      choices: [
        { value: 'approve', label: 'Waits for you' },
        { value: 'requested', label: 'You requested' },
      ],
    },
    {
      field: 'stuck',
      label: 'Can be approved',
      as: 'status',
      choices: [{ value: 'yes', label: 'By nobody' }],
    },
  ],
  views: [
    { name: 'Waiting for me', where: { mine: 'approve' }, count: true },
    { name: 'Requested by me', where: { mine: 'requested' } },
    { name: 'Nobody can approve', where: { stuck: 'yes' }, count: true },
  ],
  record: {
    query: readApprovalRequest,
    id: 'requestId',
    title: 'summary',
    sub: 'operationTitle',
    hero: 'amount',
    fields: {
      stuckReason: { as: 'text', label: 'Nobody can approve' },
      eligibility: { as: 'text', label: 'Your approval' },
      requestedBy: { as: 'person', label: 'Requested by' },
      requestedAt: { as: 'instant', label: 'Requested' },
      companyId: { as: 'company', label: 'Where' },
      given: { as: 'count', label: 'Approvals given' },
      needed: { as: 'count', label: 'Approvals needed' },
      reason: { as: 'text' },
      decidedBy: { as: 'person', label: 'Decided by' },
    },
    sections: [
      { kind: 'slot', label: 'Request', slot: 'approval-input' },
      {
        kind: 'lines',
        field: 'approvals',
        label: 'Approvals',
        empty: 'Nobody has approved this yet.',
        columns: {
          by: { as: 'person' },
          at: { as: 'instant', label: 'When' },
          comment: { as: 'text', grow: true },
          void: {
            as: 'status',
            label: 'Counts',
            words: { false: null, true: { label: 'Void, changed since', tone: 'warn' } },
          },
        },
      },
    ],
    history: 'approvals.request',
  },
  actions: { row: requestActions },
  empty: 'No approval requests. An approval rule says which commands need approval.',
});
