import type { Finding, readImport } from '@daybook/accounting';
import { type CsvFormName, csvForms, csvOf, decimals, type OutputOf } from '@daybook/kernel';

export type Import = OutputOf<typeof readImport>;
export type Report = NonNullable<Import['report']>;

export const stepNames = ['File', 'Dry run', 'Decisions', 'Import', 'Result'] as const;
/** What the person must still choose before the import can be posted. */
export interface Decisions {
  readonly openingDifference: string;
  readonly classes: Readonly<Record<string, string>>;
}
export const needsOpening = (report: Report): boolean => !decimals.isZero(report.openingDifference);
export const needsDecision = (report: Report): boolean => needsOpening(report) || report.unclassified.length > 0;
export const undecided = (report: Report, decisions: Decisions): number =>
  (needsOpening(report) && decisions.openingDifference.trim() === '' ? 1 : 0) +
  report.unclassified.filter(({ number }) => !decisions.classes[number]).length;
/** Nothing in it that the books do not know already. */
export const addsNothing = (report: Report): boolean =>
  report.counts.entries.added === 0 && report.counts.accounts.added === 0 && report.findingCounts.error === 0;

/** The step one is at, 0 to 4. Nothing to decide skips that step. */
export function stepOf(item: Pick<Import, 'status'> | null, posting: boolean): number {
  if (item === null) return 0;
  switch (item.status) {
    case 'reading':
    case 'refused':
      return 1;
    case 'checked':
      return posting ? 3 : 2;
    case 'posted':
    case 'cancelled':
      return 4;
  }
}

const kinds: Record<Finding['kind'], { word: string; icon: string; tone: string }> = {
  error: { word: 'Error', icon: 'octagon-alert', tone: 'bad' },
  decide: { word: 'Decide', icon: 'circle-question-mark', tone: 'warn' },
  contradiction: { word: 'Contradiction', icon: 'equal-not', tone: '' },
  warning: { word: 'Note', icon: 'info', tone: 'plain' },
};
export const kindOf = (finding: Finding) => kinds[finding.kind];
/** `saft.closing-mismatch` is "Closing mismatch". */
export const ruleOf = (finding: Finding): string => {
  const words = (finding.code.split('.').at(-1) ?? finding.code).replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};
export const whereOf = (finding: Finding): string => finding.account ?? finding.transaction ?? 'whole file';

const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
/** "1 to decide, 2 contradictions, no errors". */
export function summary({ findingCounts: counts }: Report): string {
  const parts = [
    counts.decide > 0 ? `${counts.decide} to decide` : '',
    counts.contradiction > 0 ? plural(counts.contradiction, 'contradiction') : '',
    counts.warning > 0 ? plural(counts.warning, 'note') : '',
    counts.error > 0 ? plural(counts.error, 'error') : 'no errors',
  ];
  return parts.filter(Boolean).join(', ');
}
export const sum = (rows: readonly { readonly [field: string]: string }[], field: string): string =>
  decimals.sum(rows.map((row) => row[field] ?? '0'));

/** The findings as CSV, formulas defused, for those who correct the file. */
export const findingsCsv = (findings: readonly Finding[], form: CsvFormName = 'plain'): string =>
  csvOf(
    ['kind', 'rule', 'account', 'transaction', 'line', 'message'].map((name) => ({ name })),
    findings.map(({ code: rule, ...finding }) => ({ ...finding, rule })),
    csvForms[form],
  );
