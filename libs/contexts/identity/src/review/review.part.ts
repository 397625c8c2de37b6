import { type ContextPart, decide, perform } from '@daybook/server';
import { servicesInCustodyOf } from '../access/key-custodians.js';
import { deps } from '../injected.js';
import { reviewDecider, type ReviewFacts } from './review.decider.js';
import { reviewEvents } from './review.events.js';
import { closeReview, decideReviewItem, listReviews, reviewSteps, startReview } from './review.operations.js';
import { reviewProjection } from './review.projection.js';
import { reviewAnswers } from './review.queries.js';
import { ReviewSources } from './review-sources.js';
import { close, decideItem, reviewStream, start } from './review-workflow.js';

const using = { ...deps('tenantStates'), sources: ReviewSources } as const;

/** Access reviews. Each has its own stream; revocations are decided in the tenant's stream, by their own command. */
export const reviewPart: ContextPart = {
  events: reviewEvents,
  bindings: [
    perform(startReview, using, (input, asking, { sources }) => start(input, asking, sources)),
    perform(decideReviewItem, using, (input, asking, { sources }) => decideItem(input, asking, sources)),
    perform(closeReview, using, ({ reviewId }, asking, { sources }) => close(reviewId, asking, sources)),
    ...reviewAnswers,
  ],
  internal: [
    decide({
      operations: reviewSteps,
      decider: reviewDecider,
      events: reviewEvents,
      stream: ({ reviewId }, caller) => reviewStream(caller.tenant, reviewId),
      inject: deps('tenantStates'),
      facts: async (
        { input },
        _state,
        { tenant, actor, onBehalfOf },
        _deps,
        { tenantStates },
      ): Promise<ReviewFacts> => {
        const here = await tenantStates.current(tenant);
        const withServices = (ids: readonly string[]) => [
          ...ids,
          ...ids.flatMap((id) => servicesInCustodyOf(id, here)),
        ];
        const [only, second] = ('reviewerIds' in input && input.reviewerIds) || [];
        return {
          reviewer: (onBehalfOf ?? actor).id,
          persons: withServices([actor.id, ...(onBehalfOf ? [onBehalfOf.id] : [])]),
          ofOnlyReviewer: only === undefined || second !== undefined ? [] : withServices([only]),
        };
      },
    }),
  ],
  projections: [reviewProjection],
  channels: { reviews: listReviews },
};
