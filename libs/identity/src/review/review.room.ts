import { decide, perform } from '@daybook/server';
import type { ApiKeys } from '../key/api-keys.js';
import { seenOf } from '../member/seen.js';
import type { IdentityParts, Room } from '../room.js';
import { reviewDecider, type ReviewFacts } from './review.decider.js';
import { reviewEvents } from './review.events.js';
import { closeReview, decideReviewItem, listReviews, reviewSteps, startReview } from './review.operations.js';
import { reviews } from './review.projection.js';
import { reviewAnswers } from './review.queries.js';
import { close, decideItem, reviewStream, type Sources, start } from './reviewing.js';

/** Access reviews. Each is a stream of its own; what is revoked is decided in the tenant's stream, by its own command. */
export function reviewRoom({ pool, folds }: IdentityParts, keys: ApiKeys): Room {
  const sources: Sources = {
    folds,
    seen: (tenant, holderIds) => seenOf(pool, tenant, holderIds),
    uses: (tenant, holderIds) => keys.lastUsesOf(tenant, holderIds),
  };
  return {
    events: reviewEvents,
    bindings: [
      perform(startReview, (input, asking) => start(input, asking, sources)),
      perform(decideReviewItem, (input, asking) => decideItem(input, asking, sources)),
      perform(closeReview, ({ reviewId }, asking) => close(reviewId, asking, sources)),
      ...reviewAnswers,
    ],
    internal: [
      decide({
        operations: reviewSteps,
        decider: reviewDecider,
        events: reviewEvents,
        stream: ({ reviewId }, caller) => reviewStream(caller.tenant, reviewId),
        facts: async (_command, _state, { actor, onBehalfOf }): Promise<ReviewFacts> => ({
          reviewer: (onBehalfOf ?? actor).id,
          persons: [actor.id, ...(onBehalfOf ? [onBehalfOf.id] : [])],
        }),
      }),
    ],
    projections: [reviews],
    views: { reviews: listReviews },
  };
}
