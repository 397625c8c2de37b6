import {
  type ActionDeclaration,
  amount,
  command,
  customInput,
  customQuery,
  customStored,
  decimals,
  formatDate,
  formatFigure,
  instant,
  pageInput,
  pageLimit,
  pageOf,
  party,
  plainDate,
  plainText,
  query,
  refersTo,
  stamp,
  type StatusWord,
} from '@daybook/kernel';
import * as z from 'zod';
import {
  accountNumber,
  companyId,
  customEntry,
  entryId,
  entryKind,
  entryLine,
  guardedParty,
  guardedDescription,
  journalCode,
  maxEntryLines,
  period,
  sourceLine,
  storedLine,
  voucher,
} from '../ledger/entry.schema.js';
import { entryRef } from '../ledger/ledger.events.js';

/**
 * The amount that an approval rule compares: the larger side, summed without signs, so that negative lines do not make an
 * entry look small.
 */
const sizeOf = (given: unknown): string => {
  const lines = given as readonly z.infer<typeof entryLine>[];
  const of = (side: string) =>
    decimals.sum(lines.filter((line) => line.side === side).map((line) => decimals.abs(line.amount)));
  const [debit, credit] = [of('debit'), of('credit')];
  const places = lines.reduce((most, { amount: of }) => Math.max(most, of.split('.')[1]?.length ?? 0), 0);
  return decimals.round(decimals.cmp(debit, credit) > 0 ? debit : credit, places);
};

export const reverseEntry = command('accounting.entry.reverse', {
  title: 'Reverse an entry',
  description:
    'Posts a linked entry with the sides swapped. The original does not change. An entry can be reversed once.',
  http: 'POST /v1/accounting/companies/{companyId}/entries/{entryId}/reverse',
  delegated: true,
  says: 'reversed {reverses.number|number}',
  ifMatch: 'optional',
  input: z.object({
    companyId,
    entryId,
    date: plainDate.optional().describe("Default: the original's date"),
    description: guardedDescription(z.string().max(500)).optional(),
  }),
  approvable: { summary: ({ date }) => `Reversal of an entry${date ? ` on ${formatDate(String(date), 'long')}` : ''}` },
});

export const releaseEntry = command('accounting.entry.release', {
  title: 'Release an entry from hold',
  http: 'POST /v1/accounting/companies/{companyId}/entries/{entryId}/release',
  delegated: true,
  says: 'released {number}',
  approvable: { summary: () => 'Release of an entry from hold' },
  ifMatch: 'optional',
  input: z.object({ companyId, entryId }),
});
export const holdEntry = command('accounting.entry.hold', {
  title: 'Put an entry on hold',
  description: 'Marks an entry that somebody questions. It still counts, and can still be reversed.',
  http: 'POST /v1/accounting/companies/{companyId}/entries/{entryId}/hold',
  delegated: true,
  says: 'put {number} on hold: {reason}',
  ifMatch: 'optional',
  input: z.object({ companyId, entryId, reason: plainText(500) }),
  undo: { operation: () => releaseEntry, input: ({ companyId, entryId }) => ({ companyId, entryId }) },
});

export const postEntry = command('accounting.entry.post', {
  title: 'Post an entry',
  http: 'POST /v1/accounting/companies/{companyId}/entries',
  delegated: true,
  says: 'posted {number}',
  input: z.object({
    companyId,
    journal: journalCode,
    date: plainDate,
    period: period.optional().describe('Default: the month of the date within the fiscal year; 0 for an opening'),
    kind: entryKind
      .exclude(['reversal'])
      .default('normal')
      .describe('opening: counts in the opening column of reports, not as movement'),
    description: guardedDescription(plainText(500)),
    voucher: voucher.optional(),
    documentDate: plainDate.optional(),
    lines: z.array(entryLine).min(2).max(maxEntryLines),
    custom: customInput.optional(),
  }),
  custom: { record: customEntry, does: 'create' },
  approvable: {
    amount: ({ lines }) => sizeOf(lines),
    summary: ({ lines, date }) => `Entry of ${formatFigure(sizeOf(lines))} on ${formatDate(String(date), 'long')}`,
  },
  undo: {
    operation: () => reverseEntry,
    input: (input, result) => ({ companyId: input['companyId'], entryId: result.id }),
  },
});

/** Every command on entries. */
export const entryCommands = [postEntry, reverseEntry, holdEntry, releaseEntry] as const;

