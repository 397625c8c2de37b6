import { projection, put, tableOf, when } from '@daybook/projections';
import { companyId } from '../ledger/entry.schema.js';
import { importPosted, journalAdded, type JournalData } from '../ledger/ledger.events.js';
import { journalRow } from './journal.operations.js';

export const journals = tableOf('journals', journalRow.extend({ companyId }), ['companyId', 'code']);

const added = (companyId: string, { code, name }: JournalData) => put(journals, { companyId, code, name, version: 1 });

export const journalProjection = projection({
  name: 'journals',
  version: 1,
  tables: [journals],
  channels: ['journals'],
  on: [
    when(journalAdded, ({ data }) => [added(data.companyId, data)]),
    when(importPosted, ({ data }) => data.journals.map((journal) => added(data.companyId, journal))),
  ],
});
