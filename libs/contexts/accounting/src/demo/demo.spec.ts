import { decimals } from '@daybook/kernel';
import { entryPosted, entryReversed } from '../ledger/ledger.events.js';
import type { AppliedEntry } from '../ledger/ledger.state.js';
import { MemoryLedger } from '../ledger/testing/memory-ledger.js';
import { demoBooks, demoFrom, demoTo } from './books.js';
import { demoAccounts, demoOpenings } from './chart.js';
import { seedDemo } from './seed-demo.js';

describe('the demo books', () => {
  const memory = new MemoryLedger();
  let entries: AppliedEntry[] = [];
  beforeAll(async () => {
    await seedDemo(memory);
    entries = memory
      .all()
      .filter(({ type }) => type === entryPosted.name)
      .map(({ data }) => data as AppliedEntry);
  });

  it('are the same on every run', () => {
    expect(JSON.stringify(demoBooks())).toBe(JSON.stringify(demoBooks()));
    expect(new Set(demoBooks().map(({ key }) => key)).size).toBe(demoBooks().length);
  });
  it('have a year of some 400 entries in five journals', () => {
    expect(entries.length).toBeGreaterThan(300);
    expect(entries.length).toBeLessThan(450);
    expect(new Set(entries.map(({ journal }) => journal)).size).toBe(5);
    expect(entries.every(({ date }) => date >= demoFrom && date <= demoTo)).toBe(true);
    expect(demoAccounts.length).toBeGreaterThan(40);
  });
  it('open in balance, and use every account', () => {
    expect(decimals.isZero(decimals.add(...demoOpenings.map(([, amount]) => amount)))).toBe(true);
    const used = new Set(entries.flatMap(({ lines }) => lines.map(({ account }) => account)));
    expect(demoAccounts.map(([number]) => number).filter((number) => !used.has(number))).toEqual([]);
  });
  it('have foreign currency, tax, and two corrected errors', () => {
    const lines = entries.flatMap((entry) => entry.lines);
    expect(lines.some(({ foreign }) => foreign)).toBe(true);
    expect(lines.some(({ tax }) => tax)).toBe(true);
    expect(memory.all().filter(({ type }) => type === entryReversed.name)).toHaveLength(2);
  });
  it('leave bank and suppliers with plausible balances', () => {
    const balance = (account: string) =>
      decimals.add(
        '0',
        ...entries
          .flatMap(({ lines }) => lines)
          .filter((line) => line.account === account)
          .map((line) => (line.side === 'debit' ? line.amount : decimals.neg(line.amount))),
      );
    expect(decimals.isNegative(balance('1920'))).toBe(false);
    expect(decimals.isNegative(balance('2400'))).toBe(true);
    expect(decimals.isNegative(balance('1500'))).toBe(false);
  });
  it('are written once, even if seeded again', async () => {
    const before = memory.all().length;
    await seedDemo(memory);
    expect(memory.all()).toHaveLength(before);
  });
});
