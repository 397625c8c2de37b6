import { event, type EventsOf, guarded, party, personal } from '@daybook/kernel';
import * as z from 'zod';

/*
 * All invitations of a tenant are in one stream, `identity.invitation-{tenant}-{tenant}`, so that an address has at most
 * one open invitation. An invitation names an address and no person, with or without an account (docs/adr/0027): the address
 * is sealed under a key of the invitation itself, and the person is recorded on acceptance.
 */
const record = (data: { invitationId: string }) => ({ type: 'identity.invitation', id: data.invitationId });

export const invitationSent = event('identity.invitation-sent', {
  data: z.object({
    invitationId: z.uuid(),
    email: guarded(personal(z.string(), 'invitationId'), 'identity.person.email', 'E-mail address of a person'),
    /** Name of a built-in role, or id of one of the tenant's own. */
    role: z.string(),
    companyId: z.uuid().nullable(),
    party: party.nullable(),
    /** Until when the role is granted. */
    until: z.string().nullable(),
    /** Until when the link is valid. */
    expiresAt: z.string(),
  }),
  record,
  // As the grant that follows from it.
  company: null,
});
/** By a user, or because a newer invitation replaced it. */
export const invitationWithdrawn = event('identity.invitation-withdrawn', {
  data: z.object({ invitationId: z.uuid(), replacedBy: z.uuid().nullable() }),
  record,
});
export const invitationAccepted = event('identity.invitation-accepted', {
  data: z.object({ invitationId: z.uuid(), personId: z.uuid() }),
  record,
});

export const invitationEvents = [invitationSent, invitationWithdrawn, invitationAccepted] as const;
export type InvitationEvent = EventsOf<typeof invitationEvents>;
