import { nameId } from '@daybook/kernel';
import type * as z from 'zod';
import type { entryStaged } from '../import/import.events.js';
import { entryNumber } from './fiscal-year.js';
import type { importPosted } from './ledger.events.js';
import type { AppliedEntry } from './ledger.state.js';

export type StagedEntry = z.infer<(typeof entryStaged)['data']>;
export type ImportPosted = z.infer<(typeof importPosted)['data']>;

/** The id of the staged entry at an index: known from the import alone, the same when a job starts again. */
export const stagedEntryId = (importId: string, index: number): string => nameId(importId, String(index));

/** The one entry of an import that takes the opening difference: its opening, which is always staged first. */
export const isOpeningOfImport = (staged: Pick<StagedEntry, 'kind' | 'index'>): boolean =>
  staged.kind === 'opening' && staged.index === 0;

/**
 * A staged entry as it counts once its import is posted: with its number from the block the import took, and, for the
 * opening, with the line that takes what the file's openings lack to sum to zero.
 */
export function appliedEntry(staged: StagedEntry, posted: ImportPosted): AppliedEntry {
  const block = posted.numbers.find((b) => b.journal === staged.journal && b.fiscalYear === staged.fiscalYear);
  if (!block || staged.ordinal >= block.count) {
    throw new Error(`Import ${posted.importId} took no number for staged entry ${staged.index}`);
  }
  const difference = isOpeningOfImport(staged) ? posted.openingDifference : null;
  const sequence = block.first + staged.ordinal;
  return {
    companyId: posted.companyId,
    entryId: staged.entryId,
    journal: staged.journal,
    fiscalYear: staged.fiscalYear,
    date: staged.date,
    period: staged.period,
    kind: staged.kind,
    text: staged.text,
    voucher: staged.voucher,
    documentDate: staged.documentDate,
    currency: staged.currency,
    lines: difference ? [...staged.lines, { ...difference, text: 'Opening difference of the file' }] : staged.lines,
    sequence,
    number: entryNumber(staged.journal, staged.fiscalYear, sequence),
    reverses: null,
  };
}
