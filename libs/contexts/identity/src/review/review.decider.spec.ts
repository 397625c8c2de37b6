import { nameId, type NewEvent } from '@daybook/kernel';
import { deciding, outcome } from '@daybook/projections/testing/given';
import { type ListFacts, reviewDecider } from './review.decider.js';
import type { ReviewEvent, ReviewGrant, ReviewItem, ReviewListing } from './review.events.js';
import type { ReviewCommand } from './review.internal.js';
import {
  closed,
  decided,
  id,
  item,
  kari,
  listed,
  listing,
  ofKari,
  ofShop,
  ola,
  opened,
  refused,
  reviewId,
  revoked,
  started,
} from './testing/given.js';

const decisions = deciding(reviewDecider, { now: '2026-03-31T12:00:00.000Z', newId: reviewId });
const given = (...events: ReviewEvent[]) => ({
  when: (command: ReviewCommand, persons: readonly [string, ...string[]] = [ola], listed?: ListFacts) => {
    const byName = {
      'identity.review.start': { number: opened.number, list: listed ?? toList([]) },
      'identity.review.list-more': listed?.page ?? [],
    };
    const who = { reviewer: persons.at(-1) ?? '', persons };
    const facts = command.name in byName ? byName[command.name as keyof typeof byName] : who;
    return outcome<NewEvent>(decisions.given(...events).whenSent(command, { actor: persons[0], facts }));
  },
});
const start = (more: { dueOn?: string; reviewerIds?: string[] } = {}): ReviewCommand => ({
  name: 'identity.review.start',
  input: { name: opened.name, dueOn: opened.dueOn, ...more },
});
const grantOf = ({ itemId: _, ...grant }: ReviewItem): ReviewGrant => grant;
/** What a start lists: these grants on the first page, of so many in all. */
const toList = (items: readonly ReviewItem[], more: Partial<ReviewListing> & { own?: boolean } = {}): ListFacts => {
  const { own: isOnlyReviewersOwn = false, ...of } = more;
  const total = { ...listing, total: items.length, ...of };
  return { page: items.map(grantOf), listing: total, listedAt: opened.listedAt, isOnlyReviewersOwn };
};
/** The item of a grant has an id of its own in each review. */
const listedAs = (one: ReviewItem): ReviewItem => ({ ...one, itemId: nameId(reviewId, 'item', one.grantId) });
const decide = (one: { itemId: string }, decision: 'keep' | 'revoke'): ReviewCommand => ({
  name: 'identity.review.decide',
  input: { reviewId, itemId: one.itemId, decision, reason: 'Needed' },
});
const settle = (one: { itemId: string }, outcome: 'revoked' | 'already-revoked' | 'refused'): ReviewCommand => ({
  name: 'identity.review.record-revocation',
  input: { reviewId, itemId: one.itemId, outcome, code: 'identity.last-admin', message: 'This is the last Admin.' },
});
const end: ReviewCommand = { name: 'identity.review.close', input: { reviewId } };
const more: ReviewCommand = { name: 'identity.review.list-more', input: { reviewId } };
const all = [decide(ofShop, 'keep'), settle(ofShop, 'revoked'), end];

