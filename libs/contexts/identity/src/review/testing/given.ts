import type { ReviewItem } from '../review.events.js';
import {
  reviewClosed,
  reviewItemDecided,
  reviewItemRefused,
  reviewItemRevoked,
  reviewListed,
  type ReviewListing,
  reviewStarted,
} from '../review.events.js';

/* Samples for the specs of access reviews: Kari is Admin, the webshop keeps the books. */
export const id = (n: number): string => `0190a1b2-0000-7000-8000-0000000000${n.toString(16).padStart(2, '0')}`;
export const [reviewId, kari, ola, shop] = [id(1), id(2), id(3), id(4)] as const;

export const item = (n: number, more: Partial<ReviewItem> = {}): ReviewItem => ({
  itemId: id(16 + n),
  grantId: id(32 + n),
  holder: 'person',
  holderId: kari,
  role: 'Admin',
  roleName: 'Admin',
  companyId: null,
  partyType: null,
  party: null,
  since: '2026-01-01T12:00:00.000Z',
  until: null,
  givenBy: 'set-up',
  lastUsedAt: '2026-03-01T12:00:00.000Z',
  ...more,
});
export const ofKari = item(1);
export const ofShop = item(2, { holder: 'service', holderId: shop, role: 'Accountant', roleName: 'Accountant', lastUsedAt: null }); // prettier-ignore
export const opened = {
  reviewId,
  number: '2026-1',
  name: 'Review of 2026',
  dueOn: '2026-04-30',
  reviewerIds: null as string[] | null,
  listedAt: { trail: '41', recordedAt: '2026-03-31T12:00:00.000Z' },
  items: [ofKari, ofShop],
};
const of = ({ itemId, grantId, holderId }: ReviewItem) => ({ reviewId, itemId, grantId, holderId });

export const started = (more: Partial<typeof opened> & { listing?: ReviewListing } = {}) =>
  reviewStarted.of({ ...opened, ...more });
export const listing = { total: 3, revision: 12, day: '2026-03-31', companyId: null };
export const listed = (...items: ReviewItem[]) =>
  reviewListed.of({ reviewId, name: opened.name, items: items.length > 0 ? items : [item(3)] });
export const decided = (one: ReviewItem, decision: 'keep' | 'revoke', reason = 'Needed') =>
  reviewItemDecided.of({ ...of(one), decision, reason });
export const revoked = (one: ReviewItem, outcome: 'revoked' | 'already-revoked' = 'revoked') =>
  reviewItemRevoked.of({ ...of(one), outcome });
export const refused = (one: ReviewItem) =>
  reviewItemRefused.of({ ...of(one), code: 'identity.last-admin', message: 'This is the last Admin.' });
export const closed = (kept: number, gone: number) =>
  reviewClosed.of({ reviewId, name: opened.name, kept, revoked: gone });
