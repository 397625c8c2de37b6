import { addDays, decimals, type PlainDate } from '@daybook/kernel';
import { demoBills, demoCustomers, demoExportCustomers, demoOpenings, demoSpecialBills } from './chart.js';
import {
  bankDay,
  converted,
  credit,
  dayOf,
  debit,
  Drafts,
  type DraftLine,
  minus,
  percentOf,
  sequence,
  type Step,
  sum,
} from './drafts.js';
import { closing, fromBefore, people } from './month-end.js';

/*
 * A year in the books of a small, fictitious coffee roastery, generated and the same on every machine: sales and purchases
 * with VAT, payments, payroll, a loan, depreciation, foreign currency, and two corrected errors.
 */
export const demoFrom: PlainDate = '2025-11-01';
export const demoTo: PlainDate = '2026-10-31';
const months = [
  '2025-11', '2025-12', '2026-01', '2026-02', '2026-03', '2026-04', '2026-05', '2026-06', '2026-07', '2026-08', '2026-09', '2026-10',
] as const; // prettier-ignore
const euro = ['11.7410', '11.7925', '11.7630', '11.6875', '11.5940', '11.4820', '11.5315', '11.6080', '11.6545', '11.7120', '11.6390', '11.5875'] as const; // prettier-ignore

const customer = (id: string): Partial<DraftLine> => ({ party: { type: 'customer', id } });
const supplier = (id: string): Partial<DraftLine> => ({ party: { type: 'supplier', id } });
const tax = (code: string, base: string, percent: string, amount: string): Partial<DraftLine> => ({
  tax: [{ code, base, percent, amount }],
});

export function demoBooks(): readonly Step[] {
  const books = new Drafts();
  books.entry(
    'opening',
    'OB',
    demoFrom,
    'Opening balances',
    demoOpenings.map(([account, amount]) =>
      decimals.isNegative(amount) ? credit(account, decimals.neg(amount)) : debit(account, amount),
    ),
    { kind: 'opening' },
  );
  fromBefore(books);
  const random = sequence(20_260_512);
  const numbers = { invoice: 20_401, bill: 48_210 };
  months.forEach((month, index) => {
    sales(books, month, index, random, numbers);
    purchases(books, month, index, random, numbers);
    people(books, month);
    closing(books, month, index);
  });
  corrections(books);
  // Payments due after the last day are left out.
  return books.steps
    .filter((step) => step.date <= demoTo)
    .map((step, order) => ({ step, order }))
    .sort((a, b) => (a.step.date === b.step.date ? a.order - b.order : a.step.date < b.step.date ? -1 : 1))
    .map(({ step }) => step);
}

type Random = (from: number, to: number) => number;
interface Numbers {
  invoice: number;
  bill: number;
}

function sales(books: Drafts, month: string, index: number, random: Random, numbers: Numbers): void {
  for (const day of [4, 11, 18, 25]) {
    const date = bankDay(dayOf(month, day));
    const name = demoCustomers[random(0, demoCustomers.length - 1)] ?? demoCustomers[0];
    const invoice = String(numbers.invoice++);
    const coffee = `${random(205_000, 335_000)}.00`;
    const equipment = random(0, 2) === 0 ? `${random(52_000, 128_000)}.00` : null;
    const coffeeVat = percentOf(coffee, '15');
    const equipmentVat = equipment ? percentOf(equipment, '25') : '0.00';
    const total = sum(coffee, coffeeVat, equipment ?? '0', equipmentVat);
    const lines = [debit('1500', total, customer(name)), credit('3010', coffee, tax('31', coffee, '15', coffeeVat))];
    if (equipment) lines.push(credit('3000', equipment, tax('3', equipment, '25', equipmentVat)));
    lines.push(credit('2702', coffeeVat, { description: 'Output VAT' }));
    if (equipment) lines.push(credit('2700', equipmentVat, { description: 'Output VAT' }));
    const of = { voucher: invoice, documentDate: date };
    books.entry(`invoice-${invoice}`, 'SA', date, `Invoice ${invoice}`, lines, of);
    const paid = [debit('1920', total), credit('1500', total, customer(name))];
    const on = bankDay(addDays(date, random(18, 34)));
    books.entry(`invoice-${invoice}-paid`, 'BK', on, `Payment, invoice ${invoice}`, paid, { voucher: invoice });
  }
  if (index % 2 === 1) exported(books, month, index, random, numbers);
}

