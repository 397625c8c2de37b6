import { event, type EventsOf, plainDate } from '@daybook/kernel';
import * as z from 'zod';

/*
 * A tenant's decisions about the personal data of a member: `identity.privacy-{tenant}-{personId}`. Retention and erasure
 * exclude each other, so they share a stream. Only the tenant's own data is erased here. The account ends in its own stream
 * in the platform tenant (`identity.person-erased` in person.events.ts), when the last tenant erases the person
 * (docs/adr/0027).
 */
const record = (data: { personId: string }) => ({ type: 'identity.privacy', id: data.personId });

export const retentionSet = event('identity.retention-set', {
  data: z.object({ personId: z.uuid(), reason: z.string(), until: plainDate }),
  record,
});
export const retentionLifted = event('identity.retention-lifted', {
  data: z.object({ personId: z.uuid(), reason: z.string() }),
  record,
});

/** From here on the erasure only goes forward, by its process. The tenant's own rows are emptied with this event. */
export const erasureBegun = event('identity.erasure-begun', {
  data: z.object({
    personId: z.uuid(),
    reason: z.string(),
    /** Aliases of the person, which are erased too. Recorded first: later nobody could find them. */
    aliases: z.array(z.uuid()).optional(),
  }),
  record,
  erases: ({ personId }) => personId,
});

/** The address kept under an alias is erased: that of an invitation, or of an approval request for one. */
export const aliasErased = event('identity.alias-erased', {
  data: z.object({ subject: z.uuid(), reason: z.string() }),
  record: ({ subject }) => ({ type: 'identity.invitation', id: subject }),
  erases: ({ subject }) => subject,
});

/** Where data was erased, and how many rows: `identity.credentials`, 1. Never the data itself. */
export const erasedPlace = z.object({ place: z.string(), count: z.int() }).meta({ id: 'ErasedPlace' });

/** The receipt: personal data of the person can no longer be read. */
export const erasureFinished = event('identity.erasure-finished', {
  data: z.object({
    personId: z.uuid(),
    /** Events whose personal fields can no longer be unsealed, as ranges: `["12", "40-44"]`. */
    positions: z.array(z.string()),
    events: z.int(),
    places: z.array(erasedPlace),
  }),
  record,
});

export const privacyEvents = [retentionSet, retentionLifted, erasureBegun, erasureFinished, aliasErased] as const;
export type PrivacyEvent = EventsOf<typeof privacyEvents>;
