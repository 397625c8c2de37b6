import { event, type EventsOf } from '@daybook/kernel';
import * as z from 'zod';

/*
 * Delegated access: a person lets somebody act in their name for a limited time, in one tenant. The events are in the
 * tenant's own stream, so that ending it takes effect with the next request. The delegate's e-mail address is only in
 * identity.delegated_access_consents, and only as long as it is needed: an id in an event would reveal whether the
 * address has an account. Events name the delegate by id once they have entered.
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
