import type { Finding } from '../import/import.events.js';

/** Findings reported whole; the rest is counted only. */
export const maxFindings = 500;

const order = ['error', 'decide', 'contradiction', 'warning'] as const;
export type Severity = (typeof order)[number];
export type FindingCounts = Readonly<Record<Severity, number>>;

/** Collects findings in bounded memory: all are counted, the first of each severity are kept. */
export class Findings {
  private readonly kept: Record<Severity, Finding[]> = { error: [], decide: [], contradiction: [], warning: [] };
  private readonly total: Record<Severity, number> = { error: 0, decide: 0, contradiction: 0, warning: 0 };

  add(
    severity: Severity,
    code: string,
    line: number | null,
    message: string,
    where: { account?: string; transaction?: string } = {},
  ): void {
    this.take({ code, severity, message, line, ...where });
  }

  take(finding: Finding): void {
    this.total[finding.severity] += 1;
    const kept = this.kept[finding.severity];
    if (kept.length < maxFindings) kept.push(finding);
  }

  get hasErrors(): boolean {
    return this.total.error > 0;
  }
  get counts(): FindingCounts {
    return { ...this.total };
  }
  /** Errors first, each severity in the order of the file; at most `maxFindings`. */
  list(): Finding[] {
    return order.flatMap((severity) => this.kept[severity]).slice(0, maxFindings);
  }
}

/** The file ends here: what stands at this place cannot be read. Carries the finding out of the parser. */
export class SaftFault extends Error {
  override readonly name = 'SaftFault';
  constructor(readonly finding: Finding) {
    super(finding.message);
  }
}
export const fault = (code: string, line: number | null, message: string): SaftFault =>
  new SaftFault({ code, severity: 'error', message, line });
