import { command, oneLine, pageInput, pageOf, query } from '@daybook/kernel';
import * as z from 'zod';
import { accountClass, accountNumber, companyId } from '../ledger/entry.schema.js';

const facts = {
  name: oneLine(256),
  class: accountClass,
  postingAllowed: z.boolean().default(true).describe('false: a heading, to which nothing is posted'),
};

export const addAccount = command('accounting.account.add', {
  title: 'Add an account',
  http: 'POST /v1/accounting/companies/{companyId}/accounts',
  delegated: true,
  says: 'added account {number} {name}',
  input: z.object({ companyId, number: accountNumber, ...facts }),
});
export const changeAccount = command('accounting.account.change', {
  title: 'Change an account',
  description:
    'Changes its name, its class, or whether lines may be posted to it. Fields that are left out do not change, and ' +
    'neither do reports as of an earlier time.',
  http: 'PUT /v1/accounting/companies/{companyId}/accounts/{number}',
  delegated: true,
  says: 'changed account {number} {name}',
  ifMatch: 'optional',
  input: z.object({
    companyId,
    number: accountNumber,
    name: facts.name.optional(),
    class: facts.class.optional(),
    postingAllowed: z.boolean().optional().describe('false: a heading, to which nothing is posted'),
  }),
});

export const accountRow = z
  .object({
    number: accountNumber,
    name: z.string(),
    class: accountClass,
    postingAllowed: z.boolean(),
    version: z.int(),
  })
  .meta({ id: 'Account' });
export const accountWithBalance = accountRow
  .extend({ balance: z.string().describe('Debit positive') })
  .meta({ id: 'AccountWithBalance' });

export const listAccounts = query('accounting.account.list', {
  title: 'List accounts',
  http: 'GET /v1/accounting/companies/{companyId}/accounts',
  delegated: true,
  permission: 'accounting.account.read',
  input: z.object({
    companyId,
    text: z.string().max(100).optional().describe('In number or name'),
    class: z.array(accountClass).optional(),
    ...pageInput,
  }),
  output: pageOf(accountWithBalance),
  rows: 'items',
});
export const readAccount = query('accounting.account.read', {
  title: 'Read an account',
  http: 'GET /v1/accounting/companies/{companyId}/accounts/{number}',
  delegated: true,
  permission: 'accounting.account.read',
  input: z.object({ companyId, number: accountNumber }),
  output: accountWithBalance,
});

export const accountCommands = [addAccount, changeAccount] as const;
