import { command, guarded, instant, oneLine, pageInput, pageOf, plainDate, query } from '@daybook/kernel';
import * as z from 'zod';
import { askedParty, listedParty } from '../grant/party.schema.js';
import { reason } from '../reason.schema.js';
import { roleRef } from '../role.schema.js';
import { openedSession } from '../session/session.operations.js';

export const invitationDays = 14;

const email = z.email('Give an e-mail address.').max(254);
/** The token of a link, after `#token=` in the mail. */
export const linkToken = z.string().min(1).max(200).describe('The part after #token= in the link of the mail');

export const granted = {
  role: roleRef,
  companyId: z.uuid().optional().describe('Default: the whole tenant'),
  ...askedParty,
  until: plainDate.optional().describe('Last day of the role; default: no end'),
};

export const sendInvitation = command('identity.invitation.send', {
  title: 'Invite a person',
  description: `Sends a link that is valid for ${invitationDays} days. Inviting the same address again replaces the link. The answer is the same with and without an account.`,
  http: 'POST /v1/identity/invitations',
  acceptsIdempotencyKey: false,
  scope: 'tenant',
  sensitive: true,
  says: 'invited a person',
  // An invitation must not bypass an approval rule about giving roles.
  approvable: {
    widens: true,
    sealedFor: 'record',
    summary: ({ role }) => `Invite a person with the role ${String(role)}`,
  },
  input: z.object({
    email: guarded(email, 'identity.person.email', 'E-mail address of a person'),
    ...granted,
  }),
});
export const withdrawInvitation = command('identity.invitation.withdraw', {
  title: 'Withdraw an invitation',
  http: 'POST /v1/identity/invitations/{invitationId}/withdrawal',
  ifMatch: 'optional',
  says: 'withdrew an invitation',
  input: z.object({ invitationId: z.uuid() }),
});

export const eraseInvitation = command('identity.invitation.erase', {
  title: 'Erase the address of an invitation',
  description:
    'Withdraws it if it is open, and destroys the key of its address, together with all other invitations of this tenant ' +
    'to the address that were not accepted. If it was accepted, erase the person instead. This cannot be undone.',
  http: 'POST /v1/identity/invitations/{invitationId}/erasure',
  says: 'erased an invitation: {reason}',
  sensitive: true,
  input: z.object({ invitationId: z.uuid(), reason }),
});

export const invitationStatus = z
  .enum(['sent', 'accepted', 'withdrawn', 'expired'])
  .meta({ id: 'InvitationStatus', description: 'expired: sent, and the link is no longer valid' });
export const invitationRow = z
  .object({
    invitationId: z.uuid(),
    status: invitationStatus,
    email: guarded(z.string().nullable(), 'identity.person.email', 'E-mail address of a person').describe(
      'null once it is erased',
    ),
    personId: z.uuid().nullable().describe('Who accepted it; null until then, even if the address has an account'),
    role: z.string(),
    companyId: z.uuid().nullable(),
    ...listedParty,
    until: plainDate.nullable(),
    sentBy: z.string().describe('Id of the sender'),
    sentAt: instant,
    expiresAt: instant,
    closedAt: instant.nullable().describe('When it was accepted or withdrawn'),
    version: z.int(),
  })
  .meta({ id: 'Invitation' });

export const listInvitations = query('identity.invitation.list', {
  title: 'List invitations',
  description: 'The latest first.',
  http: 'GET /v1/identity/invitations',
  permission: 'identity.invitation.read',
  input: z.object({ status: invitationStatus.optional(), ...pageInput }),
  output: pageOf(invitationRow),
  rows: 'items',
});

export const previewInvitation = command('identity.invitation.preview', {
  title: 'Preview an invitation',
  description: 'What the page of the link shows. The link stays valid.',
  http: 'POST /v1/identity/invitations/preview',
  permission: null,
  acceptsIdempotencyKey: false,
  says: 'previewed an invitation',
  input: z.object({ token: linkToken }),
  output: z
    .object({
      tenantName: z.string().describe('Chosen by the tenant, and not verified'),
      invitedBy: z.string().nullable().describe('Verified address of the inviter; null once it is erased'),
      email: z.string(),
      known: z.boolean().describe('true: the person has an account and signs in to accept; false: they create one'),
    })
    .meta({ id: 'InvitationPreview' }),
});
export const acceptInvitation = command('identity.invitation.accept', {
  title: 'Accept an invitation',
  description:
    'A new person gives a name and a password. A person with an account sends their access token or their password, and their second factor is asked for as at sign-in. Sets the refresh token as a cookie if it opens a session.',
  http: 'POST /v1/identity/invitations/acceptance',
  permission: null,
  acceptsIdempotencyKey: false,
  says: 'accepted an invitation',
  input: z.object({
    token: linkToken,
    name: oneLine(200).optional(),
    password: z.string().min(1).max(200).optional(),
  }),
  output: z
    .object({
      accepted: z.literal(true),
      session: openedSession.nullable().describe('null when the person is signed in already'),
    })
    .meta({ id: 'InvitationAcceptance' }),
});
