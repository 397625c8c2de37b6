import { event, type EventsOf, personal } from '@daybook/kernel';
import * as z from 'zod';
import { emailChanged } from '../email-link/email.events.js';
import { mfaEvents } from '../mfa/mfa.events.js';

/*
 * A person, whatever the number of tenants he works in: `identity.person-{platformTenant}-{personId}`. A stream belongs
 * to exactly one tenant, which decides who may read it; a person belongs to none of those he works in, so his stream,
 * and the rows made of it, stand under a tenant of their own that no token is ever issued for.
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
/** Where the person may sign in; the rights there are the tenant's to say, by its memberships. */
export const tenantJoined = event('identity.tenant-joined', {
  data: z.object({ personId: z.uuid(), tenantId: z.uuid() }),
  record,
});

/** The end of a person: his key is destroyed with it, and his rows under the platform tenant lose what is personal. */
export const personErased = event('identity.person-erased', {
  data: z.object({ personId: z.uuid() }),
  record,
  erases: ({ personId }) => personId,
});

export const personEvents = [personRegistered, tenantJoined, emailChanged, personErased, ...mfaEvents] as const;
export type PersonEvent = EventsOf<typeof personEvents>;
