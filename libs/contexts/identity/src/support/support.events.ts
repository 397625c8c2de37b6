import { event, type EventsOf } from '@daybook/kernel';
import * as z from 'zod';

/*
 * Support access: a person lets another one act in their name for a time, in the tenant where they say so. The events stand
 * in that tenant's access stream, so that the end holds with the next request. Whom the person named, by an address, stands
 * in identity.support_consents alone, until it is of no more use: an id in an event would tell whether the address has an
 * account. The supporter is named by id once they have entered, and so shown themselves.
 */
const ids = { supportId: z.uuid(), personId: z.uuid() };
const record = (data: { supportId: string }) => ({ type: 'identity.support', id: data.supportId });

export const supportAllowed = event('identity.support-allowed', {
  data: z.object({
    ...ids,
    until: z.string(),
    reason: z.string(),
  }),
  record,
});
export const supportEntered = event('identity.support-entered', {
  data: z.object({ ...ids, supporterId: z.uuid() }),
  record,
});
export const supportEnded = event('identity.support-ended', {
  data: z.object({ ...ids, by: z.enum(['person', 'admin']), reason: z.string().nullable() }),
  record,
});

export const supportEvents = [supportAllowed, supportEntered, supportEnded] as const;
export type SupportEvent = EventsOf<typeof supportEvents>;
