import { view } from '@daybook/kernel';
import { listMembers } from '../member/member.operations.js';
import { listReviews, readReview, startReview } from './review.operations.js';

/** The list; a review opens on its own page. */
export const reviewView = view(listReviews, {
  path: 'reviews',
  title: 'Access reviews',
  one: 'review',
  icon: 'list-checks',
  id: 'reviewId',
  opens: 'reviews/{reviewId}',
  channels: ['reviews'],
  record: { query: readReview, id: 'reviewId', title: 'name', fields: {}, sections: [], history: 'identity.review' },
  columns: {
    number: { as: 'text', label: 'Number' },
    name: { as: 'text', drill: 'record', pin: true, grow: true },
    dueOn: { as: 'date', label: 'Due' },
    items: { as: 'count', label: 'Listed' },
    left: { as: 'count', label: 'To decide' },
    kept: { as: 'count' },
    revoked: { as: 'count' },
    status: {
      as: 'status',
      words: { listing: { label: 'Being listed', icon: 'loader' }, open: { tone: 'warn', icon: 'hourglass' }, overdue: { tone: 'error', icon: 'circle-alert' }, closed: null },
    },
    startedAt: { as: 'instant', label: 'Started' },
    startedBy: { as: 'person', label: 'By' },
  },
  actions: {
    create: {
      label: 'Start a review',
      action: {
        operation: startReview,
        label: 'Start review',
        ask: {
          name: { label: 'Name', width: 'full', hint: 'Shown in the evidence: Access review 2026.' },
          dueOn: { label: 'Due on', as: 'date' },
          companyId: { label: 'Where', as: 'company', hint: 'With a company: only grants limited to it.' },
          reviewerIds: {
            label: 'Reviewers',
            as: 'choice',
            choices: { query: listMembers, value: 'personId', label: 'name' },
            hint: 'None ticked: everybody who may decide reviews. Nobody can review their own grants.',
          },
        },
      },
    },
  },
  empty: 'No access reviews yet. A review lists all grants, and reviewers keep or revoke each with a reason.',
}); // prettier-ignore
