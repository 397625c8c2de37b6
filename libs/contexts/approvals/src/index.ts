/* The published face of approvals: events, operations and views. Browser-safe. */
export * from './request/request.events.js';
export * from './request/request.operations.js';
export * from './request/request.view.js';
export * from './rule/rule.events.js';
export * from './rule/rule.operations.js';
export * from './rule/rule.view.js';
