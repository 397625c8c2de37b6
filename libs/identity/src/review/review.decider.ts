import { accept, assertNever, type DecideContext, type Decider, type Decision, reject } from '@daybook/kernel';
import {
  reviewClosed,
  type ReviewEvent,
  type ReviewItem,
  reviewItemDecided,
  reviewItemRefused,
  reviewItemRevoked,
  reviewStarted,
} from './review.events.js';
import type { ReviewCommand } from './review.operations.js';

/*
 * Invariants: what is reviewed is pinned at the start and never changes; nobody decides on his own; a revocation that was
 * decided is carried out before anything else is decided on the item; a review is closed when every item is settled.
 */
export interface ItemState {
  readonly item: ReviewItem;
  /** `revoking`: decided, and the grant is not known to be gone yet. */
  readonly status: 'undecided' | 'kept' | 'revoking' | 'revoked';
  readonly version: number;
}
export interface Review {
  readonly status: 'open' | 'closed';
  readonly reviewId: string;
  readonly name: string;
  readonly reviewerIds: readonly string[] | null;
  readonly items: ReadonlyMap<string, ItemState>;
}
export type ReviewState = { readonly status: 'absent' } | Review;

export interface ReviewFacts {
  /** Whose rights are used: support that acts for a reviewer is that reviewer. */
  readonly reviewer: string;
  /** Everybody who is behind the decision. */
  readonly persons: readonly string[];
}
type Input<N extends ReviewCommand['name']> = Extract<ReviewCommand, { name: N }>['input'];

export const reviewDecider: Decider<ReviewState, ReviewCommand, ReviewEvent, ReviewFacts> = {
  initial: { status: 'absent' },

  decide(command, state, context, facts) {
    if (command.name === 'identity.review.open') {
      return state.status === 'absent' ? open(command.input, context) : reject('identity.review-exists', 'It is open.');
    }
    if (state.status === 'absent') return missing('access review');
    if (state.status === 'closed') return reject('identity.review-closed', 'This access review is closed.');
    switch (command.name) {
      case 'identity.review.record-decision':
        return decideItem(command.input, state, facts);
      case 'identity.review.record-revocation':
        return settle(command.input, state);
      case 'identity.review.end':
        return close(state);
      default:
        return assertNever(command);
    }
  },

  evolve(state, event) {
    if (event.type === 'identity.review-started') {
      const { reviewId, name, reviewerIds, items } = event.data;
      const undecided = (item: ReviewItem): [string, ItemState] => [
        item.itemId,
        { item, status: 'undecided', version: 0 },
      ];
      return { status: 'open', reviewId, name, reviewerIds, items: new Map(items.map(undecided)) };
    }
    if (state.status === 'absent') return state;
    switch (event.type) {
      case 'identity.review-item-decided':
        return withItem(state, event.data.itemId, event.data.decision === 'keep' ? 'kept' : 'revoking');
      case 'identity.review-item-revoked':
        return withItem(state, event.data.itemId, 'revoked');
      case 'identity.review-item-refused':
        return withItem(state, event.data.itemId, 'undecided');
      case 'identity.review-closed':
        return { ...state, status: 'closed' };
      default:
        return assertNever(event);
    }
  },
};

function open(input: Input<'identity.review.open'>, { now }: DecideContext): Decision<ReviewEvent> {
  const { reviewerIds, items, dueOn } = input;
  if (items.length === 0) return reject('identity.review-empty', 'There is no grant to review here.');
  if (dueOn < now.slice(0, 10)) {
    return reject('identity.review-due', 'The day it is due has passed. Take a later one.', {
      errors: [{ pointer: '/dueOn', code: 'past', message: 'This day has passed.' }],
    });
  }
  const [only, second] = reviewerIds ?? [];
  if (only !== undefined && second === undefined && items.some(({ holderId }) => holderId === only)) {
    return reject(
      'identity.review-second-reviewer',
      'The only reviewer holds a grant of the list, and nobody reviews his own. Name a second one.',
      { errors: [{ pointer: '/reviewerIds', code: 'own', message: 'Name a second reviewer.' }] },
    );
  }
  return accept(input.reviewId, 1, reviewStarted.of(input));
}

function decideItem(
  { itemId, decision, reason }: Input<'identity.review.record-decision'>,
  { reviewId, reviewerIds, items }: Review,
  { reviewer, persons }: ReviewFacts,
): Decision<ReviewEvent> {
  const known = items.get(itemId);
  if (!known) return missing('item in this review');
  if (reviewerIds && !reviewerIds.includes(reviewer)) {
    return reject('identity.review-not-reviewer', 'You are no reviewer of this access review.', { status: 403 });
  }
  const { grantId, holderId } = known.item;
  if (persons.includes(holderId)) {
    return reject('identity.review-own', 'Nobody reviews what he holds himself. Another reviewer decides on it.', {
      status: 403,
    });
  }
  if (known.status === 'revoked') return reject('identity.review-item-revoked', 'This grant is revoked already.');
  if (known.status === 'revoking' && decision === 'keep') {
    return reject('identity.review-item-revoking', 'This grant is being revoked. Give it again if that was a mistake.');
  }
  const decided = reviewItemDecided.of({ reviewId, itemId, grantId, holderId, decision, reason });
  return accept(itemId, known.version + 1, decided);
}

function settle(
  { itemId, outcome, code, message }: Input<'identity.review.record-revocation'>,
  { reviewId, items }: Review,
): Decision<ReviewEvent> {
  const known = items.get(itemId);
  if (!known) return missing('item in this review');
  if (known.status !== 'revoking') return reject('identity.review-item-settled', 'Nothing is left to do on this item.');
  const { grantId, holderId } = known.item;
  const of = { reviewId, itemId, grantId, holderId };
  const version = known.version + 1;
  return outcome === 'refused'
    ? accept(itemId, version, reviewItemRefused.of({ ...of, code, message }))
    : accept(itemId, version, reviewItemRevoked.of({ ...of, outcome }));
}

function close({ reviewId, name, items }: Review): Decision<ReviewEvent> {
  const all = [...items.values()];
  const count = (status: ItemState['status']) => all.filter((one) => one.status === status).length;
  const left = all.filter(({ status }) => status === 'undecided' || status === 'revoking');
  if (left.length > 0) {
    return reject(
      'identity.review-items-left',
      `${left.length} of ${all.length} ${all.length === 1 ? 'item' : 'items'} are still to be decided.`,
      { details: { left: left.length, items: left.slice(0, 50).map(({ item }) => item.itemId) } },
    );
  }
  return accept(reviewId, 2, reviewClosed.of({ reviewId, name, kept: count('kept'), revoked: count('revoked') }));
}

const missing = (what: string) => reject('identity.review-missing', `There is no such ${what}.`, { status: 404 });

function withItem(review: Review, itemId: string, status: ItemState['status']): Review {
  const known = review.items.get(itemId);
  if (!known) return review;
  return { ...review, items: new Map(review.items).set(itemId, { ...known, status, version: known.version + 1 }) };
}
