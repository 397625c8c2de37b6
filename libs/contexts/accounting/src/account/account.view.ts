import { view } from '@daybook/kernel';
import { readAccountLedger } from '../account-ledger/account-ledger.operations.js';
import { addAccount, changeAccount, listAccounts } from './account.operations.js';

const classes = ['asset', 'liability', 'equity', 'income', 'expense'].map((value) => ({
  value,
  label: value.charAt(0).toUpperCase() + value.slice(1),
}));
const facts = {
  name: { label: 'Name', width: 'full', required: true },
  class: { label: 'Class', as: 'choice', choices: classes, width: 'half', required: true },
  postingAllowed: { label: 'Posting allowed', as: 'boolean', width: 'half', hint: 'Off for a heading.' },
} as const;

export const accountView = view(listAccounts, {
  path: 'accounts',
  title: 'Accounts',
  one: 'account',
  icon: 'book-open',
  key: 'C',
  id: 'number',
  opens: 'accounts/{number}',
  channels: ['accounts', 'trial-balance'],
  columns: {
    number: { as: 'number', label: 'Account', drill: 'record', pin: true },
    name: { as: 'text', grow: true },
    class: { as: 'status', words: { asset: null, liability: null, equity: null, income: null, expense: null } },
    postingAllowed: { as: 'boolean', label: 'Posting allowed', hidden: true },
    balance: { as: 'money' },
  },
  filters: [{ field: 'class', label: 'Class', as: 'status', choices: classes }],
  views: [
    { name: 'Balance sheet', where: { class: 'asset,liability,equity' } },
    { name: 'Income and expense', where: { class: 'income,expense' } },
  ],
  actions: {
    create: {
      label: 'New account',
      action: {
        operation: addAccount,
        label: 'Add account',
        ask: { number: { label: 'Number', width: 'narrow' }, ...facts },
      },
    },
    row: [
      {
        operation: changeAccount,
        label: 'Change account',
        icon: 'pencil',
        key: 'E',
        from: { number: 'number', name: 'name', class: 'class', postingAllowed: 'postingAllowed' },
        ask: facts,
      },
    ],
  },
  empty: 'The chart of accounts is empty. Add an account, or import the books of your previous system.',
});

export const accountLedgerView = view(readAccountLedger, {
  path: 'accounts/{number}',
  title: '{account.number} {account.name}',
  one: 'line',
  icon: 'scroll-text',
  id: 'line',
  opens: 'entries/{entryId}',
  channels: ['accounts', 'entries', 'account-ledger'],
  summary: {
    opening: { as: 'money', label: 'Opening' },
    debit: { as: 'money', label: 'Debit' },
    credit: { as: 'money', label: 'Credit' },
    closing: { as: 'money', label: 'Closing' },
  },
  columns: {
    date: { as: 'date' },
    number: { as: 'number', label: 'Entry', drill: 'record', pin: true },
    description: { as: 'text', grow: true },
    voucher: { as: 'code' },
    party: { as: 'party', hidden: true },
    debit: { as: 'money' },
    credit: { as: 'money' },
    balance: { as: 'money' },
  },
  filters: [{ field: ['from', 'to'], label: 'Date', as: 'date' }],
  empty: 'Nothing is posted to this account in this period.',
});
