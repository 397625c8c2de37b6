import { trialBalanceReport } from '@daybook/accounting';
import { decimals } from '@daybook/kernel';
import { differences, grouped, periodsAround, type ReportRow } from './report-model';

const row = (account: string, group: string, closing: string): ReportRow => ({
  account,
  name: account,
  class: group,
  opening: '0.00',
  debit: closing.startsWith('-') ? '0.00' : closing,
  credit: closing.startsWith('-') ? closing.slice(1) : '0.00',
  closing,
});
const rows = [
  row('3000', 'income', '-100.10'),
  row('1920', 'asset', '70.05'),
  row('1500', 'asset', '30.05'),
  row('2400', 'liability', '0.00'),
];

describe('a report', () => {
  it('groups rows in the declared order with exact subtotals', () => {
    const groups = grouped(trialBalanceReport, rows, false);
    expect(groups.map((g) => [g.title, g.sums['closing']])).toEqual([
      ['Assets', '100.1'],
      ['Liabilities', '0'],
      ['Income', '-100.1'],
    ]);
    expect(decimals.isZero(decimals.add(...groups.map((g) => g.sums['closing'] ?? '')))).toBe(true);
  });
  it('hides zero rows, and groups with nothing else', () => {
    expect(grouped(trialBalanceReport, rows, true).map((g) => g.key)).toEqual(['asset', 'income']);
  });
  it('compares two moments by row, rows known at only one of them included', () => {
    const changed = differences(trialBalanceReport, 'closing', rows, [
      row('1920', 'asset', '80.05'),
      row('6700', 'expense', '5.00'),
    ]);
    expect(changed.get('1920')).toEqual({ then: '70.05', now: '80.05', difference: '10' });
    expect(changed.get('6700')).toEqual({ then: '0', now: '5.00', difference: '5' });
    expect(changed.get('3000')?.difference).toBe('100.1');
  });
  it('offers periods around a day, February and the turn of the year included', () => {
    expect(periodsAround('2024-02-15')).toContainEqual({ label: 'This month', from: '2024-02-01', to: '2024-02-29' });
    expect(periodsAround('2024-01-15')).toContainEqual({ label: 'Last month', from: '2023-12-01', to: '2023-12-31' });
  });
});
