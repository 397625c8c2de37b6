import { createHash } from 'node:crypto';
import type { PlainDate } from '@daybook/kernel';
import { canonicalJson } from '@daybook/server/crypto';
import type { EntryLine, StoredLine } from '../ledger/entry.schema.js';
import { stagedEntryId, type StagedEntry } from '../ledger/applied-entry.js';
import { fiscalYearOf } from '../ledger/fiscal-year.js';
import { type ChartAccount, type CheckedTransaction, fromMinor, openingJournal } from '../saft/index.js';

/* Makes staged entries from the transactions of a file. */

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export interface ImportIdentity {
  readonly year: number;
  readonly journal: string;
  readonly transactionId: string;
  readonly contentHash: string;
}
/** Identifies a transaction within a company, whatever its content: (year, journal, TransactionID). */
export const identityKey = ({ year, journal, transactionId }: Omit<ImportIdentity, 'contentHash'>): string =>
  JSON.stringify([year, journal, transactionId]);

const withoutSource = ({ source: _, ...line }: StoredLine): EntryLine => line;

/** The identity of a transaction with a hash of its content. Line numbers do not count: exported again it has the same hash. */
export function identityOf(transaction: CheckedTransaction): ImportIdentity {
  const { record, fiscalYear, date, period, description, systemEntry, posting, lines } = transaction;
  const content = { date, period, description, systemEntry, posting, lines: lines.map(withoutSource) };
  return {
    year: fiscalYear,
    journal: record.journal,
    transactionId: record.id,
    contentHash: sha256(canonicalJson(content)),
  };
}

/** Fields that all entries of an import share. */
export interface StagingFrame {
  readonly importId: string;
  readonly companyId: string;
  readonly currency: string;
}

export const entryOf = (
  frame: StagingFrame,
  transaction: CheckedTransaction,
  identity: ImportIdentity,
  place: { readonly index: number; readonly journal: string; readonly numberOffset: number },
): StagedEntry => ({
  ...frame,
  ...place,
  entryId: stagedEntryId(frame.importId, place.index),
  fiscalYear: transaction.fiscalYear,
  date: transaction.date,
  period: transaction.period,
  kind: 'normal',
  description: transaction.description === '' ? transaction.record.id : transaction.description,
  voucher: transaction.record.id,
  documentDate: null,
  lines: [...transaction.lines],
  identity,
  source: { from: transaction.record.from, to: transaction.record.to },
  sourceDates: { systemEntry: transaction.systemEntry, posting: transaction.posting },
});

/** The openings of the file as one entry on its first day; null when all are zero. */
export function openingOf(
  frame: StagingFrame,
  accounts: Iterable<ChartAccount>,
  at: { readonly date: PlainDate; readonly fiscalYearStart: number; readonly places: number },
): StagedEntry | null {
  const open = [...accounts].filter((account) => account.opening !== 0n);
  if (open.length === 0) return null;
  return {
    ...frame,
    index: 0,
    numberOffset: 0,
    entryId: stagedEntryId(frame.importId, 0),
    journal: openingJournal.code,
    fiscalYear: fiscalYearOf(at.date, at.fiscalYearStart),
    date: at.date,
    period: 0,
    kind: 'opening',
    description: openingJournal.name,
    voucher: null,
    documentDate: null,
    lines: open.map(({ number, opening, line }) => ({
      account: number,
      side: opening > 0n ? 'debit' : 'credit',
      amount: fromMinor(opening < 0n ? -opening : opening, at.places),
      source: line,
    })),
    identity: null,
    source: {
      from: open.reduce((first, { line }) => Math.min(first, line), Infinity),
      to: open.reduce((last, { line }) => Math.max(last, line), 0),
    },
    sourceDates: { systemEntry: null, posting: null },
  };
}
