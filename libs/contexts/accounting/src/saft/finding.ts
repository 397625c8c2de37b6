import { truncate, withoutHidden } from '@daybook/kernel';
import type { Finding } from '../import/import.events.js';

/** Findings that are kept; others are only counted. */
export const maxFindings = 500;
/** Characters of a finding that are kept. Texts of the file have any length; all findings must fit one event. */
const most = { message: 300, id: 100 } as const;
const shortened = (text: string, length: number): string => {
  // Findings quote the file, and show all that they hold.
  const shown = withoutHidden(truncate(text, length + 1));
  return shown.length <= length ? shown : `${truncate(shown, length - 1)}…`;
};

const order = ['error', 'decide', 'contradiction', 'warning'] as const;
export type FindingKind = (typeof order)[number];
export type FindingCounts = Readonly<Record<FindingKind, number>>;

/** All kinds but `warning` have the severity error; only the kind `error` stops the import. */
export const findingOf = (
  kind: FindingKind,
  code: string,
  line: number | null,
  message: string,
  where: { account?: string; transaction?: string } = {},
): Finding => ({
  code,
  severity: kind === 'warning' ? 'warning' : 'error',
  kind,
  message: shortened(message, most.message),
  line,
  ...(where.account === undefined ? {} : { account: shortened(where.account, most.id) }),
  ...(where.transaction === undefined ? {} : { transaction: shortened(where.transaction, most.id) }),
});

/** Collects findings in bounded memory: counts all, keeps the first of each kind. */
export class Findings {
  private readonly kept: Record<FindingKind, Finding[]> = { error: [], decide: [], contradiction: [], warning: [] };
  private readonly total: Record<FindingKind, number> = { error: 0, decide: 0, contradiction: 0, warning: 0 };

  add(
    kind: FindingKind,
    code: string,
    line: number | null,
    message: string,
    where: { account?: string; transaction?: string } = {},
  ): void {
    this.take(findingOf(kind, code, line, message, where));
  }

  take(finding: Finding): void {
    this.total[finding.kind] += 1;
    const kept = this.kept[finding.kind];
    if (kept.length < maxFindings) kept.push(finding);
  }

  get hasErrors(): boolean {
    return this.total.error > 0;
  }
  get counts(): FindingCounts {
    return { ...this.total };
  }
  /** Errors first, each kind in the order of the file; at most `maxFindings`. */
  list(): Finding[] {
    return order.flatMap((kind) => this.kept[kind]).slice(0, maxFindings);
  }
}

/** The file cannot be read from here on. Carries the finding out of the parser. */
export class SaftFault extends Error {
  override readonly name = 'SaftFault';
  constructor(readonly finding: Finding) {
    super(finding.message);
  }
}
export const fault = (code: string, line: number | null, message: string): SaftFault =>
  new SaftFault(findingOf('error', code, line, message));
