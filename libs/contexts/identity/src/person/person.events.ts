import { event, type EventsOf, personal } from '@daybook/kernel';
import * as z from 'zod';
import { emailChanged } from '../email-link/email.events.js';
import { mfaEvents } from '../mfa/mfa.events.js';

/*
 * A person, in any number of tenants: `identity.person-{platformTenant}-{personId}`. A stream belongs to exactly one tenant,
 * which decides who may read it. A person belongs to none of the tenants they work in, so their stream and its rows are in
 * the platform tenant, for which no token is ever issued.
 */
export { platformTenant } from '@daybook/kernel';

const record = (data: { personId: string }) => ({ type: 'identity.person', id: data.personId });

/** Name and address are sealed under the person's own key: erasing that key erases them. */
export const personRegistered = event('identity.person-registered', {
  data: z.object({
    personId: z.uuid(),
    name: personal(z.string(), 'personId'),
    email: personal(z.string(), 'personId'),
  }),
  record,
});
/** Where the person may sign in. Their rights there come from the tenant's memberships. */
export const tenantJoined = event('identity.tenant-joined', {
  data: z.object({ personId: z.uuid(), tenantId: z.uuid() }),
  record,
});

/** Erases a person: their key is destroyed, and personal columns of their rows in the platform tenant are emptied. */
export const personErased = event('identity.person-erased', {
  data: z.object({ personId: z.uuid() }),
  record,
  erases: ({ personId }) => personId,
});

export const personEvents = [personRegistered, tenantJoined, emailChanged, personErased, ...mfaEvents] as const;
export type PersonEvent = EventsOf<typeof personEvents>;