/** Invoiced in euros, paid a month later at another rate; the difference is a gain or a loss. */
function exported(books: Drafts, month: string, index: number, random: Random, numbers: Numbers): void {
  const [rate, later] = [euro[index] ?? euro[0], euro[index + 1] ?? euro[0]];
  const date = bankDay(dayOf(month, 10));
  const name = demoExportCustomers[index % 4 === 1 ? 0 : 1];
  const invoice = String(numbers.invoice++);
  const amount = `${random(9_000, 16_000)}.00`;
  const [total, received] = [converted(amount, rate), converted(amount, later)];
  const foreign = (at: string) => ({ foreign: { currency: 'EUR', amount, rate: at } });
  books.entry(
    `invoice-${invoice}`,
    'SA',
    date,
    `Invoice ${invoice}, export`,
    [
      debit('1500', total, { ...customer(name), ...foreign(rate) }),
      credit('3100', total, { ...foreign(rate), ...tax('52', total, '0', '0.00') }),
    ],
    { voucher: invoice, documentDate: date },
  );
  const difference = minus(received, total);
  books.entry(
    `invoice-${invoice}-paid`,
    'BK',
    bankDay(addDays(date, 30)),
    `Payment, invoice ${invoice}`,
    [
      debit('1920', received, foreign(later)),
      credit('1500', total, { ...customer(name), ...foreign(rate) }),
      decimals.isNegative(difference)
        ? debit('8160', decimals.neg(difference), { description: 'Currency loss' })
        : credit('8060', difference, { description: 'Currency gain' }),
    ],
    { voucher: invoice },
  );
}

function bill(
  books: Drafts,
  numbers: Numbers,
  date: PlainDate,
  of: { name: string; account: string; description: string; net: string; days: number },
): void {
  const voucher = String(numbers.bill++);
  const vat = percentOf(of.net, '25');
  const total = sum(of.net, vat);
  const from = supplier(of.name);
  const lines = [
    debit(of.account, of.net, { description: of.description, ...tax('1', of.net, '25', vat) }),
    debit('2710', vat, { description: 'Input VAT' }),
    credit('2400', total, from),
  ];
  books.entry(`bill-${voucher}`, 'PU', date, of.description, lines, { voucher, documentDate: date });
  const paid = [debit('2400', total, from), credit('1920', total)];
  const on = bankDay(addDays(date, of.days));
  books.entry(`bill-${voucher}-paid`, 'BK', on, `Payment, bill ${voucher}`, paid, { voucher });
}

function purchases(books: Drafts, month: string, index: number, random: Random, numbers: Numbers): void {
  for (const [day, name, account, description, low, high] of demoBills) {
    bill(books, numbers, bankDay(dayOf(month, day)), {
      name,
      account,
      description,
      net: `${random(low, high)}.00`,
      days: random(14, 24),
    });
  }
  for (const [date, name, account, description, net] of demoSpecialBills.filter(([date]) => date.startsWith(month))) {
    bill(books, numbers, date, { name, account, description, net, days: 20 });
  }
  const rate = euro[index] ?? euro[0];
  const date = bankDay(dayOf(month, 9));
  const voucher = String(numbers.bill++);
  const amount = `${random(19_000, 27_000)}.00`;
  const total = converted(amount, rate);
  const foreign = { foreign: { currency: 'EUR', amount, rate } };
  const trader = supplier('Hansa Rohkaffee GmbH');
  books.entry(
    `bill-${voucher}`,
    'PU',
    date,
    'Green coffee, container',
    [debit('4000', total, foreign), credit('2400', total, { ...trader, ...foreign })],
    { voucher, documentDate: date },
  );
  const paid = [debit('2400', total, { ...trader, ...foreign }), credit('1920', total, foreign)];
  books.entry(`bill-${voucher}-paid`, 'BK', bankDay(addDays(date, 14)), `Payment, bill ${voucher}`, paid, { voucher });
}

/** Two errors, corrected by a reversal and a new entry. */
function corrections(books: Drafts): void {
  const bar = (account: string, description: string): DraftLine[] => [
    debit(account, '42800.00', { description, ...tax('1', '42800.00', '25', '10700.00') }),
    debit('2710', '10700.00', { description: 'Input VAT' }),
    credit('2400', '53500.00', supplier('Storkjøkken Sør AS')),
  ];
  const of = { voucher: 'SK-7714', documentDate: '2026-09-18' };
  books.entry('bar', 'PU', '2026-09-18', 'Coffee bar for the shop', bar('6540', 'Counter, sink and piping'), of);
  books.reversal('bar-reversed', 'bar', '2026-09-30', 'The coffee bar is a fixture, not small equipment');
  const right = 'Coffee bar for the shop, counter and sink';
  books.entry('bar-corrected', 'PU', '2026-09-30', right, bar('1250', 'Counter, sink and piping'), of);
  books.entry('bar-paid', 'BK', '2026-10-12', 'Payment, bill SK-7714', [
    debit('2400', '53500.00', supplier('Storkjøkken Sør AS')),
    credit('1920', '53500.00'),
  ]);

  const fair = (net: string, vat: string): DraftLine[] => [
    debit('7140', net, { description: 'Hotel and train', ...tax('1', net, '25', vat) }),
    debit('2710', vat, { description: 'Input VAT' }),
    credit('2400', sum(net, vat), supplier('Reisebyrået Kompass AS')),
  ];
  const trip = { voucher: 'RK-3302', documentDate: '2026-10-05' };
  books.entry('trip', 'PU', '2026-10-05', 'Barista course, Bergen', fair('12640.00', '3160.00'), trip);
  books.reversal('trip-reversed', 'trip', '2026-10-07', 'The bill says 11 240,00, not 12 640,00');
  books.entry('trip-corrected', 'PU', '2026-10-07', 'Barista course, Bergen', fair('11240.00', '2810.00'), trip);
}
