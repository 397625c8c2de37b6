import { event, type EventsOf } from '@daybook/kernel';
import * as z from 'zod';
import { listedParty } from '../grant/party.schema.js';

/*
 * An access review: `identity.review-{tenant}-{reviewId}`. What is to be reviewed is pinned when it starts, with the
 * trail number it was read at, so that the evidence says years later who had what on that day. A list that does not fit in
 * the first event goes on in `review-listed`, page by page. Persons by id only.
 */
export const reviewItem = z.object({
  itemId: z.uuid(),
  grantId: z.uuid(),
  holder: z.enum(['person', 'service']),
  holderId: z.uuid(),
  role: z.string(),
  roleName: z.string(),
  companyId: z.string().nullable(),
  ...listedParty,
  since: z.string(),
  until: z.string().nullable(),
  givenBy: z.string(),
  lastUsedAt: z.string().nullable(),
});
export type ReviewItem = z.infer<typeof reviewItem>;

/** How a list of several pages is read again, so that whoever goes on with it lists the very same grants. */
export const reviewListing = z.object({
  /** Grants on all pages. */
  total: z.int(),
  /** Of the tenant's stream, up to which it counts. */
  revision: z.int(),
  /** The day on which a grant had to hold. */
  day: z.string(),
  companyId: z.string().nullable(),
});
export type ReviewListing = z.infer<typeof reviewListing>;

const review = (data: { reviewId: string }) => ({ type: 'identity.review', id: data.reviewId });
const item = (data: { itemId: string }) => ({ type: 'identity.review-item', id: data.itemId });
const ofItem = { reviewId: z.uuid(), itemId: z.uuid(), grantId: z.uuid(), holderId: z.uuid() };

export const reviewStarted = event('identity.review-started', {
  data: z.object({
    reviewId: z.uuid(),
    name: z.string(),
    dueOn: z.string(),
    reviewerIds: z.array(z.uuid()).nullable(),
    listedAt: z.object({ trail: z.string(), recordedAt: z.string().nullable() }),
    items: z.array(reviewItem),
    /** Absent where the list is complete with this event. */
    listing: reviewListing.optional(),
  }),
  record: review,
});
export const reviewListed = event('identity.review-listed', {
  data: z.object({ reviewId: z.uuid(), name: z.string(), items: z.array(reviewItem) }),
  record: review,
});
export const reviewItemDecided = event('identity.review-item-decided', {
  data: z.object({ ...ofItem, decision: z.enum(['keep', 'revoke']), reason: z.string() }),
  record: item,
});
/** The revocation that was decided is done: by this review, or somebody had taken the grant away before. */
export const reviewItemRevoked = event('identity.review-item-revoked', {
  data: z.object({ ...ofItem, outcome: z.enum(['revoked', 'already-revoked']) }),
  record: item,
});
/** The grant could not be taken away (the last Admin's); the item is undecided again. */
export const reviewItemRefused = event('identity.review-item-refused', {
  data: z.object({ ...ofItem, code: z.string(), message: z.string() }),
  record: item,
});
export const reviewClosed = event('identity.review-closed', {
  data: z.object({ reviewId: z.uuid(), name: z.string(), kept: z.int(), revoked: z.int() }),
  record: review,
});

export const reviewEvents = [
  reviewStarted,
  reviewListed,
  reviewItemDecided,
  reviewItemRevoked,
  reviewItemRefused,
  reviewClosed,
] as const;
export type ReviewEvent = EventsOf<typeof reviewEvents>;
