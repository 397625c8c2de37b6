import { view, viewOf } from '@daybook/kernel';
import { readAccountLedger } from '../account-ledger/account-ledger.operations.js';
import { addAccount, changeAccount, listAccounts, removeAccount } from './account.operations.js';

export const accountView = viewOf(listAccounts, {
  opens: 'accounts/{number}',
  channels: ['accounts', 'trial-balance'],
  columns: ['number', 'name', 'class', 'postingAllowed', 'balance'],
  labels: { number: 'Account' },
  hidden: ['postingAllowed'],
  saved: [
    { name: 'Balance sheet', where: { class: 'asset,liability,equity' } },
    { name: 'Income and expense', where: { class: 'income,expense' } },
  ],
  actions: { create: addAccount, row: [changeAccount, removeAccount], bulk: [removeAccount] },
  find: { text: '{number} {name}', detail: 'class', figure: 'balance' },
  empty: 'The chart of accounts is empty. Add an account, or import the books of your previous system.',
});

export const accountLedgerView = view(readAccountLedger, {
  path: 'accounts/{number}',
  title: '{account.number} {account.name}',
  one: 'line',
  icon: 'scroll-text',
  id: 'line',
  opens: 'entries/{entryId}',
  about: 'account',
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
