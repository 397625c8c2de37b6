import { command, guarded, instant, plainText, query } from '@daybook/kernel';
import * as z from 'zod';
import { listedParty } from '../grant/party.schema.js';

const personId = z.uuid();
const reason = plainText(500, 1, 'Say why.');

export const deactivateMember = command('identity.member.deactivate', {
  title: 'Deactivate a member',
  description:
    'Ends all sessions of the person here and refuses new ones. The grants stay and apply again after reactivation.',
  http: 'POST /v1/identity/members/{personId}/deactivation',
  says: 'deactivated a member: {reason}',
  sensitive: true,
  input: z.object({ personId, reason }),
});
export const reactivateMember = command('identity.member.reactivate', {
  title: 'Reactivate a member',
  http: 'POST /v1/identity/members/{personId}/reactivation',
  says: 'reactivated a member: {reason}',
  sensitive: true,
  // The grants come back with the person.
  approvable: { widens: true, about: ({ personId: id }) => String(id), summary: () => 'Reactivate a member' },
  input: z.object({ personId, reason }),
});
export const signOutMember = command('identity.member.sign-out', {
  title: 'Sign a member out',
  description: 'Ends all sessions of the person in this tenant. They can sign in again.',
  http: 'POST /v1/identity/members/{personId}/sign-out',
  sensitive: true,
  says: 'signed a member out',
  acceptsIdempotencyKey: false,
  input: z.object({ personId }),
  output: z.object({ ended: z.int().describe('Sessions that were open') }),
});

export const memberRow = z
  .object({
    personId,
    name: z.string().nullable().describe('null once the person is erased'),
    email: guarded(z.string().nullable(), 'identity.person.email', 'E-mail address of a person'),
    status: z.enum(['active', 'deactivated']).meta({ id: 'MemberStatus' }),
    roles: z.array(
      z
        .object({
          grantId: z.uuid(),
          role: z.string(),
          roleName: z.string(),
          companyId: z.uuid().nullable(),
          ...listedParty,
          until: z.iso.date().nullable(),
        })
        .meta({ id: 'MemberRole' }),
    ),
    since: instant,
    lastSeenAt: instant.nullable(),
    secondFactor: z.boolean().describe('An active member has a second factor or a passkey'),
    version: z.int(),
  })
  .meta({ id: 'TenantMember' });
export type MemberRow = z.infer<typeof memberRow>;

export const listMembers = query('identity.member.list', {
  title: 'List the members',
  http: 'GET /v1/identity/members',
  delegated: true,
  permission: 'identity.member.read',
  input: z.object({
    status: z.enum(['active', 'deactivated']).optional(),
    text: z.string().trim().max(100).optional().describe('In the name'),
  }),
  output: z.object({ items: z.array(memberRow) }),
  rows: 'items',
});
export const readMember = query('identity.member.read', {
  title: 'Read a member',
  http: 'GET /v1/identity/members/{personId}',
  delegated: true,
  permission: 'identity.member.read',
  input: z.object({ personId }),
  output: memberRow,
});

export const memberCommands = [reactivateMember] as const;
