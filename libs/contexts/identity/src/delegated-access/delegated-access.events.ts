import { event, type EventsOf } from '@daybook/kernel';
import * as z from 'zod';

/*
 * Delegated access: a person lets another one act in their name for a time, in the tenant where they say so. The events stand
 * in that tenant's access stream, so that the end holds with the next request. Whom the person named, by an address, stands
 * in identity.delegated_access_consents alone, until it is of no more use: an id in an event would tell whether the address has an
 * account. The delegate is named by id once they have entered, and so shown themselves.
 */
const ids = { delegatedAccessId: z.uuid(), personId: z.uuid() };
const record = (data: { delegatedAccessId: string }) => ({
  type: 'identity.delegated-access',
  id: data.delegatedAccessId,
});

export const delegatedAccessAllowed = event('identity.delegated-access-allowed', {
  data: z.object({
    ...ids,
    until: z.string(),
    reason: z.string(),
  }),
  record,
});
export const delegatedAccessEntered = event('identity.delegated-access-entered', {
  data: z.object({ ...ids, delegateId: z.uuid() }),
  record,
});
export const delegatedAccessEnded = event('identity.delegated-access-ended', {
  data: z.object({ ...ids, by: z.enum(['person', 'admin']), reason: z.string().nullable() }),
  record,
});

export const delegatedAccessEvents = [delegatedAccessAllowed, delegatedAccessEntered, delegatedAccessEnded] as const;
export type DelegatedAccessEvent = EventsOf<typeof delegatedAccessEvents>;
