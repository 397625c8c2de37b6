import { amount, pageInput, pageOf, partyId, partyType, plainDate, query } from '@daybook/kernel';
import * as z from 'zod';
import { companyId, entryId, guardedParty, guardedDescription } from '../ledger/entry.schema.js';

export const subledgerLine = z
  .object({
    id: z.string().describe('Entry and line'),
    entryId,
    line: z.int(),
    number: z.string(),
    date: plainDate,
    voucher: z.string().nullable(),
    description: guardedDescription(z.string()).nullable(),
    partyType,
    party: guardedParty(z.string()).nullable(),
    debit: amount.nullable(),
    credit: amount.nullable(),
    currency: z.string(),
  })
  .meta({ id: 'SubledgerLine' });

/**
 * The lines that name a customer or supplier, and nothing else of their entries: neither accounts nor the other side. A
 * caller whose grant names a party sees only the lines of that party, by kind and id.
 */
export const listSubledgerLines = query('accounting.subledger-line.list', {
  title: 'List the subledger lines of a customer or supplier',
  description: 'Newest first. A customer or supplier who signs in sees only their own lines.',
  http: 'GET /v1/accounting/companies/{companyId}/subledger-lines',
  delegated: true,
  permission: 'accounting.subledger-line.read',
  input: z.object({
    companyId,
    partyType: partyType.optional().describe('Whether the id is of a customer, a supplier, …'),
    party: guardedParty(partyId).optional().describe('Id of the customer or supplier in the books'),
    from: plainDate.optional(),
    to: plainDate.optional(),
    ...pageInput,
  }),
  output: pageOf(subledgerLine),
  rows: 'items',
});
