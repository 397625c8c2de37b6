import { answer } from '@daybook/server';
import { listIn } from '../company/company.queries.js';
import { listJournals } from './journal.operations.js';
import { journals } from './journal.projection.js';

export const journalAnswers = [
  answer(listJournals, async ({ companyId }, read) => {
    const items = await read.db
      .selectFrom(read.rows(journals).as('j'))
      .select(['j.code', 'j.name', 'j.version'])
      .where('j.companyId', '=', companyId)
      .orderBy('j.code')
      .execute();
    return listIn(read, companyId, { items });
  }),
];
