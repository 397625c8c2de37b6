import {
  accept,
  type ByCommand,
  type DecideContext,
  deciderOf,
  type Decision,
  type FoldsOf,
  nameId,
  reject,
  type Rejection,
  type RulesOf,
} from '@daybook/kernel';
import {
  reviewClosed,
  type ReviewEvent,
  type ReviewGrant,
  type ReviewItem,
  reviewItemDecided,
  reviewItemRefused,
  reviewItemRevoked,
  reviewListed,
  type ReviewListing,
  reviewStarted,
} from './review.events.js';
import { mostReviewItems } from './review.operations.js';
import { allReviewCommands, type ReviewCommand } from './review.internal.js';

/*
 * Invariants: the list is fixed at the start, and nothing is decided before it is complete; nobody decides on their own
 * grants; a revocation is carried out before anything else is decided on the item; a review closes when every item is settled.
 * What follows from a decision, and the further pages of a large list, are the process's (review.process.ts).
 */
export interface ItemState {
  readonly item: ReviewItem;
  /** `revoking`: decided, and not yet known to be revoked. */
  readonly status: 'undecided' | 'kept' | 'revoking' | 'revoked';
  readonly version: number;
}
export interface Review {
  /** `listing`: pages of the list are still missing. */
  readonly status: 'listing' | 'open' | 'closed';
  readonly version: number;
  readonly reviewId: string;
  readonly name: string;
  readonly reviewerIds: readonly string[] | null;
  /** How the list continues; null where it is one page. */
  readonly listing: ReviewListing | null;
  /** The items by page, so that a decision copies its page and not the whole list. */
  readonly pages: readonly ReadonlyMap<string, ItemState>[];
}
export type ReviewState = { readonly status: 'absent' } | Review;

export type ReviewFacts = ByCommand<{
  /** The number is held for this review, so that none is missing. */
  'identity.review.start': StartFacts;
  /** The grants of the next page. */
  'identity.review.list-more': readonly ReviewGrant[];
  'identity.review.decide': WhoFacts;
  'identity.review.close': WhoFacts;
}>;
interface StartFacts {
  readonly number: string;
  readonly list: ListFacts;
}
export interface WhoFacts {
  /** Whose rights are used: a delegate counts as the reviewer they act for. */
  readonly reviewer: string;
  /** Everybody involved in the decision, and the service accounts they control. */
  readonly persons: readonly string[];
}
export interface ListFacts {
  /** The grants of the first page. */
  readonly page: readonly ReviewGrant[];
  /** The grants of all pages. */
  readonly listing: ReviewListing;
  readonly listedAt: { readonly trail: string; readonly recordedAt: string | null };
  /** Whether the only reviewer, or a service account that they control, holds a grant on any page. */
  readonly isOnlyReviewersOwn: boolean;
}
type Input<N extends ReviewCommand['name']> = Extract<ReviewCommand, { name: N }>['input'];

/** A rule for a review that is neither closed nor unknown. */
function whileOpen(state: ReviewState, rule: (review: Review) => Decision<ReviewEvent>): Decision<ReviewEvent> {
  if (state.status === 'absent') return missing('access review');
  return state.status === 'closed' ? reject('identity.review-closed', 'This access review is closed.') : rule(state);
}
const onceListed = (state: ReviewState, rule: (review: Review) => Decision<ReviewEvent>): Decision<ReviewEvent> =>
  whileOpen(state, (review) => (review.status === 'listing' ? reviewIsListing() : rule(review)));

const rules: RulesOf<typeof allReviewCommands, ReviewState, ReviewEvent, ReviewFacts> = {
  'identity.review.start': (input, state, context, facts) =>
    state.status === 'absent'
      ? start(input, context, facts)
      : reject('identity.review-exists', 'This access review already exists.'),
  'identity.review.list-more': (_, state, _context, page) => whileOpen(state, (review) => listMore(review, page)),
  'identity.review.decide': (input, state, _, who) => onceListed(state, (review) => decideItem(input, review, who)),
  'identity.review.record-revocation': (input, state) => onceListed(state, (review) => settle(input, review)),
  'identity.review.close': (_, state) => onceListed(state, close),
};

