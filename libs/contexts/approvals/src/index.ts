/* The published face of approvals: events, operations and views. Browser-safe. */
export * from './approval/approval.events.js';
export * from './approval/approval.operations.js';
export * from './approval/approval.view.js';
export * from './rule/rule.events.js';
export * from './rule/rule.operations.js';
export * from './rule/rule.view.js';
