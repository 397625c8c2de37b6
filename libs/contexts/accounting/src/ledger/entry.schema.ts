import { amount, currencyCode, customStored, decimal, guarded, party, plainDate } from '@daybook/kernel';
import * as z from 'zod';

/* The parts of an entry, shared by events, staged entries, inputs and answers. */

export const companyId = z.uuid().describe('The company whose books these are');
export const entryId = z.uuid();
export const accountNumber = z
  .string()
  .regex(/^[0-9A-Za-z][0-9A-Za-z._-]{0,19}$/, 'Give an account number of 1 to 20 letters, digits, dots or dashes.')
  .meta({ id: 'AccountNumber' });
export const journalCode = z
  .string()
  .regex(/^[A-Z0-9]{1,10}$/, 'Give a journal code of 1 to 10 capital letters or digits.')
  .meta({ id: 'JournalCode' });
export const accountClass = z.enum(['asset', 'liability', 'equity', 'income', 'expense']).meta({ id: 'AccountClass' });
export type AccountClass = z.infer<typeof accountClass>;
/** The accounting period within its fiscal year: usually 1 to 12; 0 is the opening, 13 and above are closings. */
export const period = z.int().min(0).max(16).meta({ id: 'Period' });
export const side = z.enum(['debit', 'credit']).meta({ id: 'Side' });
export type Side = z.infer<typeof side>;

/** Fields that a role may hide or mask, in entries, lines, account ledgers, explanations and events. */
export const guardedDescription = <S extends z.ZodType>(schema: S): S =>
  guarded(schema, 'accounting.entry.description', 'Description of an entry or a line');
export const guardedParty = <S extends z.ZodType>(schema: S): S =>
  guarded(schema, 'accounting.entry.party', 'Customer or supplier of a line');

export const taxDetail = z
  .object({
    code: z.string().min(1).max(70),
    base: amount.nullable(),
    percent: decimal.nullable(),
    amount: amount.nullable(),
  })
  .meta({ id: 'TaxDetail' });
export const dimension = z
  .object({ type: z.string().min(1).max(35), id: z.string().min(1).max(256), amount: amount.optional() })
  .meta({ id: 'Dimension', description: 'Analysis: department, project or similar' });

/** A line has a side and an amount in the company's currency. Negative amounts of an imported file are kept. */
export const entryLine = z
  .object({
    account: accountNumber,
    side,
    amount,
    description: guardedDescription(z.string().max(500)).optional(),
    foreign: z
      .object({ currency: currencyCode, amount, rate: decimal })
      .optional()
      .describe('The amount in another currency, and the rate to the company currency'),
    party: guardedParty(party).optional(),
    tax: z.array(taxDetail).max(10).optional(),
    dimensions: z.array(dimension).max(20).optional(),
  })
  .meta({ id: 'EntryLine' });
export type EntryLine = z.infer<typeof entryLine>;

/** The line of the imported file. */
export const sourceLine = z.int().min(1);
export const storedLine = entryLine.extend({ source: sourceLine.optional() });
export type StoredLine = z.infer<typeof storedLine>;

export const mostVoucher = 100;
export const voucher = z.string().max(mostVoucher).describe("The source's own document number");
export const entryKind = z.enum(['normal', 'opening', 'reversal']).meta({ id: 'EntryKind' });

/** The content of an entry, whether posted, a reversal, or staged by an import. */
export const entryContent = z.object({
  companyId,
  entryId,
  journal: journalCode,
  /** The calendar year its fiscal year ends in. */
  fiscalYear: z.int(),
  date: plainDate,
  period,
  kind: entryKind,
  description: guardedDescription(z.string().max(500)),
  voucher: voucher.nullable(),
  documentDate: plainDate.nullable(),
  currency: currencyCode,
  lines: z.array(storedLine),
  custom: customStored.optional(),
});
export type EntryContent = z.infer<typeof entryContent>;
/** Keeps the event of an entry, with its custom fields, below the event store's size limit. */
export const maxEntryLines = 1000;
