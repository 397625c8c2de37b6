import { type ContextPart, decide } from '@daybook/server';
import { reviewDecider } from './review.decider.js';
import { reviewEvents } from './review.events.js';
import { ReviewFactsSource, reviewStream } from './review-facts.js';
import { listReviews, reviewCommands } from './review.operations.js';
import { reviewSteps } from './review.internal.js';
import { accessReview } from './review.process.js';
import { reviewProjection } from './review.projection.js';
import { reviewAnswers } from './review.queries.js';

const decided = decide({
  operations: reviewCommands,
  decider: reviewDecider,
  events: reviewEvents,
  stream: (input, { tenant }, newId) => reviewStream(tenant, 'reviewId' in input ? input.reviewId : newId),
  inject: { source: ReviewFactsSource },
  facts: { binding: ({ command, state, caller }, { source }) => source.of(command, state, caller) },
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
