import type { Finding } from '@daybook/accounting';
import {
  type Import,
  addsNothing,
  findingsCsv,
  needsDecision,
  type Report,
  ruleOf,
  stepOf,
  summary,
  undecided,
  whereOf,
} from './import-model';

const counts = (added: number) => ({ total: 4, added, known: 4 - added });
const report = (more: Partial<Report> = {}): Report => ({
  newCompany: true,
  counts: {
    accounts: counts(4), journals: counts(1), customers: counts(0), suppliers: counts(0), taxCodes: counts(0),
    entries: counts(4), lines: counts(4),
  },
  totals: { debit: '10.00', credit: '10.00' },
  openingDifference: '0.00',
  unclassified: [],
  findings: [],
  findingCounts: { error: 0, decide: 0, contradiction: 0, warning: 0 },
  balance: [],
  seconds: 1,
  fileLines: 10,
  ...more,
}); // prettier-ignore
const finding = (more: Partial<Finding>): Finding => ({
  code: 'saft.closing-mismatch',
  severity: 'error',
  kind: 'contradiction',
  message: 'm',
  line: 7,
  ...more,
});

describe('an import', () => {
  it('asks for nothing when the file says all', () => {
    expect(needsDecision(report())).toBe(false);
  });
  it('counts what is still to be decided', () => {
    const open = report({ openingDifference: '12500.00', unclassified: [{ number: '6540', name: 'Tools' }] });
    expect(undecided(open, { openingDifference: '', classes: {} })).toBe(2);
    expect(undecided(open, { openingDifference: '2050', classes: { '6540': 'expense' } })).toBe(0);
  });
  it('recognises a file that adds nothing', () => {
    const known = { ...report().counts, accounts: counts(0), entries: counts(0) };
    expect(addsNothing(report({ counts: known }))).toBe(true);
    expect(addsNothing(report())).toBe(false);
  });
  it('is at one step', () => {
    const at = (status: Import['status']) => stepOf({ status }, false);
    expect([stepOf(null, false), at('reading'), at('checked'), at('posted')]).toEqual([0, 1, 2, 4]);
    expect(stepOf({ status: 'checked' }, true)).toBe(3);
  });
  it('sums its findings up in words', () => {
    expect(summary(report({ findingCounts: { error: 0, decide: 1, contradiction: 2, warning: 1 } }))).toBe(
      '1 to decide, 2 contradictions, 1 note, no errors',
    );
    expect([ruleOf(finding({})), whereOf(finding({ account: '1920' })), whereOf(finding({}))]).toEqual([
      'Closing mismatch',
      '1920',
      'whole file',
    ]);
  });
  it('writes findings as CSV without formulas', () => {
    expect(findingsCsv([finding({ message: '=1+1, "x"' })]).split('\r\n')[1]).toBe(
      `contradiction,saft.closing-mismatch,,,7,"'=1+1, ""x"""`,
    );
  });
});
