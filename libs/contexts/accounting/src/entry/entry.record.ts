import { field, record, refersTo, type StatusWord } from '@daybook/kernel';
import * as z from 'zod';
import {
  accountNumber,
  entryKind,
  guardedDescription,
  guardedParty,
  journalCode,
  period,
  voucher,
} from '../ledger/entry.schema.js';

export const entryStatus = z.enum(['posted', 'on-hold', 'reversed']).meta({ id: 'EntryStatus' });
/** How the console shows the status of an entry; the normal status is not shown. */
export const entryStatusWords: Readonly<Record<z.infer<typeof entryStatus>, StatusWord>> = {
  posted: null,
  'on-hold': { label: 'On hold', tone: 'warn', icon: 'pause' },
  reversed: { label: 'Reversed', icon: 'undo-2' },
};

/** The head of an entry, as lists have it. Its lines are no fields: they are posted with it, and never change. */
export const entry = record('accounting.entry', {
  one: 'entry',
  many: 'entries',
  icon: 'file-text',
  key: 'E',
  calledBy: 'number',
  within: 'company',
  type: 'EntryRow',
  fields: {
    number: field.own('code', 'Number', z.string()),
    journal: field.own('code', 'Journal', journalCode, { filter: 'values' }),
    fiscalYear: field.own('whole', 'Fiscal year', z.int(), { filter: 'values' }),
    date: field.date('Date'),
    period: field.own('whole', 'Period', period, { filter: 'values' }),
    kind: field.own('choice', 'Kind', entryKind, {}, { normal: 'Normal', opening: 'Opening', reversal: 'Reversal' }),
    description: field.own('text', 'Description', guardedDescription(z.string()), { optional: true }),
    voucher: field.own('code', 'Voucher', voucher, { optional: true }),
    documentDate: field.date('Document date', { optional: true }),
    /** The account of the line with the largest amount; the first of equal ones. */
    mainAccount: field.own('code', 'Main account', refersTo('accounting.account', accountNumber)),
    mainAccountName: field.own('text', 'Name of the main account', z.string(), { computed: true }),
    party: field.own('text', 'Party', guardedParty(z.string()), { optional: true }),
    amount: field.money('Amount', { in: 'currency', hint: 'Sum of the debit side' }),
    currency: field.own('currency', 'Currency', z.string()),
    status: field.own('status', 'Status', entryStatus, {}, entryStatusWords),
    recordedAt: field.instant('Recorded'),
    recordedBy: field.own('person', 'By', z.string(), { hint: 'Person id' }),
    position: field.own('code', 'Position', z.string()),
    importId: field.own('code', 'Import', z.uuid(), { optional: true, filter: 'values' }),
    custom: field.custom(),
  },
});
