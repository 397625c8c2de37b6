import { decide, perform } from '@daybook/server';
import { servicesBehind } from '../access/behind.js';
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
      ...reviewAnswers(async (tenant, personId) => servicesBehind(personId, await folds.current(tenant))),
    ],
    internal: [
      decide({
        operations: reviewSteps,
        decider: reviewDecider,
        events: reviewEvents,
        stream: ({ reviewId }, caller) => reviewStream(caller.tenant, reviewId),
        facts: async ({ input }, _state, { tenant, actor, onBehalfOf }): Promise<ReviewFacts> => {
          const here = await folds.current(tenant);
          const withServices = (ids: readonly string[]) => [...ids, ...ids.flatMap((id) => servicesBehind(id, here))];
          const [only, second] = ('reviewerIds' in input && input.reviewerIds) || [];
          return {
            reviewer: (onBehalfOf ?? actor).id,
            persons: withServices([actor.id, ...(onBehalfOf ? [onBehalfOf.id] : [])]),
            ofOnlyReviewer: only === undefined || second !== undefined ? [] : withServices([only]),
          };
        },
      }),
    ],
    projections: [reviews],
    views: { reviews: listReviews },
  };
}
