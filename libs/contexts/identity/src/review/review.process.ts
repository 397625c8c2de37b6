import { done, process, remember, send, type Send, type Step } from '@daybook/kernel';
import { revokeGrant } from '../grant/grant.operations.js';
import { reviewClosed, reviewItemDecided, reviewListed, reviewStarted } from './review.events.js';
import { listMore, recordReviewRevocation } from './review.internal.js';

interface UnderWay {
  readonly name: string;
  /** Grants that are on no page yet. */
  readonly missing: number;
}

/** Lists a large review page by page, and revokes what is decided to be revoked. */
export const accessReview = process('identity.access-review', {
  title: 'Carry out access reviews',
  version: 1,
  initial: { name: '', missing: 0 } satisfies UnderWay as UnderWay,
  on: (when) => [
    when(reviewStarted, 'reviewId', ({ data: { reviewId, name, items, listing } }) =>
      list(reviewId, { name, missing: (listing?.total ?? items.length) - items.length }),
    ),
    when(reviewListed, 'reviewId', ({ data: { reviewId, items } }, review) =>
      list(reviewId, { ...review, missing: review.missing - items.length }),
    ),
    when(reviewItemDecided, 'reviewId', ({ data }, { name }) => (data.decision === 'revoke' ? revoke(data, name) : [])),
    when(reviewClosed, 'reviewId', () => [done()]),
  ],
});

const list = (reviewId: string, review: UnderWay): Step<UnderWay>[] => [
  remember(review),
  ...(review.missing > 0 ? [send('list the next page', listMore, { reviewId })] : []),
];

/** A refusal makes the item undecided again, with the reason; what somebody else revoked meanwhile is revoked. */
function revoke(of: { reviewId: string; itemId: string; grantId: string }, name: string): Send[] {
  const { reviewId, itemId, grantId } = of;
  const record = (outcome: 'revoked' | 'already-revoked' | 'refused', { code, message } = { code: '', message: '' }) =>
    send(
      'record the outcome',
      recordReviewRevocation,
      { reviewId, itemId, outcome, code, message },
      // Decided twice at the same time.
      { rejected: { 'identity.review-item-settled': () => [] } },
    );
  return [
    send(
      'revoke',
      revokeGrant,
      { grantId, reason: `Access review: ${name}` },
      {
        rejected: {
          'identity.grant-not-found': () => [record('already-revoked')],
          'identity.last-admin': (why) => [record('refused', why)],
        },
      },
    ),
    record('revoked'),
  ];
}
