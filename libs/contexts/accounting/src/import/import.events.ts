import { event, type EventsOf, plainDate } from '@daybook/kernel';
import * as z from 'zod';
import {
  accountClass,
  accountNumber,
  companyId,
  entryContent,
  journalCode,
  sourceLine,
} from '../ledger/entry.schema.js';
import { accountData, companyData, journalData } from '../ledger/ledger.events.js';

/*
 * One import: `accounting.import-{tenant}-{importId}`. The dry run stages its entries in a stream of their own,
 * `accounting.staged-{tenant}-{importId}`, where they do not count. Only `import-posted` on the ledger stream applies them.
 */
const record = (data: { importId: string }) => ({ type: 'accounting.import', id: data.importId });

export const importStarted = event('accounting.import-started', {
  data: z.object({
    importId: z.uuid(),
    /** The company to import into; a new id if the import creates it. */
    companyId,
    /** null: found by the registration number of the file, or created. */
    askedCompanyId: z.uuid().nullable(),
    /** Revision of the ledger that the file is checked against, on every attempt of the job; -1 if there is none. */
    ledgerRevision: z.int().min(-1),
    file: z.object({ name: z.string(), sha256: z.string(), size: z.int() }),
  }),
  record,
});

/**
 * One transaction of the file, as it will be posted. `numberOffset` counts from 0 within journal and fiscal year. Staged
 * entries are in order: index i has revision i and the id `stagedEntryId(importId, i)`. The opening entry (kind 'opening'), if there is one, has index 0. The ledger finds staged
 * entries by these rules (ledger/applied-entry.ts, ledger/ledger.decision-facts.ts).
 */
export const entryStaged = event('accounting.entry-staged', {
  data: entryContent.extend({
    importId: z.uuid(),
    index: z.int().min(0),
    numberOffset: z.int().min(0),
    /** Identity of the transaction within the company, and a hash of its content: changed content is an error. */
    identity: z
      .object({ year: z.int(), journal: z.string(), transactionId: z.string(), contentHash: z.string() })
      .nullable(),
    /** First and last line of the transaction in the file. */
    source: z.object({ from: sourceLine, to: sourceLine }),
    /** Other dates that the file states for the transaction. */
    sourceDates: z.object({ systemEntry: plainDate.nullable(), posting: plainDate.nullable() }),
  }),
  record: (data) => ({ type: 'accounting.entry', id: data.entryId }),
  staged: true,
});

export const finding = z
  .object({
    code: z.string().describe('For example `saft.closing-mismatch`'),
    severity: z.enum(['error', 'warning']).describe('error: the file is invalid; warning: for information'),
    kind: z
      .enum(['error', 'decide', 'contradiction', 'warning'])
      .describe(
        'The consequence. error: nothing can be imported; decide: the caller must choose; contradiction: the file contradicts itself, but can be imported; warning: none',
      ),
    message: z.string(),
    line: z.int().nullable(),
    account: z.string().optional(),
    transaction: z.string().optional(),
  })
  .meta({ id: 'Finding' });
export type Finding = z.infer<typeof finding>;

export const balanceRow = z
  .object({
    account: z.string(),
    name: z.string(),
    opening: z.string(),
    debit: z.string(),
    credit: z.string(),
    closing: z.string(),
  })
  .meta({ id: 'BalanceRow' });

export const importCounts = z.object({ total: z.int(), added: z.int(), known: z.int() }).meta({ id: 'ImportCounts' });
/** Counts of what is in the file, by kind; the same in the event and in the report. */
export const countsOfFile = z.object({
  accounts: importCounts,
  journals: importCounts,
  customers: importCounts,
  suppliers: importCounts,
  taxCodes: importCounts,
  entries: importCounts,
  lines: importCounts,
});
/** The number of findings of each kind, including those that are not kept. */
export const findingCounts = z.object({ error: z.int(), decide: z.int(), contradiction: z.int(), warning: z.int() });

/** The report of the dry run. Posting checks that no other import was posted since `basis`. */
export const importChecked = event('accounting.import-checked', {
  data: z.object({
    importId: z.uuid(),
    companyId,
    format: z.string().describe('SAF-T version: 1.10, 1.20, 1.30'),
    company: companyData.nullable(),
    companyName: z.string(),
    accounts: z.array(accountData.extend({ class: accountClass.nullable() })),
    journals: z.array(journalData),
    /** Numbers of all accounts that staged entries are posted to, sorted. */
    accountsUsed: z.array(accountNumber),
    blocks: z.array(z.object({ journal: journalCode, fiscalYear: z.int(), count: z.int() })),
    stream: z.string(),
    /** What posting adds. `hash`: SHA-256 over the canonical JSON of the data of staged entries, one per line. */
    staged: z.object({
      count: z.int(),
      lines: z.int(),
      debit: z.string(),
      credit: z.string(),
      /** The sides of the first if it is an opening entry, which may only be posted to empty books. */
      opening: z.object({ debit: z.string(), credit: z.string() }).nullable(),
      hash: z.string(),
    }),
    /** Imports in the ledger when the file was checked, in order. */
    basis: z.array(z.uuid()),
    counts: countsOfFile,
    /** Sums over all transactions of the file. */
    totals: z.object({ debit: z.string(), credit: z.string() }),
    /** The amount that balances the openings, debit positive: `-12500.00` if debit exceeds credit by that. */
    openingDifference: z.string(),
    /** The first 500, errors first. */
    findings: z.array(finding),
    findingCounts,
    balance: z.array(balanceRow),
    seconds: z.number(),
    fileLines: z.int(),
  }),
  record,
});
/** The file could not be read as SAF-T. */
export const importRefused = event('accounting.import-refused', {
  data: z.object({ importId: z.uuid(), companyId, findings: z.array(finding) }),
  record,
});
export const openingAccount = accountNumber;

export const importEvents = [importStarted, importChecked, importRefused] as const;
export type ImportEvent = EventsOf<typeof importEvents>;
