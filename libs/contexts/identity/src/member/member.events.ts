import { event, guarded, personal } from '@daybook/kernel';
import * as z from 'zod';

/* The members of the tenant, by the person's id alone; a person has at most one membership. In the tenant's stream. */
const member = (data: { personId: string }) => ({ type: 'identity.member', id: data.personId });

export const memberAdded = event('identity.member-added', {
  data: z.object({ personId: z.uuid(), invitedBy: z.uuid().nullable(), invitationId: z.uuid().nullable() }),
  record: member,
});
/**
 * The grants stay, without effect until the member is active again. Name and address are those of this moment: the tenant
 * sees no later ones.
 */
export const memberDeactivated = event('identity.member-deactivated', {
  data: z.object({
    personId: z.uuid(),
    reason: z.string(),
    name: personal(z.string().nullable(), 'personId').optional(),
    email: guarded(
      personal(z.string().nullable(), 'personId'),
      'identity.person.email',
      'E-mail address of a person',
    ).optional(),
  }),
  record: member,
});
export const memberReactivated = event('identity.member-reactivated', {
  data: z.object({ personId: z.uuid(), reason: z.string() }),
  record: member,
});

export const memberEvents = [memberAdded, memberDeactivated, memberReactivated] as const;
