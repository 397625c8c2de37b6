import { amount, pageInput, plainDate, query, rowOf, stamp, total } from '@daybook/kernel';
import * as z from 'zod';
import { account } from '../account/account.record.js';
import { accountNumber, companyId, entryId, guardedParty, guardedDescription } from '../ledger/entry.schema.js';

export const accountLedgerLine = z
  .object({
    entryId,
    line: z.int(),
    number: z.string(),
    date: plainDate,
    description: guardedDescription(z.string()).nullable(),
    voucher: z.string().nullable(),
    party: guardedParty(z.string()).nullable(),
    debit: amount.nullable(),
    credit: amount.nullable(),
    balance: total.describe('Running balance after this line, debit positive'),
  })
  .meta({ id: 'AccountLedgerLine' });

/** The lines of one account by date, then posting order, with the running balance. Opening entries count in the opening. */
export const readAccountLedger = query('accounting.account-ledger.read', {
  title: 'Read an account ledger',
  http: 'GET /v1/accounting/companies/{companyId}/accounts/{number}/ledger',
  delegated: true,
  permission: 'accounting.account.read',
  input: z.object({
    companyId,
    number: accountNumber,
    from: plainDate.optional(),
    to: plainDate.optional(),
    ...pageInput,
  }),
  output: z
    .object({
      account: rowOf(account).pick({ number: true, name: true, custom: true }),
      currency: z.string(),
      from: plainDate.nullable(),
      to: plainDate.nullable(),
      opening: total,
      debit: total,
      credit: total,
      closing: total,
      items: z.array(accountLedgerLine),
      next: z.string().nullable(),
      stamp,
    })
    .meta({ id: 'AccountLedger' }),
  rows: 'items',
});
