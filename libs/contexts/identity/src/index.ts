/* The public API of identity: events, operations and roles. Browser-safe. */
import { face, page } from '@daybook/kernel';
import { apiKeyView } from './api-key/api-key.view.js';
import { delegatedAccessView } from './delegated-access/delegated-access.view.js';
import { grantView } from './grant/grant.view.js';
import { invitationView } from './invitation/invitation.view.js';
import { member } from './member/member.record.js';
import { memberView } from './member/member.view.js';
import { reviewView } from './review/review.view.js';
import { roleRecord } from './role/role.record.js';
import { roleView } from './role/role.view.js';
import { sodRuleView, sodViolationView } from './segregation-of-duties/sod-rule.view.js';
import { serviceView } from './service/service.view.js';
import { readPolicy } from './tenant/tenant.operations.js';

export const identity = face('identity', {
  title: 'People and rights',
  icon: 'users',
  administers: true,
  records: [member, roleRecord],
  roles: {
    Admin: ['identity.*'],
    Accountant: ['identity.*.read'],
    Staff: ['identity.person.read'],
    Auditor: ['identity.*.read'],
  },
  views: [
    memberView,
    roleView,
    serviceView,
    sodRuleView,
    reviewView,
    page({ path: 'security', title: 'Security', icon: 'lock-keyhole', needs: [readPolicy] }),
    invitationView,
    delegatedAccessView,
    grantView,
    apiKeyView,
    sodViolationView,
  ],
});
export * from './actor/actor.operations.js';
export * from './segregation-of-duties/sod-rule.events.js';
export * from './segregation-of-duties/sod-rule.operations.js';
export * from './mfa/mfa.events.js';
export * from './mfa/mfa.operations.js';
export * from './mfa/mfa.schema.js';
export * from './grant/grant.events.js';
export * from './grant/grant.operations.js';
export * from './invitation/invitation.events.js';
export * from './invitation/invitation.operations.js';
export * from './api-key/api-key.events.js';
export * from './api-key/api-key.operations.js';
export * from './email-link/email.events.js';
export * from './email-link/email-link.operations.js';
export * from './member/member.events.js';
export * from './member/member.operations.js';
export * from './member/member.record.js';
export * from './person/person.events.js';
export * from './person/person.operations.js';
export * from './privacy/privacy.events.js';
export * from './privacy/privacy.operations.js';
export * from './sso/sso-provider.events.js';
export * from './sso/sso-provider.operations.js';
export * from './sso/sso-provider.schema.js';
export * from './review/review.events.js';
export * from './review/review.operations.js';
export * from './role.schema.js';
export * from './role/role.events.js';
export * from './role/role.operations.js';
export * from './role/role.record.js';
export * from './role/role.published.js';
export * from './service/service.events.js';
export * from './service/service.operations.js';
export * from './session/session.events.js';
export * from './session/session.operations.js';
export * from './session/session.schema.js';
export * from './delegated-access/delegated-access.events.js';
export * from './delegated-access/delegated-access.operations.js';
export * from './tenant/tenant.events.js';
export * from './tenant/tenant.operations.js';
export * from './segregation-of-duties/sod-rule.view.js';
export * from './grant/grant.view.js';
export * from './invitation/invitation.view.js';
export * from './api-key/api-key.view.js';
export * from './member/member.view.js';
export * from './sso/sso-provider.view.js';
export * from './review/review.view.js';
export * from './role/role.view.js';
export * from './service/service.view.js';
export * from './delegated-access/delegated-access.view.js';
