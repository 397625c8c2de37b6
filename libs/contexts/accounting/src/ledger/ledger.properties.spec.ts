import { decimals, fitsCurrency, isRejection, minorUnits } from '@daybook/kernel';
import fc from 'fast-check';
import { entryPosted, type LedgerEvent } from './ledger.events.js';
import { entryNumber } from './fiscal-year.js';
import type { AppliedEntry } from './ledger.state.js';
import { accepted, entry, given, id, someBooks } from './testing/given.js';

/* Invariants of the ledger, as property-based tests over random books. */

const currency = fc.constantFrom('NOK', 'JPY', 'KWD', 'CLF');
const dates = fc.constantFrom('2025-01-31', '2025-12-31', '2026-01-01', '2026-06-30');
/** Minor units as a decimal of a currency. */
const money = (units: bigint, of: string): string => {
  const places = minorUnits(of);
  const digits = units.toString().padStart(places + 1, '0');
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
};
const balanced = fc.record({
  journal: fc.constantFrom('GL', 'PU'),
  date: dates,
  units: fc.array(fc.bigInt({ min: 1n, max: 10n ** 12n }), { minLength: 1, maxLength: 8 }),
});
type Balanced = { journal: string; date: string; units: bigint[] };
const inputOf = ({ journal, date, units }: Balanced, of: string) => ({
  journal,
  date,
  description: 'Any',
  kind: 'normal',
  lines: [
    ...units.map((n) => ({ account: '1920', side: 'debit' as const, amount: money(n, of) })),
    {
      account: '3000',
      side: 'credit' as const,
      amount: money(
        units.reduce((a, b) => a + b, 0n),
        of,
      ),
    },
  ],
});
const dataOf = (event: LedgerEvent | undefined): AppliedEntry => event?.data as AppliedEntry;
const total = (lines: AppliedEntry['lines'], side: string) =>
  decimals.add('0', ...lines.filter((line) => line.side === side).map((line) => line.amount));

describe('any ledger', () => {
  it('accepts only entries whose debit equals credit, to the minor unit', () => {
    fc.assert(
      fc.property(currency, balanced, fc.bigInt({ min: -5n, max: 5n }), (of, of_, off) => {
        const input = inputOf(of_, of);
        const last = input.lines[0]!;
        const moved = of_.units[0]! + off;
        fc.pre(moved > 0n);
        const lines = [{ ...last, amount: money(moved, of) }, ...input.lines.slice(1)];
        const decision = given(...someBooks({ currency: of })).when('accounting.entry.post', { ...input, lines });
        if (off === 0n) {
          const { lines } = dataOf(accepted(decision).events[0]);
          return total(lines, 'debit') === total(lines, 'credit');
        }
        return isRejection(decision) && decision.code === 'accounting.entry-unbalanced';
      }),
    );
  });

  it('numbers entries without gap or duplicate in the order of posting, per journal and year', () => {
    fc.assert(
      fc.property(fc.array(balanced, { maxLength: 25 }), (entries) => {
        const events: LedgerEvent[] = someBooks();
        entries.forEach((of, n) => {
          const decision = given(...events).when('accounting.entry.post', inputOf(of, 'NOK'), { newId: id(1000 + n) });
          events.push(...accepted(decision).events);
        });
        const last = new Map<string, number>();
        for (const { data } of events.filter(({ type }) => type === entryPosted.name)) {
          const { journal, fiscalYear, sequence, number } = data as AppliedEntry;
          const key = `${journal} ${fiscalYear}`;
          expect(sequence).toBe((last.get(key) ?? 0) + 1);
          expect(number).toBe(entryNumber(journal, fiscalYear, sequence));
          last.set(key, sequence);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('contains only amounts that fit the currency, padded to its minor units', () => {
    const text = fc
      .tuple(fc.nat({ max: 99_999 }), fc.nat({ max: 9999 }), fc.nat({ max: 4 }))
      .map(([whole, part, places]) =>
        places === 0 ? `${whole}` : `${whole}.${String(part).padStart(4, '0').slice(0, places)}`,
      );
    fc.assert(
      fc.property(currency, text, (of, amount) => {
        const lines = [
          { account: '1920', side: 'debit', amount },
          { account: '3000', side: 'credit', amount },
        ];
        const input = { journal: 'GL', date: '2026-03-31', description: 'Any', kind: 'normal', lines };
        const decision = given(...someBooks({ currency: of })).when('accounting.entry.post', input);
        if (decimals.isZero(amount) && fitsCurrency(amount, of)) return isRejection(decision);
        if (!fitsCurrency(amount, of)) return isRejection(decision) && decision.code === 'accounting.amount-too-fine';
        const stored = dataOf(accepted(decision).events[0]).lines[0]!.amount;
        return (stored.split('.')[1] ?? '').length === minorUnits(of) && decimals.cmp(stored, amount) === 0;
      }),
    );
  });

  it('has zero on each account after an entry and its reversal', () => {
    const line = fc.record({
      account: fc.constantFrom('1920', '3000', '2700'),
      side: fc.constantFrom('debit' as const, 'credit' as const),
      amount: fc
        .bigInt({ min: -(10n ** 9n), max: 10n ** 9n })
        .map((n) => (n < 0n ? `-${money(-n, 'NOK')}` : money(n, 'NOK'))),
    });
    fc.assert(
      fc.property(fc.array(line, { minLength: 2, maxLength: 9 }), (lines) => {
        const original = entry(1, { lines });
        const facts = { kind: 'entry' as const, entry: original };
        const books = given(...someBooks(), entryPosted.of(original));
        const decision = accepted(books.when('accounting.entry.reverse', { entryId: id(1) }, { facts }));
        const both = [...lines, ...dataOf(decision.events[0]).lines];
        return ['1920', '3000', '2700'].every((account) => {
          const own = both.filter((l) => l.account === account);
          return decimals.cmp(total(own, 'debit'), total(own, 'credit')) === 0;
        });
      }),
    );
  });
});
