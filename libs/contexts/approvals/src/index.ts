/* The published face of approvals: events, operations and views. Browser-safe. */
import { face } from '@daybook/kernel';
import { approvalRequestView } from './request/request.view.js';
import { ruleView } from './rule/rule.view.js';

export const approvals = face('approvals', {
  title: 'Approvals',
  icon: 'hand',
  administers: true,
  roles: {
    Admin: ['approvals.*'],
    Accountant: ['approvals.*.read', 'approvals.request.*'],
    Auditor: ['approvals.*.read'],
  },
  views: [approvalRequestView, ruleView],
});
export * from './request/request.events.js';
export * from './request/request.operations.js';
export * from './request/request.view.js';
export * from './rule/rule.events.js';
export * from './rule/rule.operations.js';
export * from './rule/rule.view.js';
