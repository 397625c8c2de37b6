import type { DecideContext, Decision, InputOf, CommandOperation, NewEvent } from '@daybook/kernel';
import type * as z from 'zod';
import type { entryStatus } from '../entry/entry.operations.js';
import type { importChecked, importStarted } from '../import/import.events.js';
import { LayeredMap } from './layered-map.js';
import type { EntryContent } from './entry.schema.js';
import type { AccountData, CompanyData, JournalData, LedgerEvent } from './ledger.events.js';

/*
 * What the ledger remembers to decide. Not the entries: an entry's content is immutable and is read from
 * the stream when a reversal needs it. Kept of entries are only
 * - `posted`: id -> revision of the ledger stream, for entries posted one by one (about 180 bytes each);
 * - `exceptions`: entries that are no longer simply posted;
 * and nothing at all of staged entries: their ids tell import and index (`stagedEntryId`), and where each import was
 * posted is kept, so a staged entry is found by its id without an index and without a read model.
 */
export interface LedgerState {
  readonly company: (CompanyData & { readonly id: string }) | null;
  readonly accounts: ReadonlyMap<string, Versioned<AccountData>>;
  readonly journals: ReadonlyMap<string, Versioned<JournalData>>;
  /** `PU-2026` -> last number taken. */
  readonly sequences: ReadonlyMap<string, number>;
  readonly posted: LayeredMap<string, number>;
  readonly exceptions: LayeredMap<string, EntryException>;
  /** In the order of posting; cancelled ones stay to refuse a late posting. */
  readonly imports: ReadonlyMap<string, LedgerImport>;
}
export type Versioned<T> = T & { readonly version: number };
export interface EntryRef {
  readonly entryId: string;
  readonly number: string;
}
/** What became of an entry after it was posted, and its version since. */
export interface EntryException {
  readonly status: z.infer<typeof entryStatus>;
  readonly version: number;
  /** The reversal, once there is one. */
  readonly by: EntryRef | null;
  /** Where the ledger says it, in order: revisions of its stream. */
  readonly revisions: readonly number[];
}
/** What the caller himself did with the entry before, of what he may not follow up (segregation of duties). */
export interface EarlierAct {
  /** Permission he used: accounting.entry.post. */
  readonly permission: string;
  readonly at: string;
}
export type LedgerImport =
  | { readonly status: 'cancelled' }
  | { readonly status: 'posted'; readonly stream: string; readonly count: number; readonly revision: number };

export const emptyLedger: LedgerState = {
  company: null,
  accounts: new Map(),
  journals: new Map(),
  sequences: new Map(),
  posted: LayeredMap.empty(),
  exceptions: LayeredMap.empty(),
  imports: new Map(),
};

/** An entry as it counts in the books, with what only the ledger gives it. */
export type AppliedEntry = EntryContent & {
  readonly sequence: number;
  readonly number: string;
  readonly reverses: EntryRef | null;
};

/** An import as its own stream tells it. */
export interface ImportForPosting {
  readonly started: z.infer<(typeof importStarted)['data']> | null;
  /** The dry run's report; null while the file is read, or when it was refused. */
  readonly checked: z.infer<(typeof importChecked)['data']> | null;
  readonly refused: boolean;
}

/** What was read from past events before deciding, by command. */
export type LedgerDecisionFacts =
  | { readonly kind: 'none' }
  | { readonly kind: 'entry'; readonly entry: AppliedEntry | null; readonly earlier?: readonly EarlierAct[] }
  | { readonly kind: 'import'; readonly import: ImportForPosting };

/** One command's rule. A table of rules that misses a command does not compile. */
export type Rule<O extends CommandOperation> = (
  input: InputOf<O>,
  state: LedgerState,
  context: DecideContext,
  facts: LedgerDecisionFacts,
) => Decision<LedgerEvent>;
export type RulesOf<L extends readonly CommandOperation[]> = {
  readonly [O in L[number] as O['name']]: Rule<O>;
};
/** How the state follows from each event of a list. */
export type FoldsOf<E extends NewEvent> = {
  readonly [T in E['type']]: (
    state: LedgerState,
    data: Extract<E, { type: T }>['data'],
    at: { revision: number },
  ) => LedgerState;
};

export const withKey = <K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> =>
  new Map(map).set(key, value);
export const sequenceKey = (journal: string, fiscalYear: number): string => `${journal}-${fiscalYear}`;
export const lastNumber = (state: LedgerState, journal: string, fiscalYear: number): number =>
  state.sequences.get(sequenceKey(journal, fiscalYear)) ?? 0;
