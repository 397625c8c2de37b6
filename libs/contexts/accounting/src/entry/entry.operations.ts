import {
  type ActionDeclaration,
  amount,
  command,
  customInput,
  decimals,
  formatDate,
  formatFigure,
  listOf,
  party,
  plainDate,
  plainText,
  query,
  refersTo,
  rowOf,
  stamp,
} from '@daybook/kernel';
import * as z from 'zod';
import {
  accountNumber,
  companyId,
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
import { entry } from './entry.record.js';
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
  custom: { record: entry, does: 'create' },
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

export const listEntries = listOf(entry, {
  text: ['number', 'description', 'voucher'],
  filters: ['date', 'journal', 'amount', 'period', 'fiscalYear', 'kind', 'status', 'recordedBy', 'importId'],
  sorts: ['date', 'number'],
  usual: '-date',
  sums: ['amount'],
  ranges: { date: ['from', 'to'], amount: ['amountFrom', 'amountTo'] },
  besides: {
    account: z.array(accountNumber).optional().describe('Entries with a line on one of these accounts'),
    accountNot: z.array(accountNumber).optional().describe('Entries without a line on any of these accounts'),
  },
  delegated: true,
});

export const entryDetail = rowOf(entry)
  .extend({
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
