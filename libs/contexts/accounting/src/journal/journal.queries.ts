import { isRejection } from '@daybook/kernel';
import { answers } from '@daybook/projections';
import { answerOf } from '@daybook/server';
import { listIn } from '../company/company.queries.js';
import { listJournals } from './journal.operations.js';
import { journals } from './journal.projection.js';

export const journalAnswers = [
  answerOf(
    answers(listJournals, journals, async (items, read, { companyId }) => {
      const found = await listIn(read, String(companyId), { items });
      return isRejection(found) ? found : found.items;
    }),
  ),
];
