import { series } from '@daybook/kernel';
import { type ContextPart, decide, numberOf } from '@daybook/server';
import { reviewDecider } from './review.decider.js';
import { reviewEvents } from './review.events.js';
import { ReviewFactsSource, reviewStream } from './review-facts.js';
import { listReviews, reviewCommands } from './review.operations.js';
import { reviewSteps } from './review.internal.js';
import { accessReview } from './review.process.js';
import { reviewProjection } from './review.projection.js';
import { reviewAnswers } from './review.queries.js';

/** `2026-1`, `2026-2`, …: an auditor sees that none is missing. */
const reviewNumbers = series('identity.review', { by: 'year' });

const decided = decide({
  operations: reviewCommands,
  decider: reviewDecider,
  events: reviewEvents,
  stream: (input, { tenant }, newId) => reviewStream(tenant, 'reviewId' in input ? input.reviewId : newId),
  inject: { source: ReviewFactsSource },
  facts: {
    'identity.review.start': {
      number: { held: ({ now }) => numberOf(reviewNumbers, { day: now }) },
      list: { binding: ({ input, caller }, { source }) => source.first(caller.tenant, input) },
    },
    'identity.review.list-more': { binding: ({ state, caller }, { source }) => source.next(caller.tenant, state) },
    'identity.review.decide': { binding: ({ caller }, { source }) => source.who(caller) },
    'identity.review.close': { binding: ({ caller }, { source }) => source.who(caller) },
  },
});

/** Access reviews. Each has its own stream; revocations are decided in the tenant's stream, by their own command. */
export const reviewPart: ContextPart = {
  events: reviewEvents,
  bindings: [decided, ...reviewAnswers],
  internal: [{ ...decided, operations: reviewSteps }],
  processes: [accessReview],
  projections: [reviewProjection],
  channels: { reviews: listReviews },
};
