import { amount, changed, created, dataOf, event, eventOf, type EventsOf } from '@daybook/kernel';
import * as z from 'zod';
import { account } from '../account/account.record.js';
import { company } from '../company/company.record.js';
import { journal } from '../journal/journal.record.js';
import { accountNumber, companyId, entryContent, entryId, journalCode, side } from './entry.schema.js';

/*
 * The ledger: one stream per company, for all its years: `accounting.ledger-{tenant}-{companyId}`.
 * It contains chart, journals and entries, so that balanced entries, gapless numbers and single reversals are decided
 * against one stream.
 */

const entry = (data: { entryId: string }) => ({ type: 'accounting.entry', id: data.entryId });
const importRecord = (data: { importId: string }) => ({ type: 'accounting.import', id: data.importId });

export const companyData = dataOf(company);
export type CompanyData = z.infer<typeof companyData>;
export const companyCreated = created(company, { isCompany: true });

export const accountData = dataOf(account);
export type AccountData = z.infer<typeof accountData>;
export const accountAdded = created(account, { verb: 'added' });
export const accountChanged = changed(account);
export const accountEvents = [accountAdded, accountChanged] as const;
export const accountRemoved = eventOf(account, 'removed', { data: { name: account.fields.name } });

export const journalData = dataOf(journal);
export type JournalData = z.infer<typeof journalData>;
export const journalAdded = created(journal, { verb: 'added' });

export const entryRef = z.object({ entryId, number: z.string() });
export const entryPosted = event('accounting.entry-posted', {
  data: entryContent.extend({
    /** Gapless number within journal and fiscal year: 1, 2, 3 … */
    sequence: z.int().min(1),
    /** `PU-2026-0041` */
    number: z.string(),
    reverses: entryRef.nullable(),
  }),
  record: entry,
});
/** Recorded for the original, in the same append as the `entry-posted` of the reversal. */
export const entryReversed = event('accounting.entry-reversed', {
  data: z.object({ companyId, entryId, number: z.string(), reversedBy: entryRef }),
  record: entry,
});

export const entryHeld = event('accounting.entry-held', {
  data: z.object({ companyId, entryId, number: z.string(), reason: z.string() }),
  record: entry,
});
export const entryReleased = event('accounting.entry-released', {
  data: z.object({ companyId, entryId, number: z.string() }),
  record: entry,
});

export const numberBlock = z.object({
  journal: journalCode,
  fiscalYear: z.int(),
  first: z.int().min(1),
  count: z.int().min(1),
});

/**
 * Applies all staged entries of one import at once. Carries what the ledger needs to decide later commands: new accounts
 * and journals, and the blocks of numbers taken.
 */
export const importPosted = event('accounting.import-posted', {
  data: z.object({
    companyId,
    importId: z.uuid(),
    /** The stream of staged entries, their count, and the SHA-256 over their canonical JSON, in order. */
    stream: z.string(),
    count: z.int().min(0),
    hash: z.string(),
    file: z.object({ name: z.string(), sha256: z.string() }),
    /** Set when the import creates the company. */
    company: companyData.nullable(),
    /** `version`: above 1 where an account of this number was removed before. */
    accounts: z.array(accountData.extend({ version: z.int().min(1) })),
    journals: z.array(journalData),
    numbers: z.array(numberBlock),
    /** The line of the opening entry that balances the file's openings when they do not sum to zero. */
    openingDifference: z.object({ account: accountNumber, side, amount }).nullable(),
    /** Accounts that staged entries are posted to. */
    accountsUsed: z.array(accountNumber),
    totals: z.object({ entries: z.int(), lines: z.int(), debit: z.string(), credit: z.string() }),
  }),
  record: importRecord,
  applies: (data) => ({ stream: data.stream, count: data.count }),
});
/** On the ledger stream, so that an import cannot be both posted and cancelled. */
export const importCancelled = event('accounting.import-cancelled', {
  data: z.object({ companyId, importId: z.uuid() }),
  record: importRecord,
});

export const chartEvents = [companyCreated, ...accountEvents, accountRemoved, journalAdded] as const;
export const entryEvents = [entryPosted, entryReversed, entryHeld, entryReleased] as const;
export const importOutcomes = [importPosted, importCancelled] as const;
export const ledgerEvents = [...chartEvents, ...entryEvents, ...importOutcomes] as const;
export type LedgerEvent = EventsOf<typeof ledgerEvents>;
