import { act, change, create, listOf, readOf } from '@daybook/kernel';
import { account } from './account.record.js';

export const addAccount = create(account, {
  verb: 'add',
  title: 'Add an account',
  says: 'added account {number} {name}',
  undo: 'remove',
  delegated: true,
});
export const changeAccount = change(account, {
  http: 'PUT /v1/accounting/companies/{companyId}/accounts/{number}',
  says: 'changed account {number} {name}',
  description: 'Fields that are left out do not change, and neither do reports as of an earlier time.',
  ifMatch: 'optional',
  delegated: true,
});
export const removeAccount = act(account, 'remove', {
  says: 'removed account {number} {name}',
  description:
    'An account that nothing was ever posted to. Its number becomes free. One with entries stays; turn off posting instead.',
  icon: 'trash',
  destructive: true,
  delegated: true,
});
export const accountCommands = [addAccount, changeAccount, removeAccount] as const;

export const listAccounts = listOf(account, {
  text: ['number', 'name'],
  filters: ['class'],
  sorts: ['number', 'name'],
  delegated: true,
});
export const readAccount = readOf(account, { delegated: true });
