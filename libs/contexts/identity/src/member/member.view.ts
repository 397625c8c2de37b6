import { view } from '@daybook/kernel';
import { giveToPerson, grantView } from '../grant/grant.view.js';
import { apiKeyView } from '../api-key/api-key.view.js';
import { listInvitations } from '../invitation/invitation.operations.js';
import { statusFilter } from '../status.view.js';
import { listDelegatedAccessConsents } from '../delegated-access/delegated-access.operations.js';
import { deactivateMember, listMembers, reactivateMember, readMember, signOutMember } from './member.operations.js';

const words = { active: null, deactivated: { tone: 'warn', icon: 'user-x' } } as const;
const reason = {
  label: 'Reason',
  width: 'full',
  hint: 'Recorded in the audit trail. Do not mention health.',
} as const;

export const memberView = view(listMembers, {
  path: 'users',
  title: 'Users',
  one: 'user',
  icon: 'users',
  key: 'U',
  id: 'personId',
  channels: ['access', 'people'],
  beside: [
    { title: 'Invitations', path: 'users/invitations', icon: 'mail', needs: listInvitations },
    {
      title: 'Delegated access',
      path: 'users/delegated-access',
      icon: 'user-key',
      needs: listDelegatedAccessConsents,
    },
  ],
  columns: {
    name: { as: 'text', label: 'Name', none: 'Erased person', drill: 'record', pin: true, grow: true },
    email: { as: 'text', label: 'E-mail' },
    roles: { as: 'text', label: 'Roles', each: 'roleName' },
    status: { as: 'status', words },
    secondFactor: { as: 'boolean', label: 'Second factor' },
    lastSeenAt: { as: 'instant', label: 'Last seen', none: 'Never' },
    since: { as: 'instant', label: 'Member since', hidden: true },
  },
  filters: [statusFilter],
  views: [
    { name: 'Active', where: { status: 'active' } },
    { name: 'Deactivated', where: { status: 'deactivated' } },
  ],
  record: {
    query: readMember,
    id: 'personId',
    title: 'name',
    untitled: 'Erased person',
    sub: 'email',
    fields: {
      since: { as: 'instant', label: 'Member since' },
      lastSeenAt: { as: 'instant', label: 'Last seen', none: 'Never' },
      secondFactor: { as: 'boolean', label: 'Second factor or passkey' },
    },
    sections: [
      {
        kind: 'rows',
        label: 'Roles',
        view: grantView,
        where: { holderId: 'personId' },
        columns: ['roleName', 'companyId', 'until', 'givenAt', 'givenBy'],
        create: { ...giveToPerson, when: { field: 'name', given: true } },
        empty: 'No roles: the person can sign in and see only their own account.',
      },
      {
        kind: 'rows',
        label: 'API keys',
        view: apiKeyView,
        where: { holderId: 'personId' },
        columns: ['name', 'prefix', 'until', 'lastUsedAt', 'status'],
        empty: 'No API key of their own.',
      },
      { kind: 'slot', label: 'Personal data', slot: 'personal-data' },
    ],
    history: 'identity.member',
  },
  actions: {
    row: [
      {
        operation: signOutMember,
        label: 'Sign out everywhere',
        title: 'Sign {name} out everywhere?',
        icon: 'log-out',
        from: { personId: 'personId' },
        when: { field: 'status', is: ['active'] },
      },
      {
        operation: deactivateMember,
        label: 'Deactivate',
        icon: 'user-x',
        destructive: true,
        from: { personId: 'personId' },
        ask: { reason },
        when: { field: 'status', is: ['active'] },
      },
      {
        operation: reactivateMember,
        label: 'Reactivate',
        icon: 'user-check',
        from: { personId: 'personId' },
        ask: { reason },
        // An erased person cannot be reactivated: their name is unknown.
        when: [
          { field: 'status', is: ['deactivated'] },
          { field: 'name', given: true },
        ],
      },
    ],
  },
  empty: 'No members yet. Invite the first person.',
});
