import { view } from '@daybook/kernel';
import { account } from '../account/account.record.js';
import { listJournals } from '../journal/journal.operations.js';
import { entryActions, entryStatusWords, listEntries, postEntry, readEntry } from './entry.operations.js';

export const entryView = view(listEntries, {
  path: 'entries',
  title: 'Entries',
  one: 'entry',
  icon: 'file-text',
  key: 'E',
  columns: {
    number: { as: 'number', drill: 'record', pin: true },
    date: { as: 'date', sort: 'desc' },
    description: { as: 'text', grow: true },
    voucher: { as: 'code', hidden: true },
    party: { as: 'party', hidden: true },
    mainAccount: { as: 'account', label: 'Main account', name: 'mainAccountName' },
    amount: { as: 'money', sum: true },
    status: { as: 'status', words: entryStatusWords },
    recordedBy: { as: 'person', label: 'By' },
  },
  order: { field: 'order', asc: 'oldest', desc: 'newest' },
  filters: [
    { field: ['from', 'to'], label: 'Date', as: 'date' },
    {
      field: 'journal',
      label: 'Journal',
      as: 'code',
      choices: { query: listJournals, value: 'code', label: 'name' },
    },
    { field: 'account', label: 'Account', as: 'record', to: account.name },
    { field: ['amountFrom', 'amountTo'], label: 'Amount', as: 'money' },
    { field: 'period', label: 'Period', as: 'count' },
    { field: 'fiscalYear', label: 'Fiscal year', as: 'number' },
    {
      field: 'status',
      label: 'Status',
      as: 'status',
      choices: Object.entries(entryStatusWords).map(([value, word]) => ({ value, label: word?.label ?? 'Posted' })),
    },
    { field: 'recordedBy', label: 'By', as: 'person' },
    { field: 'importId', label: 'Import', as: 'id' },
  ],
  views: [{ name: 'Reversed', where: { status: 'reversed' } }],
  record: {
    query: readEntry,
    id: 'entryId',
    title: 'number',
    sub: 'description',
    hero: 'amount',
    fields: {
      date: { as: 'date' },
      period: { as: 'count' },
      journal: { as: 'code' },
      voucher: { as: 'code' },
      documentDate: { as: 'date', label: 'Document date' },
      recordedAt: { as: 'instant', label: 'Recorded' },
    },
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
    history: 'accounting.entry',
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
