import { command, instant, oneLine, pageInput, pageOf, plainDate, query, tagInput } from '@daybook/kernel';
import * as z from 'zod';
import { reason } from '../reason.schema.js';
import { reviewItem } from './review.events.js';

/** Grants on one page of the list: one event each, well below what fits in one append. */
export const reviewPage = 1_000;
/** The evidence of a review is one document, and its CSV one file; larger tenants review one company at a time. */
export const mostReviewItems = 50_000;

export const startReview = command('identity.review.start', {
  title: 'Start an access review',
  description: 'Lists the grants as they are now: holder, role, since when, who gave it, and when it was last used.',
  http: 'POST /v1/identity/reviews',
  says: 'started the access review {number}, {name}',
  sensitive: true,
  input: z.object({
    name: oneLine(100),
    dueOn: plainDate,
    reviewerIds: z
      .array(z.uuid())
      .min(1)
      .max(50)
      .optional()
      .describe('Default: everybody with permission to decide reviews'),
    companyId: z.uuid().optional().describe('Only grants that are limited to this company'),
  }),
});
export const decideReviewItem = command('identity.review.decide', {
  title: 'Keep or revoke a reviewed grant',
  description:
    'Revoking takes effect within a moment; if the grant must stay (the last Admin), the item says why and is undecided again. ' +
    'Nobody can review their own grants.',
  http: 'POST /v1/identity/reviews/{reviewId}/items/{itemId}',
  sensitive: true,
  says: 'decided on an item of the access review',
  input: z.object({ reviewId: z.uuid(), itemId: z.uuid(), decision: z.enum(['keep', 'revoke']), reason }),
});
export const closeReview = command('identity.review.close', {
  title: 'Close an access review',
  description: 'Every item must be decided first, and every revocation carried out.',
  http: 'POST /v1/identity/reviews/{reviewId}/close',
  sensitive: true,
  says: 'closed the access review {name}',
  input: z.object({ reviewId: z.uuid() }),
});

/* Steps that follow, which the process sends (review.process.ts); bound as internal commands. */
export const ofReview = { reviewId: z.uuid() };
export const reviewCommands = [startReview, decideReviewItem, closeReview] as const;
export const reviewRow = z
  .object({
    reviewId: z.uuid(),
    number: z.string().describe('2026-1: gapless in the tenant, by year'),
    name: z.string(),
    dueOn: plainDate,
    reviewerIds: z.array(z.uuid()).nullable().describe('null: everybody with permission to decide reviews'),
    startedAt: instant,
    startedBy: z.string(),
    listedTrail: z.string().describe('Trail number at which the grants were listed'),
    closedAt: instant.nullable(),
    closedBy: z.string().nullable(),
    total: z.int().describe('Grants in the review'),
    version: z.int(),
  })
  .meta({ id: 'ReviewRow' });
export const listedReview = reviewRow
  .extend({
    items: z.int().describe('Grants listed so far; soon after the start, all of them'),
    left: z.int().describe('Items that are undecided or still being revoked'),
    revoking: z.int().describe('Of these, items that are still being revoked, which takes a moment'),
    kept: z.int(),
    revoked: z.int(),
    status: z
      .enum(['listing', 'open', 'overdue', 'closed'])
      .describe('listing: not all grants are listed yet, which takes a moment in a large tenant'),
    startedByName: z.string().nullable(),
  })
  .meta({ id: 'Review' });

export const reviewItemRow = reviewItem
  .extend({
    reviewId: z.uuid(),
    decision: z.enum(['keep', 'revoke']).nullable(),
    reason: z.string().nullable(),
    decidedBy: z.string().nullable(),
    decidedAt: instant.nullable(),
    revocation: z.enum(['revoked', 'already-revoked', 'refused']).nullable(),
    revocationNote: z.string().nullable().describe('Why a revocation was refused'),
  })
  .meta({ id: 'ReviewItemRow' });
export const listedReviewItem = reviewItemRow
  .extend({
    state: z.enum(['undecided', 'overdue', 'kept', 'revoking', 'revoked']),
    holderName: z.string().nullable(),
    givenByName: z.string().nullable(),
    decidedByName: z.string().nullable(),
    own: z
      .boolean()
      .describe('The grant is the reader’s own, or of a service account they control, so somebody else decides'),
  })
  .meta({ id: 'ReviewItem' });

const permission = 'identity.review.read';

export const listReviews = query('identity.review.list', {
  title: 'List access reviews',
  http: 'GET /v1/identity/reviews',
  permission,
  input: z.object({ ...tagInput, ...pageInput }),
  output: pageOf(listedReview),
  rows: 'items',
});
export const readReview = query('identity.review.read', {
  title: 'Read an access review',
  http: 'GET /v1/identity/reviews/{reviewId}',
  permission,
  input: z.object({ reviewId: z.uuid() }),
  output: listedReview,
});
export const listReviewItems = query('identity.review-item.list', {
  title: 'List the items of an access review',
  http: 'GET /v1/identity/reviews/{reviewId}/items',
  permission,
  input: z.object({
    reviewId: z.uuid(),
    state: listedReviewItem.shape.state.optional(),
    holderId: z.uuid().optional(),
    ...pageInput,
  }),
  output: pageOf(listedReviewItem),
  rows: 'items',
});
export const readReviewEvidence = query('identity.review.evidence', {
  title: 'Export the evidence of an access review',
  description:
    'What was listed at which trail number, and who decided what, when and why. `sha256` is the hash of the canonical ' +
    'JSON of `document` (keys sorted, no blanks), which names people by id, so that it never changes.',
  http: 'GET /v1/identity/reviews/{reviewId}/evidence',
  permission,
  input: z.object({ reviewId: z.uuid() }),
  output: z
    .object({
      document: z.record(z.string(), z.unknown()),
      sha256: z.string(),
      names: z.record(z.string(), z.string().nullable()).describe('Current names by id; not part of the hash'),
    })
    .meta({ id: 'ReviewEvidence' }),
});
