import { changed, eventOf, field } from '@daybook/kernel';
import * as z from 'zod';
import { member, personEmail } from './member.record.js';

/* The members of the tenant, by the person's id alone; a person has at most one membership. In the tenant's stream. */
export const memberAdded = eventOf(member, 'added', {
  data: {
    invitedBy: field.own('person', 'Invited by', z.uuid().nullable()),
    invitationId: field.own('reference', 'Invitation', z.uuid().nullable()),
  },
  sets: { status: 'active' },
  creates: true,
});
/**
 * The grants stay, without effect until the member is active again. Name and address are those of this moment: the tenant
 * sees no later ones.
 */
export const memberDeactivated = eventOf(member, 'deactivated', {
  data: {
    reason: field.own('note', 'Reason', z.string()),
    name: field.own('text', 'Name', z.string().nullable(), { optional: true, personal: 'personId' }),
    email: field.own('email', 'E-mail', personEmail, { optional: true, personal: 'personId' }),
  },
  sets: { status: 'deactivated' },
});
export const memberReactivated = eventOf(member, 'reactivated', {
  data: { reason: field.own('note', 'Reason', z.string()) },
  sets: { status: 'active' },
});

/** Custom fields, which are the tenant's own words about the person: sealed for them, and erased with them. */
export const memberChanged = changed(member);

export const memberEvents = [memberAdded, memberDeactivated, memberReactivated, memberChanged] as const;
