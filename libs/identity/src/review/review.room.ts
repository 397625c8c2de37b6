import { decide, perform } from '@daybook/server';
import type { ApiKeys } from '../key/api-keys.js';
import type { IdentityParts, Room } from '../room.js';
import { reviewDecider, type ReviewFacts } from './review.decider.js';
import { reviewEvents } from './review.events.js';
import { closeReview, decideReviewItem, listReviews, reviewSteps, startReview } from './review.operations.js';
import { reviews } from './review.projection.js';
import { reviewAnswers } from './review.queries.js';
import { close, decideItem, reviewStream, start } from './reviewing.js';

/** Access reviews. Each is a stream of its own; what is revoked is decided in the tenant's stream, by its own command. */
export const reviewRoom = (parts: IdentityParts, keys: ApiKeys): Room => ({
  events: reviewEvents,
  bindings: [
    perform(startReview, (input, asking) => start(input, asking, parts, keys)),
    perform(decideReviewItem, (input, asking) => decideItem(input, asking)),
    perform(closeReview, ({ reviewId }, asking) => close(reviewId, asking)),
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
});
