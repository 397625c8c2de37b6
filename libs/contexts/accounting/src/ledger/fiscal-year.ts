import { monthOf, type PlainDate, yearOf } from '@daybook/kernel';

/*
 * Fiscal years of twelve months that may start in any month. A fiscal year is named after the calendar year in which it
 * ends, as in SAF-T: if it starts in July, 2025-07-01 belongs to 2026. Browser-safe.
 */
export const fiscalYearOf = (date: PlainDate, startMonth: number): number =>
  startMonth > 1 && monthOf(date) >= startMonth ? yearOf(date) + 1 : yearOf(date);

/** The default accounting period of a date: its month within the fiscal year, 1 to 12. */
export const periodOf = (date: PlainDate, startMonth: number): number => ((monthOf(date) - startMonth + 12) % 12) + 1;

/** First day of the fiscal year a date belongs to. */
export const fiscalYearStartOf = (date: PlainDate, startMonth: number): PlainDate => {
  const year = monthOf(date) >= startMonth ? yearOf(date) : yearOf(date) - 1;
  return `${String(year).padStart(4, '0')}-${String(startMonth).padStart(2, '0')}-01`;
};

/** `PU-2026-0041`: journal, fiscal year, running number of at least four digits. */
export const entryNumber = (journal: string, fiscalYear: number, sequence: number): string =>
  `${journal}-${fiscalYear}-${String(sequence).padStart(4, '0')}`;