/** A fold of a review that was started. */
const inReview =
  <D>(fold: (review: Review, data: D) => Review) =>
  (state: ReviewState, data: D): ReviewState =>
    state.status === 'absent' ? state : fold(state, data);

const folds: FoldsOf<ReviewEvent, ReviewState> = {
  'identity.review-started': (_, { reviewId, name, reviewerIds, items, listing = null }) =>
    withPage({ status: 'listing', version: 0, reviewId, name, reviewerIds, listing, pages: [] }, items),
  'identity.review-listed': inReview((review, { items }) => withPage(review, items)),
  'identity.review-item-decided': inReview((review, { itemId, decision }) =>
    withItem(review, itemId, decision === 'keep' ? 'kept' : 'revoking'),
  ),
  'identity.review-item-revoked': inReview((review, { itemId }) => withItem(review, itemId, 'revoked')),
  'identity.review-item-refused': inReview((review, { itemId }) => withItem(review, itemId, 'undecided')),
  'identity.review-closed': inReview((review) => ({ ...review, status: 'closed', version: review.version + 1 })),
};

const absent: ReviewState = { status: 'absent' };
export const reviewDecider = deciderOf<typeof allReviewCommands, ReviewState, ReviewEvent, ReviewFacts>({
  commands: allReviewCommands,
  initial: absent,
  rules,
  folds,
});

function start(
  { name, dueOn, reviewerIds }: Input<'identity.review.start'>,
  { now, newId: reviewId }: DecideContext,
  { number, list: { page, listing, listedAt, isOnlyReviewersOwn } }: StartFacts,
): Decision<ReviewEvent> {
  const items = itemsOf(reviewId, page);
  if (listing.total > mostReviewItems) {
    return reject(
      'identity.review-too-large',
      `${listing.total} grants are too many for one review, which takes up to ${mostReviewItems}. Review one company at a time.`,
    );
  }
  if (items.length === 0) return reject('identity.review-empty', 'There are no grants to review.');
  if (dueOn < now.slice(0, 10)) {
    return reject('identity.review-due-date-invalid', 'The due date has passed. Choose a later one.', {
      errors: [{ pointer: '/dueOn', code: 'invalid', message: 'Choose a day in the future.' }],
    });
  }
  if (isOnlyReviewersOwn) {
    return reject(
      'identity.second-reviewer-required',
      'The only reviewer has a grant on the list, or controls a service account that has one, and nobody can review their own grants. Name a second reviewer.',
      { errors: [{ pointer: '/reviewerIds', code: 'invalid', message: 'Name a second reviewer.' }] },
    );
  }
  const more = items.length < listing.total ? { listing } : {};
  return accept(
    reviewId,
    1,
    reviewStarted.of({ reviewId, number, name, dueOn, reviewerIds: reviewerIds ?? null, listedAt, items, ...more }),
  );
}

/** The same grant is the same item, whenever it is listed. */
const itemsOf = (reviewId: string, grants: readonly ReviewGrant[]): ReviewItem[] =>
  grants.map((grant) => ({ ...grant, itemId: nameId(reviewId, 'item', grant.grantId) }));

function listMore({ status, reviewId, name, version }: Review, page: readonly ReviewGrant[]): Decision<ReviewEvent> {
  return status === 'listing'
    ? accept(reviewId, version + 1, reviewListed.of({ reviewId, name, items: itemsOf(reviewId, page) }))
    : reject('identity.review-page-exists', 'All grants of the access review are listed already.');
}

export const reviewIsListing = (): Rejection =>
  reject('identity.review-listing', 'Not all grants are listed yet. Try again in a moment.', {
    status: 503,
    details: { retryAfterSeconds: 1 },
  });

const reviewIsRevoking = (): Rejection =>
  reject('identity.review-revoking', 'Grants are still being revoked. Try again in a moment.', {
    status: 503,
    details: { retryAfterSeconds: 1 },
  });