/** Actions on an entry in a list or on its page, and the statuses in which they are offered. */
export const entryActions: readonly ActionDeclaration[] = [
  {
    operation: reverseEntry,
    label: 'Reverse',
    icon: 'undo-2',
    key: 'R',
    when: { field: 'status', is: ['posted', 'on-hold'] },
    from: { entryId: 'id' },
    ask: {
      date: { label: 'Date of the reversal', as: 'date', hint: 'Default: the date of the entry.', width: 'half' },
      description: { label: 'Description', width: 'full' },
    },
  },
  {
    operation: holdEntry,
    label: 'Put on hold',
    icon: 'pause',
    when: { field: 'status', is: ['posted'] },
    from: { entryId: 'id' },
    ask: { reason: { label: 'Reason', width: 'full', hint: 'What has to be clarified.' } },
  },
  {
    operation: releaseEntry,
    label: 'Release',
    icon: 'play',
    when: { field: 'status', is: ['on-hold'] },
    from: { entryId: 'id' },
  },
];
export const entryStatus = z.enum(['posted', 'on-hold', 'reversed']).meta({ id: 'EntryStatus' });
/** How the console shows the status of an entry; the normal status is not shown. */
export const entryStatusWords: Readonly<Record<z.infer<typeof entryStatus>, StatusWord>> = {
  posted: null,
  'on-hold': { label: 'On hold', tone: 'warn', icon: 'pause' },
  reversed: { label: 'Reversed', icon: 'undo-2' },
};

export const entryRow = z
  .object({
    id: entryId,
    number: z.string(),
    journal: journalCode,
    fiscalYear: z.int(),
    date: plainDate,
    period,
    kind: entryKind,
    description: guardedDescription(z.string()).nullable().describe('null if your role may not see it'),
    voucher: z.string().nullable(),
    /** The account of the line with the largest amount; the first of equal ones. */
    mainAccount: refersTo('accounting.account', accountNumber),
    mainAccountName: z.string(),
    party: guardedParty(z.string()).nullable(),
    amount: amount.describe('Sum of the debit side'),
    currency: z.string(),
    status: entryStatus,
    recordedAt: instant,
    recordedBy: z.string().describe('Person id'),
    position: z.string(),
    custom: customStored.nullable(),
    version: z.int(),
  })
  .meta({ id: 'EntryRow' });

export const listEntries = query('accounting.entry.list', {
  title: 'List entries',
  http: 'GET /v1/accounting/companies/{companyId}/entries',
  delegated: true,
  permission: 'accounting.entry.read',
  input: z.object({
    companyId,
    text: guardedDescription(z.string().max(100)).optional().describe('In number, description, voucher'),
    from: plainDate.optional(),
    to: plainDate.optional(),
    fiscalYear: z.int().min(1).max(9999).optional(),
    period: z.array(period).optional(),
    journal: z.array(journalCode).optional(),
    account: z.array(accountNumber).optional().describe('Entries with a line on one of these accounts'),
    amountFrom: amount.optional(),
    amountTo: amount.optional(),
    status: z.array(entryStatus).optional(),
    recordedBy: z.string().optional(),
    importId: z.uuid().optional(),
    ...customQuery(),
    id: z.array(z.uuid()).max(pageLimit.max).optional().describe('These entries only'),
    order: z.enum(['newest', 'oldest']).default('newest').describe('By date, then by posting order'),
    ...pageInput,
  }),
  output: pageOf(entryRow),
  rows: 'items',
  custom: customEntry,
});

export const entryDetail = entryRow
  .extend({
    documentDate: plainDate.nullable(),
    lines: z.array(
      storedLine
        .extend({
          line: z.int(),
          account: refersTo('accounting.account', accountNumber),
          accountName: z.string(),
          debit: amount.nullable(),
          credit: amount.nullable(),
          description: storedLine.shape.description.nullable(),
          party: guardedParty(party).nullable().optional(),
        })
        .meta({ id: 'EntryDetailLine' }),
    ),
    debit: amount,
    credit: amount,
    reverses: entryRef.nullable(),
    reversedBy: entryRef.nullable(),
    lineage: z
      .array(
        entryRef.extend({
          date: plainDate,
          description: guardedDescription(z.string()).nullable(),
          role: z.enum(['original', 'reversal']),
        }),
      )
      .describe('The entry and the one that it reverses or is reversed by, oldest first; empty if there is none'),
    importId: z.uuid().nullable(),
    source: z.object({ file: z.string(), sha256: z.string(), from: sourceLine, to: sourceLine }).nullable(),
    stamp,
  })
  .meta({ id: 'Entry' });
export const readEntry = query('accounting.entry.read', {
  title: 'Read an entry',
  http: 'GET /v1/accounting/companies/{companyId}/entries/{entryId}',
  delegated: true,
  permission: 'accounting.entry.read',
  input: z.object({ companyId, entryId }),
  output: entryDetail,
});
