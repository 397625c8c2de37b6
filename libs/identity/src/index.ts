/* The published face of identity: events, operations and roles. Browser-safe. */
export * from './invitation/invitation.events.js';
export * from './invitation/invitation.operations.js';
export * from './link/email.events.js';
export * from './link/link.operations.js';
export * from './person/person.events.js';
export * from './person/person.operations.js';
export * from './privacy/privacy.events.js';
export * from './privacy/privacy.operations.js';
export * from './provider/provider.events.js';
export * from './provider/provider.operations.js';
export * from './role.schema.js';
export * from './session/session.operations.js';
export * from './tenant/tenant.events.js';
export * from './tenant/tenant.operations.js';
