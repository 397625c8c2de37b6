import { newRow, projectionOf, recordTable, when } from '@daybook/projections';
import { importPosted, journalAdded } from '../ledger/ledger.events.js';
import { listJournals } from './journal.operations.js';
import { journal } from './journal.record.js';

export const journals = recordTable(journal, [listJournals]);

export const journalProjection = projectionOf(journals, [journalAdded], {
  name: 'journals',
  on: [
    when(importPosted, ({ data: { companyId, journals: added } }) =>
      added.map((one) => newRow(journals, { companyId, ...one })),
    ),
  ],
});
