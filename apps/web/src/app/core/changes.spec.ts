import { describe, expect, it } from 'vitest';
import { changesOf } from './changes';

const entry = {
  date: '2026-03-31',
  description: 'F•••',
  voucher: null,
  lines: [
    { account: '1500', amount: '10.00', description: null },
    { account: '3000', amount: '10.00', description: 'K•••', party: { type: 'customer', id: '7' } },
  ],
};

describe('what a change carries', () => {
  it('is what was changed, and nothing that was only shown', () => {
    expect(changesOf(entry, entry)).toEqual({});
    expect(changesOf(entry, { ...entry, date: '2026-04-01' })).toEqual({ date: '2026-04-01' });
    const lines = [{ ...entry.lines[0]!, amount: '12.00' }, entry.lines[1]!];
    expect(changesOf(entry, { ...entry, lines })).toEqual({ lines: { 0: { amount: '12.00' } } });
  });

  it('takes a field away by null, and leaves out what was empty and stays so', () => {
    const { party: _, ...line } = entry.lines[1]!;
    expect(changesOf(entry, { ...entry, lines: [entry.lines[0]!, line] })).toEqual({ lines: { 1: { party: null } } });
    const { voucher: _voucher, ...without } = entry;
    expect(changesOf(entry, without)).toEqual({});
  });

  it('is a whole list where it got longer or shorter', () => {
    const lines = entry.lines.slice(0, 1);
    expect(changesOf(entry, { ...entry, lines })).toEqual({ lines });
  });
});
