import { act, change, command, field, listOf, plainText, readOf } from '@daybook/kernel';
import * as z from 'zod';
import { member } from './member.record.js';

const input = {
  reason: field.own('note', 'Reason', plainText(500, 1, 'Say why.'), {
    hint: 'Recorded in the audit trail. Do not mention health.',
  }),
};

export const deactivateMember = act(member, 'deactivate', {
  description:
    'Ends all sessions of the person here and refuses new ones. The grants stay and apply again after reactivation.',
  http: 'POST /v1/identity/members/{personId}/deactivation',
  says: 'deactivated a member: {reason}',
  sensitive: true,
  destructive: true,
  icon: 'user-x',
  when: { status: 'active' },
  input,
});
export const reactivateMember = act(member, 'reactivate', {
  http: 'POST /v1/identity/members/{personId}/reactivation',
  says: 'reactivated a member: {reason}',
  sensitive: true,
  icon: 'user-check',
  // The grants come back with the person.
  approvable: { widens: true, about: ({ personId }) => String(personId), summary: () => 'Reactivate a member' },
  when: { status: 'deactivated' },
  input,
});
export const changeMember = change(member, {
  title: 'Change a member',
  says: 'changed a member',
  when: { status: 'active' },
});
export const signOutMember = command('identity.member.sign-out', {
  title: 'Sign a member out',
  description: 'Ends all sessions of the person in this tenant. They can sign in again.',
  http: 'POST /v1/identity/members/{personId}/sign-out',
  sensitive: true,
  says: 'signed a member out',
  acceptsIdempotencyKey: false,
  input: z.object({ personId: z.uuid() }),
  output: z.object({ ended: z.int().describe('Sessions that were open') }),
});
export const memberCommands = [reactivateMember, changeMember] as const;

export const listMembers = listOf(member, {
  text: ['name', 'email'],
  filters: ['status', 'secondFactor'],
  sorts: ['name', 'email', 'status', 'since', 'lastSeenAt'],
  whole: true,
  delegated: true,
});
export const readMember = readOf(member, { delegated: true });
