/* The published face of identity: events, operations and roles. Browser-safe. */
export * from './actor/actor.operations.js';
export * from './conflict/conflict.events.js';
export * from './conflict/conflict.operations.js';
export * from './factor/factor.events.js';
export * from './factor/factor.operations.js';
export * from './grant/grant.events.js';
export * from './grant/grant.operations.js';
export * from './invitation/invitation.events.js';
export * from './invitation/invitation.operations.js';
export * from './key/key.events.js';
export * from './key/key.operations.js';
export * from './link/email.events.js';
export * from './link/link.operations.js';
export * from './member/member.events.js';
export * from './member/member.operations.js';
export * from './person/person.events.js';
export * from './person/person.operations.js';
export * from './privacy/privacy.events.js';
export * from './privacy/privacy.operations.js';
export * from './provider/provider.events.js';
export * from './provider/provider.operations.js';
export * from './review/review.events.js';
export * from './review/review.operations.js';
export * from './role.schema.js';
export * from './role/role.events.js';
export * from './role/role.operations.js';
export * from './service/service.events.js';
export * from './service/service.operations.js';
export * from './session/session.events.js';
export * from './session/session.operations.js';
export * from './session/session.schema.js';
export * from './support/support.events.js';
export * from './support/support.operations.js';
export * from './tenant/tenant.events.js';
export * from './tenant/tenant.operations.js';
export * from './conflict/conflict.view.js';
export * from './grant/grant.view.js';
export * from './invitation/invitation.view.js';
export * from './key/key.view.js';
export * from './member/member.view.js';
export * from './provider/provider.view.js';
export * from './review/review.view.js';
export * from './role/role.view.js';
export * from './service/service.view.js';
export * from './support/support.view.js';
export {
  contextWords,
  nounWords,
  permissionRows,
  permissionWords,
  type PermissionTree,
} from './role/permission-choices.js';
