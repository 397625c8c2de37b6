import { nameId } from '@daybook/kernel';
import type * as z from 'zod';
import type { entryStaged } from '../import/import.events.js';
import { entryNumber } from './fiscal-year.js';
import type { importPosted } from './ledger.events.js';
import type { AppliedEntry } from './ledger.state.js';

export type StagedEntry = z.infer<(typeof entryStaged)['data']>;
export type ImportPosted = z.infer<(typeof importPosted)['data']>;

/**
 * The id of the staged entry at an index: the same when a job starts again, and readable backwards, so that the ledger
 * finds a staged entry by its id without remembering any. A UUIDv8 (RFC 9562): a hash of the import, then the index.
 */
export const stagedEntryId = (importId: string, index: number): string => {
  const hash = nameId(importId, 'entries');
  return `${hash.slice(0, 14)}8${hash.slice(15, 28)}${index.toString(16).padStart(8, '0')}`;
};

/** Where in an import of `count` entries the entry with this id is staged; null when it is none of them. */
export const stagedIndexOf = (importId: string, count: number, entryId: string): number | null => {
  const index = Number.parseInt(entryId.slice(28), 16);
  return index < count && stagedEntryId(importId, index) === entryId ? index : null;
};

/** The one entry of an import that takes the opening difference: its opening, which is always staged first. */
export const isOpeningOfImport = (staged: Pick<StagedEntry, 'kind' | 'index'>): boolean =>
  staged.kind === 'opening' && staged.index === 0;

/**
 * A staged entry as it counts once its import is posted: with its number from the block the import took, and, for the
 * opening, with the line that takes what the file's openings lack to sum to zero.
 */
export function appliedEntry(staged: StagedEntry, posted: ImportPosted): AppliedEntry {
  const block = posted.numbers.find((b) => b.journal === staged.journal && b.fiscalYear === staged.fiscalYear);
  if (!block || staged.numberOffset >= block.count) {
    throw new Error(`Import ${posted.importId} took no number for staged entry ${staged.index}`);
  }
  const difference = isOpeningOfImport(staged) ? posted.openingDifference : null;
  const sequence = block.first + staged.numberOffset;
  return {
    companyId: posted.companyId,
    entryId: staged.entryId,
    journal: staged.journal,
    fiscalYear: staged.fiscalYear,
    date: staged.date,
    period: staged.period,
    kind: staged.kind,
    description: staged.description,
    voucher: staged.voucher,
    documentDate: staged.documentDate,
    currency: staged.currency,
    lines: difference
      ? [...staged.lines, { ...difference, description: 'Opening difference of the file' }]
      : staged.lines,
    sequence,
    number: entryNumber(staged.journal, staged.fiscalYear, sequence),
    reverses: null,
  };
}
