import { addDays, decimals, lastOfMonth, type PlainDate } from '@daybook/kernel';
import { bankDay, credit, dayOf, debit, type Drafts, minus, percentOf, sum } from './drafts.js';

/* Month end of the demo company: wages, depreciation, the loan, and payments of VAT and payroll tax. */

const gross = '421250.00';
const withheld = '133957.00';

export function people(books: Drafts, month: string): void {
  const date = bankDay(dayOf(month, 20));
  const net = minus(gross, withheld);
  const [holiday, contribution] = [percentOf(gross, '12'), percentOf(gross, '14.1')];
  books.entry(`payroll-${month}`, 'GL', date, 'Payroll', [
    debit('5000', gross),
    credit('2600', withheld, { description: 'Tax withheld' }),
    credit('2930', net, { description: 'Wages due' }),
    debit('5180', holiday, { description: 'Holiday pay earned' }),
    credit('2940', holiday, { description: 'Holiday pay earned' }),
    debit('5400', contribution, { description: 'Employer contribution' }),
    credit('2770', contribution, { description: 'Employer contribution' }),
  ]);
  books.entry(`wages-${month}`, 'BK', bankDay(dayOf(month, 25)), 'Wages paid', [
    debit('2930', net),
    credit('1920', net),
  ]);
  books.entry(`set-aside-${month}`, 'BK', bankDay(dayOf(month, 25)), 'Withheld tax set aside', [
    debit('1950', withheld),
    credit('1920', withheld),
  ]);
  if (month === '2026-06') {
    books.entry('holiday-pay', 'BK', '2026-06-25', 'Holiday pay paid', [
      debit('2940', '402300.00'),
      credit('1920', '402300.00'),
    ]);
  }
}

/** Depreciation, insurance, stock count, bank charges; and every second month payroll tax and VAT. */
export function closing(books: Drafts, month: string, index: number): void {
  const end = lastOfMonth(dayOf(month, 1));
  books.entry(`depreciation-${month}`, 'GL', end, 'Depreciation', [
    debit('6010', '31450.00'),
    credit('1200', '23000.00'),
    credit('1230', '5200.00'),
    credit('1250', '3250.00'),
  ]);
  books.entry(`insurance-${month}`, 'GL', end, 'Insurance of the month', [
    debit('7500', '7000.00'),
    credit('1700', '7000.00'),
  ]);
  books.entry(`charges-${month}`, 'BK', end, 'Bank charges', [debit('7770', '421.00'), credit('1920', '421.00')]);
  if (index % 3 === 2) {
    const interest = percentOf(decimals.neg(books.balance('2220', end)), '1.5');
    books.entry(`loan-${month}`, 'BK', end, 'Loan, instalment and interest', [
      debit('2220', '100000.00', { description: 'Instalment' }),
      debit('8150', interest, { description: 'Interest of the quarter' }),
      credit('1920', sum('100000', interest)),
    ]);
    const grown = index % 2 === 0;
    const counted = [debit(grown ? '1400' : '4190', '43100.00'), credit(grown ? '4190' : '1400', '43100.00')];
    books.entry(`stock-${month}`, 'GL', end, 'Stock count, green coffee', counted);
  }
  if (index % 2 === 1) terms(books, month, end);
}

/** VAT and payroll tax of two months, due in later months. */
function terms(books: Drafts, month: string, end: PlainDate): void {
  const accounts = ['2700', '2702', '2710'] as const;
  const balances = accounts.map((account) => [account, books.balance(account, end)] as const);
  const settled = balances
    .filter(([, balance]) => !decimals.isZero(balance))
    .map(([account, balance]) =>
      decimals.isNegative(balance) ? debit(account, decimals.neg(balance)) : credit(account, balance),
    );
  const due = sum(...balances.map(([, balance]) => balance));
  const owed = decimals.neg(due);
  books.entry(`vat-${month}`, 'GL', end, 'VAT of the term', [
    ...settled,
    decimals.isNegative(due) ? credit('2740', owed) : debit('2740', due),
  ]);
  if (decimals.isNegative(due)) {
    const on = bankDay(addDays(end, 41));
    books.entry(`vat-${month}-paid`, 'BK', on, 'VAT paid', [debit('2740', owed), credit('1920', owed)]);
  }
  const [heldBack, contribution] = [books.balance('2600', end), books.balance('2770', end)].map(decimals.neg);
  payrollTax(books, month, bankDay(addDays(end, 15)), heldBack ?? '0', contribution ?? '0');
}

function payrollTax(books: Drafts, key: string, date: PlainDate, heldBack: string, contribution: string): void {
  books.entry(`payroll-tax-${key}`, 'BK', date, 'Tax and employer contribution paid', [
    debit('2600', heldBack),
    credit('1950', heldBack),
    debit('2770', contribution),
    credit('1920', contribution),
  ]);
}

/** Payments of what the opening balances owed or were owed. */
export function fromBefore(books: Drafts): void {
  payrollTax(books, 'before', '2025-11-17', '168420.00', '118640.00');
  books.entry('vat-before-paid', 'BK', '2025-12-10', 'VAT paid', [
    debit('2740', '241870.00'),
    credit('1920', '241870.00'),
  ]);
  const owed = [['2025-11-14', '412906.25'], ['2025-11-24', '302000.00']] as const; // prettier-ignore
  owed.forEach(([date, amount], i) => {
    books.entry(`supplier-before-${i}`, 'BK', date, 'Payments, earlier bills', [
      debit('2400', amount),
      credit('1920', amount),
    ]);
  });
  const receivable = [['2025-11-10', '531200.00'], ['2025-11-21', '431118.50']] as const; // prettier-ignore
  receivable.forEach(([date, amount], i) => {
    books.entry(`customer-before-${i}`, 'BK', date, 'Payments, earlier invoices', [
      debit('1920', amount),
      credit('1500', amount),
    ]);
  });
}
