import { command, type CommandOf } from '@daybook/kernel';
import * as z from 'zod';
import { ofReview, reviewCommands } from './review.operations.js';

/* Steps that only the product itself takes. Their routes are names, and never served. */
export const listMore = command('identity.review.list-more', {
  title: 'List another page of an access review',
  http: 'POST /v1/identity/reviews/{reviewId}/pages',
  says: 'listed more grants of the access review {name}',
  input: z.object(ofReview),
});
export const recordReviewRevocation = command('identity.review.record-revocation', {
  title: 'Record the outcome of a revocation',
  http: 'POST /v1/identity/reviews/{reviewId}/revocations',
  says: 'revoked a grant by access review',
  input: z.object({
    ...ofReview,
    itemId: z.uuid(),
    outcome: z.enum(['revoked', 'already-revoked', 'refused']),
    code: z.string(),
    message: z.string(),
  }),
});
export const reviewSteps = [listMore, recordReviewRevocation] as const;
export const allReviewCommands = [...reviewCommands, ...reviewSteps] as const;
export type ReviewCommand = CommandOf<(typeof allReviewCommands)[number]>;
