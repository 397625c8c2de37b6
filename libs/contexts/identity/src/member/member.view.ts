import { actionOf, viewOf } from '@daybook/kernel';
import { giveToPerson, grantView } from '../grant/grant.view.js';
import { apiKeyView } from '../api-key/api-key.view.js';
import { listInvitations } from '../invitation/invitation.operations.js';
import { listDelegatedAccessConsents } from '../delegated-access/delegated-access.operations.js';
import {
  changeMember,
  deactivateMember,
  listMembers,
  reactivateMember,
  readMember,
  signOutMember,
} from './member.operations.js';

const named = { field: 'name', given: true } as const;

export const memberView = viewOf(listMembers, {
  path: 'users',
  title: 'Users',
  one: 'user',
  channels: ['access', 'people'],
  beside: [
    { title: 'Invitations', path: 'users/invitations', icon: 'mail', needs: listInvitations },
    { title: 'Delegated access', path: 'users/delegated-access', icon: 'user-key', needs: listDelegatedAccessConsents },
  ],
  columns: ['name', 'email', 'roles', 'status', 'secondFactor', 'lastSeenAt', 'since'],
  hidden: ['since'],
  saved: [
    { name: 'Active', where: { status: 'active' } },
    { name: 'Deactivated', where: { status: 'deactivated' } },
    { name: 'Without a second factor', where: { status: 'active', secondFactor: 'false' } },
  ],
  record: {
    read: readMember,
    sub: 'email',
    facts: ['since', 'lastSeenAt', 'secondFactor'],
    sections: [
      {
        kind: 'rows',
        label: 'Roles',
        view: grantView,
        where: { holderId: 'personId' },
        columns: ['role', 'companyId', 'until', 'givenAt', 'givenBy'],
        create: { ...giveToPerson, when: named },
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
  },
  actions: {
    row: [
      changeMember,
      {
        operation: signOutMember,
        label: 'Sign out everywhere',
        title: 'Sign {name} out everywhere?',
        icon: 'log-out',
        from: { personId: 'personId' },
        when: { field: 'status', is: ['active'] },
      },
      deactivateMember,
      // An erased person cannot be reactivated: their name is unknown.
      { ...actionOf(reactivateMember), when: [{ field: 'status', is: ['deactivated'] }, named] },
    ],
  },
  empty: 'No members yet. Invite the first person.',
});
