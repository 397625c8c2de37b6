import { recorded, rowsAfter } from '@daybook/projections/testing/given';
import {
  reviewClosed,
  reviewItemDecided,
  reviewItemRefused,
  reviewItemRevoked,
  reviewListed,
  reviewStarted,
} from './review.events.js';
import { reviewProjection } from './review.projection.js';
import {
  closed,
  decided,
  item,
  listed,
  listing,
  ofKari,
  ofShop,
  refused,
  reviewId,
  revoked,
  started,
} from './testing/given.js';

const begun = () => recorded(reviewStarted, started().data);

describe('the read model of access reviews', () => {
  it('contains the listed items as undecided', () => {
    const rows = rowsAfter(reviewProjection, [begun()]);
    expect(rows['reviews']).toMatchObject([
      {
        reviewId,
        number: '2026-1',
        name: 'Review of 2026',
        listedTrail: '41',
        startedBy: 'ingrid',
        closedAt: null,
        version: 1,
      },
    ]);
    expect(rows['review_items']).toMatchObject([
      { ...ofKari, reviewId, decision: null, revocation: null },
      { ...ofShop, reviewId, decision: null, revocation: null },
    ]);
  });

  it('contains the items of further pages, and the total', () => {
    const first = recorded(reviewStarted, started({ listing }).data);
    const page = recorded(reviewListed, listed().data, {
      meta: { record: { type: 'identity.review', id: reviewId, version: 2 } },
    });
    expect(rowsAfter(reviewProjection, [begun()])['reviews']).toMatchObject([{ total: 2 }]);
    const rows = rowsAfter(reviewProjection, [first, page]);
    expect(rows['reviews']).toMatchObject([{ total: 3, version: 2 }]);
    expect(rows['review_items']).toMatchObject([ofKari, ofShop, { ...item(3), reviewId, decision: null }]);
    expect(rowsAfter(reviewProjection, [first, page, page])).toEqual(rows);
  });

  it('contains each decision, its outcome, and who closed the review', () => {
    const rows = rowsAfter(reviewProjection, [
      begun(),
      recorded(reviewItemDecided, decided(ofKari, 'keep').data),
      recorded(reviewItemDecided, decided(ofShop, 'revoke', 'Sold').data),
      recorded(reviewItemRevoked, revoked(ofShop).data),
      recorded(reviewClosed, closed(1, 1).data, { meta: { record: { type: 'identity.review', id: reviewId, version: 2 } } }), // prettier-ignore
    ]);
    expect(rows['review_items']).toMatchObject([
      { decision: 'keep', reason: 'Needed', decidedBy: 'ingrid', revocation: null },
      { decision: 'revoke', reason: 'Sold', revocation: 'revoked' },
    ]);
    expect(rows['reviews']).toMatchObject([{ closedBy: 'ingrid', closedAt: expect.any(String), version: 2 }]);
  });

  it('contains why a revocation was refused, until the item is decided again', () => {
    const events = [
      begun(),
      recorded(reviewItemDecided, decided(ofKari, 'revoke').data),
      recorded(reviewItemRefused, refused(ofKari).data),
    ];
    const [row] = rowsAfter(reviewProjection, events)['review_items'] ?? [];
    expect(row).toMatchObject({ decision: null, decidedBy: null, revocation: 'refused', revocationNote: 'This is the last Admin.' }); // prettier-ignore
    const again = rowsAfter(reviewProjection, [...events, recorded(reviewItemDecided, decided(ofKari, 'keep').data)]);
    expect(again['review_items']?.[0]).toMatchObject({ decision: 'keep', revocation: null, revocationNote: null });
  });

  it('is idempotent when an event arrives twice', () => {
    const decision = recorded(reviewItemDecided, decided(ofKari, 'keep').data);
    const first = begun();
    expect(rowsAfter(reviewProjection, [first, decision, decision])).toEqual(
      rowsAfter(reviewProjection, [first, decision]),
    );
  });
});
