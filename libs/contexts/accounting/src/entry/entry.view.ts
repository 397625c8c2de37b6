import { notOf, viewOf } from '@daybook/kernel';
import { account } from '../account/account.record.js';
import { listJournals } from '../journal/journal.operations.js';
import { entryActions, listEntries, postEntry, readEntry } from './entry.operations.js';

export const entryView = viewOf(listEntries, {
  columns: ['number', 'date', 'description', 'voucher', 'party', 'mainAccount', 'amount', 'status', 'recordedBy'],
  hidden: ['voucher', 'party'],
  formats: {
    number: { as: 'number' },
    party: { as: 'party' },
    mainAccount: { as: 'account', name: 'mainAccountName' },
    amount: { sum: true },
  },
  filters: [
    {
      field: 'journal',
      not: notOf('journal'),
      label: 'Journal',
      as: 'code',
      choices: { query: listJournals, value: 'code', label: 'name' },
    },
    { field: 'fiscalYear', not: notOf('fiscalYear'), label: 'Fiscal year', as: 'number' },
    { field: 'importId', not: notOf('importId'), label: 'Import', as: 'id' },
    { field: 'account', not: notOf('account'), label: 'Account', as: 'record', to: account.name },
  ],
  saved: [{ name: 'Reversed', where: { status: 'reversed' } }],
  record: {
    read: readEntry,
    id: 'entryId',
    sub: 'description',
    hero: 'amount',
    facts: ['date', 'period', 'journal', 'voucher', 'documentDate', 'recordedAt'],
    sections: [
      {
        kind: 'lines',
        field: 'lines',
        label: 'Lines',
        columns: {
          line: { as: 'count', label: '#' },
          account: { as: 'account', name: 'accountName' },
          description: { as: 'text', grow: true },
          debit: { as: 'money' },
          credit: { as: 'money' },
        },
        total: ['debit', 'credit'],
      },
      { kind: 'slot', label: 'Source', slot: 'source' },
    ],
    lineage: 'lineage',
  },
  actions: {
    create: { label: 'New entry', path: 'entries/new', needs: postEntry },
    row: entryActions,
    bulk: entryActions,
  },
  find: {
    text: '{number} {description}',
    detail: 'date',
    figure: 'amount',
    amount: ['amountFrom', 'amountTo'],
    person: { field: 'recordedBy', says: 'entries recorded by' },
  },
  empty: 'There are no entries yet. Post one, or import the books of your previous system.',
});
