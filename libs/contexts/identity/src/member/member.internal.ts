import { command, plainText } from '@daybook/kernel';
import * as z from 'zod';
import { askedParty } from '../grant/party.schema.js';
import { role, roleRef } from '../role.schema.js';
import { deactivateMember } from './member.operations.js';

/* Steps that only the product itself takes. Their routes are names, and never served. */
const { personId, reason } = deactivateMember.input.shape;

/** Of set-up, of accepting an invitation and of creating a tenant. */
export const addMember = command('identity.member.add', {
  title: 'Add a member',
  http: 'POST /v1/identity/members',
  scope: 'tenant',
  says: 'added a member',
  input: z.object({
    personId,
    role: roleRef,
    companyId: z.uuid().optional(),
    ...askedParty,
    until: z.iso.date().optional(),
    /** More roles in the whole tenant, given in the same moment. */
    also: z.array(role).max(4).default([]),
    mitigation: plainText(1000).optional(),
    invitedBy: z.uuid().optional(),
    invitationId: z.uuid().optional(),
  }),
});
/** Decides the deactivation; ending the sessions follows. */
export const recordDeactivation = command('identity.member.record-deactivation', {
  title: 'Record the deactivation of a member',
  http: 'POST /v1/identity/members/{personId}/deactivation/record',
  says: 'deactivated a member: {reason}',
  input: z.object({
    personId,
    reason,
    name: z.string().nullable().optional().describe('As the tenant last saw it'),
    email: z.string().nullable().optional(),
  }),
});
export const memberSteps = [addMember, recordDeactivation] as const;
