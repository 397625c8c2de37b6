import { type CommandResult, isRejection, nameId, reject, type Rejection, streamName } from '@daybook/kernel';
import type { Caller, EventReader, PerformContext } from '@daybook/server';
import type * as z from 'zod';
import { revokeGrant } from '../grant/grant.operations.js';
import type { IdentityParts } from '../room.js';
import type { ApiKeys } from '../key/api-keys.js';
import { type Listed, listedGrants } from './listing.js';
import { type Review, reviewDecider, type ReviewState } from './review.decider.js';
import { type ReviewEvent, reviewEvents, reviewStarted } from './review.events.js';
import {
  type decideReviewItem,
  endReview,
  mostReviewItems,
  openReview,
  recordReviewDecision,
  recordReviewRevocation,
  type startReview,
} from './review.operations.js';

type Asking = Pick<PerformContext, 'caller' | 'newId' | 'commandId' | 'events' | 'execute' | 'executeAs' | 'read'>;

export const reviewStream = (tenant: string, reviewId: string): string =>
  streamName('identity.review', tenant, reviewId);

const types: ReadonlySet<string> = new Set(reviewEvents.map(({ name }) => name));

export async function reviewIn(events: EventReader, tenant: string, reviewId: string): Promise<ReviewState> {
  let state: ReviewState = reviewDecider.initial;
  for await (const event of events.stream(reviewStream(tenant, reviewId))) {
    if (!types.has(event.type)) continue;
    state = reviewDecider.evolve(state, event as unknown as ReviewEvent, { revision: event.revision });
  }
  return state;
}

/** Reviewing is for people who answer for it by name. */
export const notPerson = ({ actor }: Caller): Rejection | null =>
  actor.kind === 'person' ? null : reject('identity.person-needed', 'This takes a person.', { status: 403 });

/** Pins the list of this moment. A repeat finds the list that was pinned, whatever has changed since. */
export async function start(
  { name, dueOn, reviewerIds, companyId }: z.output<(typeof startReview)['input']>,
  asking: Asking,
  { pool, folds }: Pick<IdentityParts, 'pool' | 'folds'>,
  keys: ApiKeys,
): Promise<CommandResult | Rejection> {
  const { caller, newId: reviewId } = asking;
  const { members } = await folds.current(caller.tenant);
  const strangers = (reviewerIds ?? []).filter((personId) => members.get(personId)?.status !== 'active');
  if (strangers.length > 0) {
    return reject('identity.member-missing', 'A reviewer is an active member.', {
      status: 404,
      details: { reviewerIds: strangers },
    });
  }
  const { listedAt, items } =
    (await pinnedBefore(asking, reviewId)) ??
    (await asking.read((read) => listedGrants(reviewId, companyId, read, { pool, keys })));
  if (items.length > mostReviewItems) {
    return reject(
      'identity.review-too-large',
      `${items.length} grants do not fit in one review, which holds ${mostReviewItems}. Review company by company.`,
    );
  }
  return asking.execute(openReview, { reviewId, name, dueOn, reviewerIds: reviewerIds ?? null, listedAt, items });
}

async function pinnedBefore({ events, caller }: Asking, reviewId: string): Promise<Listed | null> {
  for await (const { type, data } of events.stream(reviewStream(caller.tenant, reviewId), { limit: 1 })) {
    if (type === reviewStarted.name) return data as z.infer<(typeof reviewStarted)['data']>;
  }
  return null;
}

/**
 * The decision first, then what follows from it. If the program stops in between, the item stands as being revoked, and
 * whoever decides it again or closes the review finishes it: the revocation has an id that follows from the item.
 */
export async function decideItem(
  input: z.output<(typeof decideReviewItem)['input']>,
  asking: Asking,
): Promise<CommandResult | Rejection> {
  const wrong = notPerson(asking.caller);
  if (wrong) return wrong;
  const decided = await asking.execute(recordReviewDecision, input);
  if (isRejection(decided) || input.decision === 'keep') return decided;
  const review = await reviewIn(asking.events, asking.caller.tenant, input.reviewId);
  return review.status === 'absent' ? decided : revoke(review, input.itemId, decided, asking);
}

/** Finishes what was decided, then closes; answers what is left when something is. */
export async function close(reviewId: string, asking: Asking): Promise<CommandResult | Rejection> {
  const wrong = notPerson(asking.caller);
  if (wrong) return wrong;
  const review = await reviewIn(asking.events, asking.caller.tenant, reviewId);
  if (review.status === 'open') {
    for (const [itemId, { status }] of review.items) {
      if (status !== 'revoking') continue;
      const done = await revoke(review, itemId, null, asking);
      if (isRejection(done)) return done;
    }
  }
  return asking.execute(endReview, { reviewId });
}

/** Takes the grant away and records what became of it; a refusal (the last Admin) is the answer, and the item open again. */
async function revoke<R extends CommandResult | null>(
  { reviewId, name, items }: Review,
  itemId: string,
  decided: R,
  asking: Asking,
): Promise<R | CommandResult | Rejection> {
  const known = items.get(itemId);
  if (known?.status !== 'revoking') return decided;
  const input = { grantId: known.item.grantId, reason: `Access review: ${name}` };
  const once = { commandId: nameId(reviewId, 'revoke', itemId), expectedVersion: null };
  const revoked = await asking.executeAs(asking.caller, revokeGrant, input, once);
  if (isRejection(revoked) && revoked.status === 503) return revoked;
  const gone = isRejection(revoked) && revoked.code === 'identity.grant-missing';
  const outcome = !isRejection(revoked) ? 'revoked' : gone ? 'was-gone' : 'refused';
  const { code, message } = isRejection(revoked) && !gone ? revoked : { code: '', message: '' };
  const settled = await asking.execute(recordReviewRevocation, { reviewId, itemId, outcome, code, message });
  // Somebody who decided at the same moment has recorded it already.
  if (isRejection(settled) && settled.code !== 'identity.review-item-settled') return settled;
  if (isRejection(revoked) && !gone) return revoked;
  return isRejection(settled) ? decided : settled;
}