export const itemsIn = ({ pages }: Review): ItemState[] => pages.flatMap((page) => [...page.values()]);
export const itemOf = ({ pages }: Review, itemId: string): ItemState | undefined =>
  pages.find((page) => page.has(itemId))?.get(itemId);

function decideItem(
  { itemId, decision, reason }: Input<'identity.review.decide'>,
  review: Review,
  { reviewer, persons }: WhoFacts,
): Decision<ReviewEvent> {
  const { reviewId, reviewerIds } = review;
  const known = itemOf(review, itemId);
  if (!known) return missing('item in this review');
  if (reviewerIds && !reviewerIds.includes(reviewer)) {
    return reject('identity.not-a-reviewer', 'You are not a reviewer of this access review.', { status: 403 });
  }
  const { grantId, holderId } = known.item;
  if (persons.includes(holderId)) {
    return reject(
      'identity.self-review',
      'You cannot review your own grants, nor those of a service account that you created or issued an API key for. Another reviewer decides on them.',
      {
        status: 403,
      },
    );
  }
  if (known.status === 'revoked') return reject('identity.review-item-revoked', 'This grant was already revoked.');
  if (known.status === 'revoking' && decision === 'keep') {
    return reject(
      'identity.review-item-revoking',
      'This grant is being revoked. If that was a mistake, give it again afterwards.',
    );
  }
  const decided = reviewItemDecided.of({ reviewId, itemId, grantId, holderId, decision, reason });
  return accept(itemId, known.version + 1, decided);
}

function settle(
  { itemId, outcome, code, message }: Input<'identity.review.record-revocation'>,
  review: Review,
): Decision<ReviewEvent> {
  const { reviewId } = review;
  const known = itemOf(review, itemId);
  if (!known) return missing('item in this review');
  if (known.status !== 'revoking') return reject('identity.review-item-settled', 'This item is already settled.');
  const { grantId, holderId } = known.item;
  const of = { reviewId, itemId, grantId, holderId };
  const version = known.version + 1;
  return outcome === 'refused'
    ? accept(itemId, version, reviewItemRefused.of({ ...of, code, message }))
    : accept(itemId, version, reviewItemRevoked.of({ ...of, outcome }));
}

function close(review: Review): Decision<ReviewEvent> {
  const { reviewId, name, version } = review;
  const all = itemsIn(review);
  const count = (status: ItemState['status']) => all.filter((one) => one.status === status).length;
  const left = all.filter(({ status }) => status === 'undecided');
  if (left.length === 0 && count('revoking') > 0) return reviewIsRevoking();
  if (left.length > 0) {
    return reject(
      'identity.review-incomplete',
      `${left.length} of ${all.length} ${all.length === 1 ? 'item' : 'items'} are still to be decided.`,
      { details: { left: left.length, items: left.slice(0, 50).map(({ item }) => item.itemId) } },
    );
  }
  return accept(
    reviewId,
    version + 1,
    reviewClosed.of({ reviewId, name, kept: count('kept'), revoked: count('revoked') }),
  );
}

const missing = (what: string) => reject('identity.review-not-found', `There is no such ${what}.`, { status: 404 });

function withItem(review: Review, itemId: string, status: ItemState['status']): Review {
  const pages = review.pages.map((page) => {
    const known = page.get(itemId);
    return known ? new Map(page).set(itemId, { ...known, status, version: known.version + 1 }) : page;
  });
  return { ...review, pages };
}

function withPage(review: Review, items: readonly ReviewItem[]): Review {
  const page = new Map(items.map((item) => [item.itemId, { item, status: 'undecided' as const, version: 0 }]));
  const pages = [...review.pages, page];
  const listed = pages.reduce((count, { size }) => count + size, 0);
  const complete = review.listing === null || listed >= review.listing.total;
  return { ...review, pages, version: review.version + 1, status: complete ? 'open' : 'listing' };
}
