import { type CommandOperation, type FoldsOf, LargeMap, type NewEvent, type RulesOf, withKey } from '@daybook/kernel';
import type * as z from 'zod';
import type { entryStatus } from '../entry/entry.record.js';
import type { importChecked, importStarted } from '../import/import.events.js';
import type { EntryContent } from './entry.schema.js';
import type { AccountData, CompanyData, JournalData, LedgerEvent } from './ledger.events.js';

/*
 * The state that the ledger's decider folds. It does not contain the entries: their content is immutable and is read
 * from the stream when a reversal needs it. Of entries it keeps only
 * - `posted`: id -> revision of the ledger stream, for entries posted one by one (about 180 bytes each in memory);
 * - `exceptions`: entries that are on hold or reversed, or were on hold.
 * Of staged entries it keeps nothing: their id encodes import and index (`stagedEntryId`), and `imports` has the
 * revision at which each import was posted. So a staged entry is found by its id, without an index or a read model.
 */
export interface LedgerState {
  readonly company: Versioned<CompanyData & { readonly id: string }> | null;
  readonly accounts: ReadonlyMap<string, Versioned<AccountData>>;
  /** Numbers of accounts with entries. These stay in the chart. */
  readonly usedAccounts: ReadonlyMap<string, true>;
  /** Revisions of removed accounts, by number: one that is added again continues with their version. */
  readonly removedAccounts: ReadonlyMap<string, readonly number[]>;
  readonly journals: ReadonlyMap<string, Versioned<JournalData>>;
  /** `PU-2026` -> last number taken. */
  readonly sequences: ReadonlyMap<string, number>;
  readonly posted: LargeMap<number>;
  readonly exceptions: LargeMap<EntryException>;
  /** In the order of posting. Cancelled imports stay, so that they cannot be posted later. */
  readonly imports: ReadonlyMap<string, LedgerImport>;
}
export type Versioned<T> = T & {
  readonly version: number;
  /** Revisions of the ledger stream that made or changed it, in order. */
  readonly revisions: readonly number[];
};
/** What becomes of a record of the ledger at this revision. */
export const versioned = <T>(
  known: { readonly revisions: readonly number[] } | null | undefined,
  data: T,
  { revision }: { revision: number },
) => {
  const revisions = [...(known?.revisions ?? []), revision];
  return { ...data, version: revisions.length, revisions };
};
export const withUsed = (used: LedgerState['usedAccounts'], numbers: readonly string[]): LedgerState['usedAccounts'] =>
  numbers.reduce((all, number) => (all.has(number) ? all : withKey(all, number, true)), used);
export interface EntryRef {
  readonly entryId: string;
  readonly number: string;
}
/** What happened to an entry after it was posted, and its version. */
export interface EntryException {
  readonly status: z.infer<typeof entryStatus>;
  readonly version: number;
  /** The reversal, if the entry is reversed. */
  readonly by: EntryRef | null;
  /** Revisions of the ledger stream that changed the entry, in order. */
  readonly revisions: readonly number[];
}
export type LedgerImport =
  | { readonly status: 'cancelled' }
  | { readonly status: 'posted'; readonly stream: string; readonly count: number; readonly revision: number };

export const emptyLedger: LedgerState = {
  company: null,
  accounts: new Map(),
  usedAccounts: new Map(),
  removedAccounts: new Map(),
  journals: new Map(),
  sequences: new Map(),
  posted: LargeMap.empty(),
  exceptions: LargeMap.empty(),
  imports: new Map(),
};

/** An entry that counts in the books, with the number that the ledger assigned. */
export type AppliedEntry = EntryContent & {
  readonly sequence: number;
  readonly number: string;
  readonly reverses: EntryRef | null;
};

/** An import, read from its own stream. */
export interface ImportForPosting {
  readonly started: z.infer<(typeof importStarted)['data']> | null;
  /** The report of the dry run; null while the file is being read, or when it was refused. */
  readonly checked: z.infer<(typeof importChecked)['data']> | null;
  readonly refused: boolean;
}

/** Decision facts: what was read from past events before deciding, by command. */
export type LedgerDecisionFacts =
  | { readonly kind: 'none' }
  | { readonly kind: 'entry'; readonly entry: AppliedEntry | null }
  | { readonly kind: 'import'; readonly import: ImportForPosting };

/** Tables that lack the rule of a command, or the fold of an event, do not compile. */
export type LedgerRules<L extends readonly CommandOperation[]> = RulesOf<
  L,
  LedgerState,
  LedgerEvent,
  LedgerDecisionFacts
>;
export type LedgerFolds<E extends NewEvent> = FoldsOf<E, LedgerState>;

export const sequenceKey = (journal: string, fiscalYear: number): string => `${journal}-${fiscalYear}`;
export const lastNumber = (state: LedgerState, journal: string, fiscalYear: number): number =>
  state.sequences.get(sequenceKey(journal, fiscalYear)) ?? 0;
