import { describe, expect, it } from 'vitest';
import { changed, leavesOf, shownOf } from './value-model';

const input = {
  companyId: '0195f000-0000-7000-8000-000000000001',
  date: '2026-03-31',
  description: 'Coffee bar',
  period: 3,
  urgent: false,
  voucher: null,
  lines: [
    { account: '1250', side: 'debit', amount: '53500.00' },
    { account: '2400', side: 'credit', amount: '53500.00', party: 'Storkjøkken' },
  ],
};

describe('the content of a waiting command', () => {
  it('is shown as plain values and tables, each in its format', () => {
    const { facts, tables } = shownOf(input);
    expect(facts.map(({ label, column }) => [label, column.as])).toEqual([
      ['Where', 'company'],
      ['Date', 'date'],
      ['Description', 'text'],
      ['Period', 'text'],
      ['Urgent', 'boolean'],
    ]);
    expect(tables.map(({ label, heads, rows }) => [label, heads.map((head) => head.column.as), rows.length])).toEqual([
      ['Lines', ['text', 'status', 'money', 'text'], 2],
    ]);
  });

  it('derives the kind of a holder from the holder', () => {
    const { facts } = shownOf({ holder: 'person', holderId: '0195f000-0000-7000-8000-0000000000aa' });
    expect(facts.map(({ label, column }) => [label, column.as])).toEqual([
      ['Kind of holder', 'status'],
      ['Holder', 'person'],
    ]);
  });

  it('offers every plain value for changing, but no id', () => {
    expect(leavesOf(input).map(({ path }) => path)).toEqual([
      'date', 'description', 'period', 'urgent', 'voucher',
      'lines.0.account', 'lines.0.side', 'lines.0.amount',
      'lines.1.account', 'lines.1.side', 'lines.1.amount', 'lines.1.party',
    ]); // prettier-ignore
    expect(leavesOf(input).find(({ path }) => path === 'lines.1.amount')?.label).toBe('Lines, 2, Amount');
  });

  it('keeps its shape and the kinds of its values when one is changed', () => {
    const leaf = (path: string) => {
      const found = leavesOf(input).find((one) => one.path === path);
      if (found === undefined) throw new Error(path);
      return found;
    };
    expect(changed(input, leaf('lines.1.amount'), '40.00')).toEqual({
      ...input,
      lines: [input.lines[0], { ...input.lines[1], amount: '40.00' }],
    });
    expect(changed(input, leaf('period'), '4')?.['period']).toBe(4);
    expect(changed(input, leaf('period'), 'four')).toBeNull();
    expect(changed(input, leaf('urgent'), 'true')?.['urgent']).toBe(true);
    expect(changed(input, leaf('voucher'), '')?.['voucher']).toBeNull();
  });
});
