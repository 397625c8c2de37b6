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
 * What the books hold about a customer or supplier, line by line, and nothing else of the entries: neither the accounts
 * nor the other side. A caller whose grant names a party sees that party's lines alone: of its kind and its id.
 */
export const listSubledgerLines = query('accounting.own-subledger-line.list', {
  title: 'List the subledger lines of a customer or supplier',
  description: 'Newest first. Whoever is a party himself sees his own items, and only those.',
  http: 'GET /v1/accounting/companies/{companyId}/subledger-lines',
  delegated: true,
  permission: 'accounting.own-subledger-line.read',
  input: z.object({
    companyId,
    partyType: partyType.optional().describe('The register of the id'),
    party: guardedParty(partyId).optional().describe('Customer or supplier id, as the books name it'),
    from: plainDate.optional(),
    to: plainDate.optional(),
    ...pageInput,
  }),
  output: pageOf(subledgerLine),
  rows: 'items',
});
