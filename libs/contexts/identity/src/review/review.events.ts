import { event, type EventsOf } from '@daybook/kernel';
import * as z from 'zod';
import { listedParty } from '../grant/party.schema.js';

/*
 * An access review: `identity.review-{tenant}-{reviewId}`. The list is fixed at the start, with the trail number at which it
 * was read, so that the evidence shows years later who had which grant on that day. A list that does not fit in the first
 * event continues in `review-listed`, page by page. People by id only.
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
/** A grant as a review lists it, without the id of its item. */
export type ReviewGrant = Omit<ReviewItem, 'itemId'>;

/** How to read a list of several pages again, so that a retry lists the same grants. */
export const reviewListing = z.object({
  /** Grants on all pages. */
  total: z.int(),
  /** The revision of the tenant's stream up to which grants are listed. */
  revision: z.int(),
  /** The day on which a listed grant is in effect. */
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
    /** `2026-1`: gapless in the tenant, by year. */
    number: z.string(),
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
/** The revocation is done: by this review, or the grant had already been revoked. */
export const reviewItemRevoked = event('identity.review-item-revoked', {
  data: z.object({ ...ofItem, outcome: z.enum(['revoked', 'already-revoked']) }),
  record: item,
});
/** The revocation was refused (the last Admin's grant); the item is undecided again. */
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
