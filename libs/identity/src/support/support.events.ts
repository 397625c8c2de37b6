import { event, type EventsOf } from '@daybook/kernel';
import * as z from 'zod';

/*
 * Support access: a person lets another one act in his name for a time, in the tenant where he says so. The events stand
 * in that tenant's access stream, so that the end holds with the next request. The supporter is named by id only; the address that the person wrote is kept
 * in identity.support_consents until it is of no more use.
 */
const ids = { supportId: z.uuid(), personId: z.uuid(), supporterId: z.uuid() };
const record = (data: { supportId: string }) => ({ type: 'identity.support', id: data.supportId });

export const supportAllowed = event('identity.support-allowed', {
  data: z.object({
    ...ids,
    until: z.string(),
    reason: z.string(),
  }),
  record,
});
export const supportEntered = event('identity.support-entered', { data: z.object(ids), record });
export const supportEnded = event('identity.support-ended', {
  data: z.object({ ...ids, by: z.enum(['person', 'admin']), reason: z.string().nullable() }),
  record,
});

export const supportEvents = [supportAllowed, supportEntered, supportEnded] as const;
export type SupportEvent = EventsOf<typeof supportEvents>;
