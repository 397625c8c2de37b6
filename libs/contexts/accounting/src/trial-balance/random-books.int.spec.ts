import { type CallOf, type CommandOperation, decimals, isRejection, minorUnits, toMoney } from '@daybook/kernel';
import fc from 'fast-check';
import { addAccount } from '../account/account.operations.js';
import { createCompany } from '../company/company.operations.js';
import { postEntry, reverseEntry } from '../entry/entry.operations.js';
import { explainFigure } from '../explain/explain.operations.js';
import { addJournal } from '../journal/journal.operations.js';
import { accountClass } from '../ledger/entry.schema.js';
import { fiscalYearStartOf } from '../ledger/fiscal-year.js';
import { entryPosted } from '../ledger/ledger.events.js';
import type { AppliedEntry } from '../ledger/ledger.state.js';
import { openReadBench, type ReadBench } from '../testing/read-bench.js';
import { readTrialBalance } from './trial-balance.operations.js';

/* Random books and ranges: the report equals a plain sum over the entries, and every figure is the sum of its parts. */

const columns = ['opening', 'debit', 'credit', 'closing'] as const;
const day = fc
  .tuple(fc.integer({ min: 2024, max: 2026 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
  .map(([y, m, d]) => `${y}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`);
const posting = fc.record({
  date: day,
  kind: fc.constantFrom('normal' as const, 'normal' as const, 'normal' as const, 'opening' as const),
  from: fc.nat({ max: 5 }),
  to: fc.nat({ max: 5 }),
  units: fc.bigInt({ min: -(10n ** 7n), max: 10n ** 9n }).filter((n) => n !== 0n),
  reversed: fc.boolean(),
});
const anyBooks = fc.record({
  currency: fc.constantFrom('NOK', 'JPY', 'KWD'),
  fiscalYearStart: fc.constantFrom(1, 1, 4, 7),
  classes: fc.array(fc.constantFrom(...accountClass.options), { minLength: 6, maxLength: 6 }),
  postings: fc.array(posting, { maxLength: 25 }),
  range: fc.tuple(day, day).map(([a, b]) => (a < b ? { from: a, to: b } : { from: b, to: a })),
});
type AnyBooks = typeof anyBooks extends fc.Arbitrary<infer T> ? T : never;

describe('random books', () => {
  let bench: ReadBench;
  let run = 0;
  beforeAll(async () => {
    bench = await openReadBench();
  }, 60_000);
  afterAll(() => bench.end());

  const send = async <O extends CommandOperation>(operation: O, input: CallOf<O>, key: string) => {
    const answer = await bench.memory.execute(operation, input, `${run} ${key}`);
    if (isRejection(answer)) throw new Error(`${answer.code}: ${answer.message}`);
    return answer.id;
  };
  async function write({ currency, fiscalYearStart, classes, postings }: AnyBooks): Promise<string> {
    run += 1;
    const companyId = await send(createCompany, { name: `Company ${run}`, currency, fiscalYearStart }, 'company');
    for (const [i, class_] of classes.entries()) {
      await send(addAccount, { companyId, number: `${i + 1}000`, name: `Account ${i + 1}`, class: class_ }, `a${i}`);
    }
    await send(addJournal, { companyId, code: 'GL', name: 'General' }, 'GL');
    for (const [n, { date, kind, from, to, units, reversed }] of postings.entries()) {
      const places = minorUnits(currency);
      const digits = (units < 0n ? -units : units).toString().padStart(places + 1, '0');
      const whole = places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
      const amount = units < 0n ? `-${whole}` : whole;
      const lines = [
        { account: `${from + 1}000`, side: 'debit' as const, amount },
        { account: `${to + 1}000`, side: 'credit' as const, amount },
      ];
      const entryId = await send(
        postEntry,
        { companyId, journal: 'GL', date, kind, description: `Entry ${n}`, lines },
        `e${n}`,
      );
      if (reversed) await send(reverseEntry, { companyId, entryId }, `r${n}`);
    }
    await bench.project();
    return companyId;
  }

  /** The report by plain arithmetic over the events, without SQL. */
  function expected(companyId: string, { fiscalYearStart, classes, range, currency }: AnyBooks) {
    const yearStart = fiscalYearStartOf(range.from, fiscalYearStart);
    const rows = new Map(classes.map((_, i) => [`${i + 1}000`, { opening: '0', debit: '0', credit: '0' }]));
    let results = '0';
    for (const { type, data } of bench.memory.all()) {
      const entry = data as AppliedEntry;
      if (type !== entryPosted.name || entry.companyId !== companyId || entry.date > range.to) continue;
      for (const { account, side, amount } of entry.lines) {
        const row = rows.get(account)!;
        const signed = side === 'debit' ? amount : decimals.neg(amount);
        const class_ = classes[Number(account) / 1000 - 1]!;
        if ((class_ === 'income' || class_ === 'expense') && entry.date < yearStart)
          results = decimals.add(results, signed);
        else if (entry.date < range.from || entry.kind === 'opening') row.opening = decimals.add(row.opening, signed);
        else row[side] = decimals.add(row[side], amount);
      }
    }
    const money = (amount: string) => toMoney(amount, currency);
    const all = [...rows].map(([account, { opening, debit, credit }]) => {
      const closing = decimals.sub(decimals.add(opening, debit), credit);
      return { account, opening: money(opening), debit: money(debit), credit: money(credit), closing: money(closing) };
    });
    if (!decimals.isZero(results)) {
      const zero = money('0');
      all.push({ account: 'results', opening: money(results), debit: zero, credit: zero, closing: money(results) });
    }
    return all;
  }

  it('report the sums of their entries, and explain every figure by parts that add up to it', async () => {
    await fc.assert(
      fc.asyncProperty(anyBooks, async (books) => {
        const companyId = await write(books);
        const report = await bench.ask(readTrialBalance, { companyId, ...books.range });
        expect(report.rows.map(({ name: _, class: __, ...figures }) => figures)).toEqual(expected(companyId, books));
        expect([report.totals.opening, report.totals.closing].every((sum) => decimals.isZero(sum))).toBe(true);
        expect(report.totals.debit).toBe(report.totals.credit);

        const subjects = [...report.rows, { account: 'total', ...report.totals }];
        for (const row of subjects) {
          for (const column of columns) {
            const ask = { companyId, account: row.account, column, ...books.range, limit: 200 };
            const figure = await bench.ask(explainFigure, ask);
            const sum = (parts: readonly { amount: string }[]) =>
              toMoney(decimals.add('0', ...parts.map(({ amount }) => amount)), books.currency);
            expect(figure).toMatchObject({ amount: row[column], count: figure.items.length, next: null });
            expect([sum(figure.items), sum(figure.groups)]).toEqual([row[column], row[column]]);
          }
        }
      }),
      { numRuns: 10 },
    );
  }, 120_000);

  it('are rebuilt from their events byte for byte', async () => {
    const dump = async () => {
      const names = ['companies', 'accounts', 'journals', 'entries'];
      return Promise.all(names.map(async (name) => bench.bench.dump(await bench.bench.live(name))));
    };
    const before = await dump();
    const schema = await bench.bench.live('entries');
    for (const name of ['companies', 'accounts', 'journals', 'entries']) await bench.engine.rebuild(name);
    await bench.project();
    expect(await bench.bench.live('entries')).not.toBe(schema);
    expect(await dump()).toEqual(before);
  }, 60_000);
});
