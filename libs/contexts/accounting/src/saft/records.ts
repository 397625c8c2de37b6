import type { PlainDate } from '@daybook/kernel';

/*
 * The records of a SAF-T Financial file, in the order of the file, each with its line number. Texts are trimmed but not
 * parsed: whether an amount is valid is up to the validator.
 */
export const saftVersions = ['1.10', '1.20', '1.30'] as const;
export type SaftVersion = (typeof saftVersions)[number];

/** A text of the file, and the line on which its element starts. */
export interface Field {
  readonly text: string;
  readonly line: number;
}
export type Maybe = Field | null;

export interface Balances {
  readonly openingDebit: Maybe;
  readonly openingCredit: Maybe;
  readonly closingDebit: Maybe;
  readonly closingCredit: Maybe;
}
export interface HeaderRecord {
  readonly kind: 'header';
  readonly line: number;
  /** The version that the file is read as, and its AuditFileVersion. */
  readonly version: SaftVersion;
  readonly statedVersion: Maybe;
  readonly country: Maybe;
  readonly registrationNumber: string | null;
  readonly companyName: string | null;
  readonly currency: Maybe;
  readonly currencies: readonly Field[];
  readonly selection: Selection | null;
}
/** The range that the file covers, as dates or as accounting periods. */
export type Selection =
  | { readonly kind: 'dates'; readonly start: Field; readonly end: Field }
  | { readonly kind: 'periods'; readonly start: YearPeriod; readonly end: YearPeriod };
export interface YearPeriod {
  readonly period: Field;
  readonly year: Field;
}

export interface AccountRecord extends Balances {
  readonly kind: 'account';
  readonly line: number;
  readonly id: string;
  readonly name: string;
  readonly standardId: string | null;
  readonly groupingCategory: string | null;
  readonly groupingCode: string | null;
}
export interface PartyRecord {
  readonly kind: 'party';
  readonly type: 'customer' | 'supplier';
  readonly line: number;
  readonly id: string;
  /** At most one up to version 1.20, any number from 1.30. */
  readonly balances: readonly (Balances & { readonly account: Maybe })[];
  /** Ledger accounts of its bank accounts. */
  readonly bankLedgerAccounts: readonly Field[];
  readonly currencies: readonly Field[];
}
export interface TaxCodeRecord {
  readonly kind: 'tax-code';
  readonly line: number;
  readonly code: string;
  readonly effective: string | null;
  readonly expires: string | null;
}
/** The totals that GeneralLedgerEntries states. */
export interface TotalsRecord {
  readonly kind: 'totals';
  readonly line: number;
  readonly entries: Maybe;
  readonly debit: Maybe;
  readonly credit: Maybe;
}
export interface JournalRecord {
  readonly kind: 'journal';
  readonly line: number;
  readonly id: string;
  readonly name: string;
}
export interface AmountRecord {
  readonly amount: Maybe;
  readonly currency: Maybe;
  readonly currencyAmount: Maybe;
  readonly rate: Maybe;
}
export interface TransactionRecord {
  readonly kind: 'transaction';
  readonly from: number;
  readonly to: number;
  readonly journal: string;
  readonly id: string;
  readonly period: Maybe;
  readonly year: Maybe;
  readonly date: Maybe;
  readonly systemEntryDate: Maybe;
  readonly postingDate: Maybe;
  readonly description: string;
  readonly lines: readonly TransactionLine[];
}
export interface TransactionLine {
  readonly line: number;
  readonly account: Maybe;
  readonly description: string;
  readonly debit: AmountRecord | null;
  readonly credit: AmountRecord | null;
  readonly customer: string | null;
  readonly supplier: string | null;
  readonly tax: readonly {
    readonly line: number;
    readonly code: string | null;
    readonly percent: Maybe;
    readonly base: Maybe;
    readonly amount: Maybe;
  }[];
  readonly analysis: readonly {
    readonly line: number;
    readonly type: string;
    readonly id: string;
    readonly amount: Maybe;
  }[];
}
export type SaftRecord =
  HeaderRecord | AccountRecord | PartyRecord | TaxCodeRecord | TotalsRecord | JournalRecord | TransactionRecord;

/** First and last day that a file covers. */
export interface DateRange {
  readonly from: PlainDate;
  readonly to: PlainDate;
}
