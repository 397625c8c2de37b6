import { amount, pageInput, plainDate, query, stamp, total } from '@daybook/kernel';
import * as z from 'zod';
import { accountNumber, companyId, entryId, guardedParty, guardedText } from '../ledger/entry.schema.js';

export const statementLine = z
  .object({
    entryId,
    line: z.int(),
    number: z.string(),
    date: plainDate,
    text: guardedText(z.string()).nullable(),
    voucher: z.string().nullable(),
    party: guardedParty(z.string()).nullable(),
    debit: amount.nullable(),
    credit: amount.nullable(),
    balance: total.describe('Running balance after this line, debit positive'),
  })
  .meta({ id: 'StatementLine' });

/** Lines of one account in order of date, then posting, with the running balance; opening entries fill the opening. */
export const readStatement = query('accounting.statement.read', {
  title: 'Read an account statement',
  http: 'GET /v1/accounting/companies/{companyId}/accounts/{number}/statement',
  support: true,
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
      account: z.object({ number: accountNumber, name: z.string() }),
      currency: z.string(),
      from: plainDate.nullable(),
      to: plainDate.nullable(),
      opening: total,
      debit: total,
      credit: total,
      closing: total,
      items: z.array(statementLine),
      next: z.string().nullable(),
      stamp,
    })
    .meta({ id: 'Statement' }),
  rows: 'items',
});
