import { event, type EventsOf, plainDate } from '@daybook/kernel';
import * as z from 'zod';

/*
 * What a tenant decides about the personal data of one of its people: `identity.privacy-{tenant}-{personId}`. A duty to keep
 * and an erasure exclude each other, so both stand in this one stream. It is the tenant's own data alone that ends here: the
 * account ends in its own stream under the platform tenant (`identity.person-erased` in person.events.ts), with the last
 * tenant that erases the person (docs/adr/0027).
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

/** From here on the erasure only goes forward; in the tenant's own rows it takes effect with this event. */
export const erasureBegun = event('identity.erasure-begun', {
  data: z.object({
    personId: z.uuid(),
    reason: z.string(),
    /** Ids of invitations whose address was the person's: they are erased with them. Named first, for a repeat could not tell. */
    aliases: z.array(z.uuid()).optional(),
  }),
  record,
  erases: ({ personId }) => personId,
});

/** An address that was kept under an id that is no person's is gone: an invitation's, or what waited to become one. */
export const aliasErased = event('identity.alias-erased', {
  data: z.object({ subject: z.uuid(), reason: z.string() }),
  record: ({ subject }) => ({ type: 'identity.invitation', id: subject }),
  erases: ({ subject }) => subject,
});

/** Where something was taken out, and how much of it: `identity.credentials`, 1. Never what it was. */
export const erasedPlace = z.object({ place: z.string(), count: z.int() }).meta({ id: 'ErasedPlace' });

/** The receipt: nothing about the person can be read any more. */
export const erasureFinished = event('identity.erasure-finished', {
  data: z.object({
    personId: z.uuid(),
    /** Events whose personal fields nobody can open any more, as ranges: `["12", "40-44"]`. */
    positions: z.array(z.string()),
    events: z.int(),
    places: z.array(erasedPlace),
  }),
  record,
});

export const privacyEvents = [retentionSet, retentionLifted, erasureBegun, erasureFinished, aliasErased] as const;
export type PrivacyEvent = EventsOf<typeof privacyEvents>;
