import { nameId } from '@daybook/kernel';
import type * as z from 'zod';
import type { entryStaged } from '../import/import.events.js';
import { entryNumber } from './fiscal-year.js';
import type { importPosted } from './ledger.events.js';
import type { AppliedEntry } from './ledger.state.js';

export type StagedEntry = z.infer<(typeof entryStaged)['data']>;
export type ImportPosted = z.infer<(typeof importPosted)['data']>;

/**
 * The id of the staged entry at an index. It is deterministic, so a restarted job gives the same ids, and it contains the
 * index, so the ledger finds a staged entry by its id alone. A UUIDv8 (RFC 9562): a hash of the import, then the index.
 */
export const stagedEntryId = (importId: string, index: number): string => {
  const hash = nameId(importId, 'entries');
  return `${hash.slice(0, 14)}8${hash.slice(15, 28)}${index.toString(16).padStart(8, '0')}`;
};

/** The index of the entry in an import of `count` entries; null when the entry is not part of the import. */
export const stagedIndexOf = (importId: string, count: number, entryId: string): number | null => {
  const index = Number.parseInt(entryId.slice(28), 16);
  return index < count && stagedEntryId(importId, index) === entryId ? index : null;
};

/** The opening entry of an import, which gets the opening difference. It is always staged first. */
export const isOpeningOfImport = (staged: Pick<StagedEntry, 'kind' | 'index'>): boolean =>
  staged.kind === 'opening' && staged.index === 0;

/**
 * A staged entry once its import is posted: with its number from the block that the import took, and, for the opening
 * entry, with the line for the opening difference.
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
