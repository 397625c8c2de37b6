import { reject } from '@daybook/kernel';
import { given, sent } from '@daybook/projections/testing/process';
import { recorded } from '@daybook/projections/testing/given';
import { revokeGrant } from '../grant/grant.operations.js';
import { reviewClosed, reviewItemDecided, reviewListed, reviewStarted } from './review.events.js';
import { listMore, recordReviewRevocation } from './review.internal.js';
import { accessReview } from './review.process.js';
import { closed, decided, item, listed, listing, ofKari, ofShop, opened, reviewId, started } from './testing/given.js';

const whole = recorded(reviewStarted, started().data);
const begun = recorded(reviewStarted, started({ listing }).data);
const page = recorded(reviewListed, listed(item(3)).data);
const list = sent('list the next page', listMore, { reviewId });
const revoke = sent('revoke', revokeGrant, { grantId: ofShop.grantId, reason: `Access review: ${opened.name}` });
const outcome = (said: 'revoked' | 'already-revoked' | 'refused', code = '', message = '') =>
  sent('record the outcome', recordReviewRevocation, { reviewId, itemId: ofShop.itemId, outcome: said, code, message });

describe('carrying out an access review', () => {
  it('lists page after page until the list is complete', () => {
    expect(given(accessReview).when(whole)).toEqual([]);
    expect(given(accessReview).when(begun)).toEqual([list]);
    expect(given(accessReview, begun).when(page)).toEqual([]);
    const large = recorded(reviewStarted, started({ listing: { ...listing, total: 4 } }).data);
    expect(given(accessReview, large).when(page)).toEqual([list]);
  });

  it('revokes what is decided to be revoked, and records that', () => {
    const decide = (what: 'keep' | 'revoke') => recorded(reviewItemDecided, decided(ofShop, what).data);
    expect(given(accessReview, whole).when(decide('keep'))).toEqual([]);
    expect(given(accessReview, whole).when(decide('revoke'))).toEqual([revoke, outcome('revoked')]);
  });

  it('records why a grant stays, and that somebody else revoked it', () => {
    const decide = recorded(reviewItemDecided, decided(ofShop, 'revoke').data);
    const last = reject('identity.last-admin', 'This is the last Admin.');
    expect(given(accessReview, whole).when(decide, { revoke: last })).toEqual([
      revoke,
      outcome('refused', 'identity.last-admin', 'This is the last Admin.'),
    ]);
    const gone = reject('identity.grant-not-found', 'There is no such grant.', { status: 404 });
    expect(given(accessReview, whole).when(decide, { revoke: gone })).toEqual([revoke, outcome('already-revoked')]);
  });

  it('does nothing more where the item was decided twice at the same time, and stops at what it does not know', () => {
    const decide = recorded(reviewItemDecided, decided(ofShop, 'revoke').data);
    const settled = reject('identity.review-item-settled', 'This item is already settled.');
    const twice = { 'record the outcome': settled };
    expect(given(accessReview, whole).when(decide, twice)).toEqual([revoke, outcome('revoked')]);
    const other = reject('identity.tenant-not-found', 'Where?');
    expect(() => given(accessReview, whole).when(decide, { revoke: other })).toThrow('identity.tenant-not-found');
  });

  it('is done when the review is closed', () => {
    const late = recorded(reviewListed, listed(ofKari).data);
    const large = recorded(reviewStarted, started({ listing: { ...listing, total: 9 } }).data);
    expect(given(accessReview, large, recorded(reviewClosed, closed(1, 0).data)).when(late)).toEqual([]);
  });
});