describe('an access review', () => {
  it('starts once, with a list and a due date in the future', () => {
    const all = toList([ofKari, ofShop]);
    const begun = started({ items: [ofKari, ofShop].map(listedAs) });
    expect(given().when(start(), [ola], all)).toEqual([begun]);
    expect(given(started()).when(start(), [ola], all)).toBe('identity.review-exists');
    expect(given().when(start(), [ola], toList([]))).toBe('identity.review-empty');
    expect(given().when(start(), [ola], toList([ofShop], { total: 50_001 }))).toBe('identity.review-too-large');
    expect(given().when(start({ dueOn: '2026-03-30' }), [ola], all)).toBe('identity.review-due-date-invalid');
    expect(given().when(start({ dueOn: '2026-03-31' }), [ola], all)).toHaveLength(1);
  });

  it('with more than one page is listed completely before anything is decided', () => {
    const begun = started({ listing });
    const third = toList([item(3)]);
    const items = [ofKari, ofShop].map(listedAs);
    expect(given().when(start(), [ola], toList([ofKari, ofShop], { total: 3 }))).toEqual([started({ items, listing })]);
    for (const command of all) expect(given(begun).when(command)).toBe('identity.review-listing');
    expect(given(begun).when(more, [ola], third)).toEqual([listed(listedAs(item(3)))]);
    expect(given(begun, listed()).when(decide(item(3), 'keep'))).toHaveLength(1);
    expect(given(begun, listed()).when(decide(ofKari, 'keep'))).toHaveLength(1);
    // Nothing is listed where there is nothing left to list.
    expect(given(begun, listed()).when(more, [ola], third)).toBe('identity.review-page-exists');
    expect(given(started()).when(more, [ola], third)).toBe('identity.review-page-exists');
    expect(given().when(more, [ola], third)).toBe('identity.review-not-found');
    const settled = [begun, listed(), ...[ofKari, ofShop, item(3)].map((one) => decided(one, 'keep'))];
    expect(given(...settled).when(end)).toEqual([closed(3, 0)]);
    expect(given(...settled, closed(3, 0)).when(more, [ola], third)).toBe('identity.review-closed');
  });

  it('needs a second reviewer where the only one would review their own grants', () => {
    const own = toList([ofKari, ofShop], { own: true });
    expect(given().when(start({ reviewerIds: [kari] }), [ola], own)).toBe('identity.second-reviewer-required');
    expect(given().when(start({ reviewerIds: [ola] }), [ola], toList([ofShop]))).toHaveLength(1);
  });

  it('does nothing before it is started, and nothing after it is closed', () => {
    const over = [started({ items: [ofShop] }), decided(ofShop, 'keep'), closed(1, 0)];
    for (const command of all) {
      expect(given().when(command)).toBe('identity.review-not-found');
      expect(given(...over).when(command)).toBe('identity.review-closed');
    }
    expect(given(...over).when(start(), [ola], toList([ofShop]))).toBe('identity.review-exists');
  });

  it('keeps or revokes what is listed', () => {
    expect(given(started()).when(decide(ofKari, 'keep'))).toEqual([decided(ofKari, 'keep')]);
    expect(given(started()).when(decide(ofKari, 'revoke'))).toEqual([decided(ofKari, 'revoke')]);
    expect(given(started()).when(decide({ itemId: id(99) }, 'keep'))).toBe('identity.review-not-found');
    expect(given(started(), decided(ofKari, 'keep')).when(decide(ofKari, 'revoke'))).toHaveLength(1);
  });

  it('is decided by its reviewers, but not on their own grants', () => {
    expect(given(started()).when(decide(ofKari, 'keep'), [kari])).toBe('identity.self-review');
    const named = started({ reviewerIds: [ola] });
    expect(given(named).when(decide(ofShop, 'keep'), [kari])).toBe('identity.not-a-reviewer');
    expect(given(named).when(decide(ofShop, 'keep'), [ola])).toHaveLength(1);
  });

  it('counts a delegate as the person they act for, and refuses decisions on the grants of either', () => {
    const named = started({ reviewerIds: [ola] });
    expect(given(named).when(decide(ofShop, 'keep'), [kari, ola])).toHaveLength(1);
    expect(given(named).when(decide(ofKari, 'keep'), [kari, ola])).toBe('identity.self-review');
    expect(given(started()).when(decide(ofKari, 'keep'), [ola, kari])).toBe('identity.self-review');
  });

  it('carries out a revocation before anything else is decided on the item', () => {
    const revoking = [started(), decided(ofShop, 'revoke')];
    expect(given(...revoking).when(decide(ofShop, 'keep'))).toBe('identity.review-item-revoking');
    expect(given(...revoking).when(decide(ofShop, 'revoke'))).toHaveLength(1);
    expect(given(...revoking).when(settle(ofShop, 'revoked'))).toEqual([revoked(ofShop)]);
    expect(given(...revoking).when(settle(ofShop, 'already-revoked'))).toEqual([revoked(ofShop, 'already-revoked')]);
    expect(given(...revoking, revoked(ofShop)).when(decide(ofShop, 'keep'))).toBe('identity.review-item-revoked');
    expect(given(...revoking, revoked(ofShop)).when(settle(ofShop, 'revoked'))).toBe('identity.review-item-settled');
    expect(given(started()).when(settle(ofShop, 'revoked'))).toBe('identity.review-item-settled');
    expect(given(started()).when(settle({ itemId: id(99) }, 'revoked'))).toBe('identity.review-not-found');
  });

  it('reopens an item whose revocation was refused', () => {
    const events = [started(), decided(ofKari, 'revoke')];
    expect(given(...events).when(settle(ofKari, 'refused'))).toEqual([refused(ofKari)]);
    expect(given(...events, refused(ofKari)).when(decide(ofKari, 'keep'))).toHaveLength(1);
  });

  it('closes once every item is settled, and until then says what is left', () => {
    const half = [started(), decided(ofShop, 'revoke')];
    expect(given(started()).when(end)).toBe('identity.review-incomplete');
    expect(given(...half).when(end)).toBe('identity.review-incomplete');
    expect(given(...half, decided(ofKari, 'keep')).when(end)).toBe('identity.review-revoking');
    expect(given(...half, revoked(ofShop), decided(ofKari, 'keep')).when(end)).toEqual([closed(1, 1)]);
  });
});
