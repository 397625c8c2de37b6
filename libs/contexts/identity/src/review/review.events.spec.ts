import { expectGolden } from '@daybook/event-store/testing/golden';
import {
  reviewClosed,
  reviewEvents,
  reviewItemDecided,
  reviewItemRefused,
  reviewItemRevoked,
  reviewListed,
  reviewStarted,
} from './review.events.js';
import { closed, decided, id, listed, ofKari, ofShop, refused, revoked, started } from './testing/given.js';

const samples = [
  () => expectGolden(reviewStarted, [started().data, started({ reviewerIds: [id(3)] }).data]),
  () => expectGolden(reviewListed, [listed().data]),
  () => expectGolden(reviewItemDecided, [decided(ofKari, 'keep').data, decided(ofShop, 'revoke').data]),
  () => expectGolden(reviewItemRevoked, [revoked(ofShop).data, revoked(ofShop, 'already-revoked').data]),
  () => expectGolden(reviewItemRefused, [refused(ofKari).data]),
  () => expectGolden(reviewClosed, [closed(1, 1).data]),
];

describe('events of access reviews', () => {
  it('keep their stored format', () => {
    expect(samples).toHaveLength(reviewEvents.length);
    for (const sample of samples) sample();
  });
});
