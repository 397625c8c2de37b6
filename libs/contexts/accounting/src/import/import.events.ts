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
 * One import: `accounting.import-{tenant}-{importId}`. Its entries are staged here, where they count for nothing: that
 * is the dry run. Only `import-posted` on the ledger stream makes them count.
 */
const record = (data: { importId: string }) => ({ type: 'accounting.import', id: data.importId });

export const importStarted = event('accounting.import-started', {
  data: z.object({
    importId: z.uuid(),
    /** The company imported into; a fresh id when the import is to make it. */
    companyId,
    /** null: found by the registration number of the file, or made. */
    askedCompanyId: z.uuid().nullable(),
    /** Revision of the ledger the file is read against, -1 when it has none: the same on every attempt of the job. */
    ledgerRevision: z.int().min(-1),
    file: z.object({ name: z.string(), sha256: z.string(), size: z.int() }),
  }),
  record,
});

/**
 * One transaction of the file, as it will be posted. `numberOffset` counts from 0 within journal and fiscal year. Staged
 * entries follow `import-started` at once and in order: index i stands at revision i + 1 and has the id
 * `stagedEntryId(importId, i)`; the opening entry (kind 'opening'), when there is one, has index 0. The ledger finds
 * staged entries by these rules (ledger/applied-entry.ts, ledger/ledger.decision-facts.ts).
 */
export const entryStaged = event('accounting.entry-staged', {
  data: entryContent.extend({
    importId: z.uuid(),
    index: z.int().min(0),
    numberOffset: z.int().min(0),
    /** Import identity (company, year, journal, TransactionID) and a hash of the content: changed content is an error. */
    identity: z
      .object({ year: z.int(), journal: z.string(), transactionId: z.string(), contentHash: z.string() })
      .nullable(),
    /** Lines of the file the transaction stands in. */
    source: z.object({ from: sourceLine, to: sourceLine }),
    /** Dates the source states besides the transaction's own. */
    sourceDates: z.object({ systemEntry: plainDate.nullable(), posting: plainDate.nullable() }),
  }),
  record: (data) => ({ type: 'accounting.entry', id: data.entryId }),
  staged: true,
});

export const finding = z
  .object({
    code: z.string().describe('`saft.closing-mismatch` and the like'),
    severity: z.enum(['error', 'warning']).describe('error: the file is wrong; warning: worth knowing'),
    kind: z
      .enum(['error', 'decide', 'contradiction', 'warning'])
      .describe(
        'What follows of it. error: nothing can be imported; decide: the caller must choose; contradiction: the file contradicts itself, which does not stop it; warning: nothing',
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
/** What the file holds, by kind; the event and the report that shows it say the same. */
export const countsOfFile = z.object({
  accounts: importCounts,
  journals: importCounts,
  customers: importCounts,
  suppliers: importCounts,
  taxCodes: importCounts,
  entries: importCounts,
  lines: importCounts,
});
/** How many findings there are of each kind, those not kept included. */
export const findingCounts = z.object({ error: z.int(), decide: z.int(), contradiction: z.int(), warning: z.int() });

/** What the dry run found; the post checks that the ledger has not taken another import since `basis`. */
export const importChecked = event('accounting.import-checked', {
  data: z.object({
    importId: z.uuid(),
    companyId,
    format: z.string().describe('SAF-T version: 1.10, 1.20, 1.30'),
    company: companyData.nullable(),
    companyName: z.string(),
    accounts: z.array(accountData.extend({ class: accountClass.nullable() })),
    journals: z.array(journalData),
    blocks: z.array(z.object({ journal: journalCode, fiscalYear: z.int(), count: z.int() })),
    stream: z.string(),
    /** What posting would add. `hash`: SHA-256 over the canonical JSON of the staged entries' data, one per line. */
    staged: z.object({
      count: z.int(),
      lines: z.int(),
      debit: z.string(),
      credit: z.string(),
      /** The first is an opening entry: it may only be posted to books that are still empty. */
      opening: z.boolean(),
      hash: z.string(),
    }),
    /** Imports posted to the ledger when this was checked, in order. */
    basis: z.array(z.uuid()),
    counts: countsOfFile,
    /** Of all transactions of the file. */
    totals: z.object({ debit: z.string(), credit: z.string() }),
    /** What the openings lack to sum to zero, debit positive: `-12500.00` when debit exceeds credit, `0.00` when they do. */
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
/** The file could not be read as what it claims to be. */
export const importRefused = event('accounting.import-refused', {
  data: z.object({ importId: z.uuid(), companyId, findings: z.array(finding) }),
  record,
});
export const openingAccount = accountNumber;

export const importEvents = [importStarted, entryStaged, importChecked, importRefused] as const;
export type ImportEvent = EventsOf<typeof importEvents>;
