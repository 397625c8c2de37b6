import { field, guarded, record } from '@daybook/kernel';
import * as z from 'zod';
import { listedParty } from '../grant/party.schema.js';

/** Of a person, wherever it is shown: roles hide or mask it by one rule. */
export const personEmail = guarded(z.string().nullable(), 'identity.person.email', 'E-mail address of a person');

const memberRole = z
  .object({
    grantId: z.uuid(),
    role: z.string(),
    roleName: z.string(),
    companyId: z.uuid().nullable(),
    ...listedParty,
    until: z.iso.date().nullable(),
  })
  .meta({ id: 'MemberRole' });

/**
 * A member of the tenant, by the person's id alone. Name and address are another tenant's, and shown as far as this one may see
 * them now (access/memberships.ts).
 */
export const member = record('identity.member', {
  one: 'member',
  many: 'members',
  icon: 'users',
  key: 'U',
  calledBy: 'name',
  id: 'personId',
  type: 'TenantMember',
  fields: {
    personId: field.person('Person', { given: true }),
    name: field.text('Name', {
      computed: true,
      optional: true,
      none: 'Erased person',
      hint: 'null once the person is erased',
    }),
    email: field.own('email', 'E-mail', personEmail, { computed: true, optional: true }),
    status: field.status('Status', { active: null, deactivated: { tone: 'warn', icon: 'user-x' } }),
    roles: field.list('Roles', memberRole, { computed: true, each: 'roleName' }),
    custom: field.custom({ personal: true }),
    since: field.instant('Member since', { given: true }),
    lastSeenAt: field.instant('Last seen', { computed: true, optional: true, none: 'Never' }),
    secondFactor: field.yesNo('Second factor', {
      computed: true,
      hint: 'An active member has a second factor or a passkey',
    }),
  },
});
