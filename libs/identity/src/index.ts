/* The published face of identity: events, operations and roles. Browser-safe. */
export * from './person/person.events.js';
export * from './person/person.operations.js';
export * from './privacy/privacy.events.js';
export * from './privacy/privacy.operations.js';
export * from './role.schema.js';
export * from './session/session.operations.js';
export * from './tenant/tenant.events.js';
export * from './tenant/tenant.operations.js';
