import { command, type CommandOf } from '@daybook/kernel';
import * as z from 'zod';
import { granted, sendInvitation, type withdrawInvitation } from './invitation.operations.js';

/* Steps that only the product itself takes. Their routes are names, and never served. */
const { email } = sendInvitation.input.shape;

export const recordInvitation = command('identity.invitation.record', {
  title: 'Record an invitation',
  http: 'POST /v1/identity/invitations/record',
  says: 'invited a person',
  input: z.object({ invitationId: z.uuid(), email, ...granted }),
});
export const completeInvitation = command('identity.invitation.complete', {
  title: 'Complete an invitation',
  http: 'POST /v1/identity/invitations/{invitationId}/completion',
  says: 'accepted an invitation',
  input: z.object({ invitationId: z.uuid(), personId: z.uuid() }),
});

export const invitationSteps = [recordInvitation, completeInvitation] as const;
export type InvitationCommand = CommandOf<typeof withdrawInvitation | (typeof invitationSteps)[number]>;
