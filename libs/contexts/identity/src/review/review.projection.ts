import { patch, projection, put, tableOf, when } from '@daybook/projections';
import {
  reviewClosed,
  type ReviewItem,
  reviewItemDecided,
  reviewItemRefused,
  reviewItemRevoked,
  reviewListed,
  reviewStarted,
} from './review.events.js';
import { reviewItemRow, reviewRow } from './review.operations.js';

export const reviewTable = tableOf('reviews', reviewRow, ['reviewId']);
export const reviewItemTable = tableOf('review_items', reviewItemRow, ['reviewId', 'itemId']);

const undecided = {
  decision: null,
  reason: null,
  decidedBy: null,
  decidedAt: null,
  revocation: null,
  revocationNote: null,
};

const listed = (reviewId: string, items: readonly ReviewItem[]) =>
  items.map((item) => put(reviewItemTable, { ...item, reviewId, ...undecided }));

/** Access reviews and their items. Counts are computed from the items when they are read. */
export const reviewProjection = projection({
  name: 'reviews',
  version: 4,
  tables: [reviewTable, reviewItemTable],
  on: [
    when(reviewStarted, ({ data: { items, listedAt, listing, ...review }, recordedAt, meta }) => [
      put(reviewTable, {
        ...review,
        startedAt: recordedAt,
        startedBy: meta.actor.id,
        listedTrail: listedAt.trail,
        closedAt: null,
        closedBy: null,
        total: listing?.total ?? items.length,
        version: 1,
      }),
      ...listed(review.reviewId, items),
    ]),
    when(reviewListed, ({ data: { reviewId, items }, meta }) => [
      patch(reviewTable, { reviewId }, { version: meta.record.version }),
      ...listed(reviewId, items),
    ]),
    when(reviewItemDecided, ({ data: { reviewId, itemId, decision, reason }, recordedAt, meta }) => [
      patch(
        reviewItemTable,
        { reviewId, itemId },
        { ...undecided, decision, reason, decidedBy: meta.actor.id, decidedAt: recordedAt },
      ),
    ]),
    when(reviewItemRevoked, ({ data: { reviewId, itemId, outcome } }) => [
      patch(reviewItemTable, { reviewId, itemId }, { revocation: outcome }),
    ]),
    when(reviewItemRefused, ({ data: { reviewId, itemId, message } }) => [
      patch(reviewItemTable, { reviewId, itemId }, { ...undecided, revocation: 'refused', revocationNote: message }),
    ]),
    when(reviewClosed, ({ data: { reviewId }, recordedAt, meta }) => [
      patch(reviewTable, { reviewId }, { closedAt: recordedAt, closedBy: meta.actor.id, version: meta.record.version }),
    ]),
  ],
  channels: ['reviews'],
});
