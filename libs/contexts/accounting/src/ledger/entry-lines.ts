import { decimals, fitsCurrency, formatMoney, minorUnits, reject, type Rejection, toMoney } from '@daybook/kernel';
import type { EntryLine, StoredLine } from './entry.schema.js';
import type { LedgerState } from './ledger.state.js';

/* The arithmetic of lines: exact decimals. Only a converted foreign amount is rounded. */

const sumOf = (lines: readonly Pick<EntryLine, 'side' | 'amount'>[], side: EntryLine['side']): string =>
  decimals.sum(lines.filter((line) => line.side === side).map((line) => line.amount));
export const debitOf = (lines: readonly Pick<EntryLine, 'side' | 'amount'>[]): string => sumOf(lines, 'debit');
export const creditOf = (lines: readonly Pick<EntryLine, 'side' | 'amount'>[]): string => sumOf(lines, 'credit');

/** The lines to store, with amounts padded to the minor units of the currency; or all their errors, by field. */
export function checkedLines(
  lines: readonly EntryLine[],
  state: LedgerState,
  currency: string,
): readonly StoredLine[] | Rejection {
  const found = lines.flatMap((line, index) => lineProblems(line, `/lines/${index}`, state, currency));
  const [first] = found;
  if (first) {
    const errors = found.flatMap((one) => one.errors);
    const message = errors.length === 1 ? first.message : `${errors.length} fields need attention. ${first.message}`;
    return { ...first, message, details: { fields: errors.length }, errors };
  }
  return lines.map((line) => paddedLine(line, currency));
}

/** One rejection per field that is wrong. */
function lineProblems(line: EntryLine, at: string, state: LedgerState, currency: string): Rejection[] {
  const found: Rejection[] = [];
  const wrong = (pointer: string, code: string, message: string, status: 404 | 409 = 409) =>
    found.push(reject(code, message, { status, errors: [{ pointer: at + pointer, code, message }] }));

  const account = state.accounts.get(line.account);
  if (!account) {
    wrong(
      '/account',
      'accounting.account-not-found',
      `Account ${line.account} is not in the chart. Use another, or add it first.`,
      404,
    );
  } else if (!account.postingAllowed) {
    const hint = 'Use an account below it.';
    wrong(
      '/account',
      'accounting.account-heading',
      `${account.number} ${account.name} is a heading, and nothing can be posted to it. ${hint}`,
    );
  }
  const fits = (pointer: string, amount: string, unit: string) => {
    if (fitsCurrency(amount, unit)) return;
    const places = minorUnits(unit);
    const decimalsOf = places === 0 ? 'no decimals' : `at most ${places} decimals`;
    wrong(pointer, 'accounting.amount-too-fine', `${unit} has ${decimalsOf}; ${amount} has ${decimals.scale(amount)}.`);
  };
  fits('/amount', line.amount, currency);
  line.tax?.forEach((tax, i) => {
    if (tax.base !== null) fits(`/tax/${i}/base`, tax.base, currency);
    if (tax.amount !== null) fits(`/tax/${i}/amount`, tax.amount, currency);
  });
  line.dimensions?.forEach((dimension, i) => {
    if (dimension.amount !== undefined) fits(`/dimensions/${i}/amount`, dimension.amount, currency);
  });
  if (line.foreign) {
    const { currency: foreign, amount, rate } = line.foreign;
    fits('/foreign/amount', amount, foreign);
    if (foreign === currency) {
      wrong(
        '/foreign/currency',
        'accounting.foreign-currency-invalid',
        `${foreign} is the currency of the company. Leave out the foreign amount.`,
      );
    } else if (decimals.cmp(rate, '0') <= 0) {
      wrong('/foreign/rate', 'accounting.rate-not-positive', `The exchange rate must be above zero; it is ${rate}.`);
    } else {
      const converted = toMoney(decimals.mul(amount, rate), currency);
      if (decimals.cmp(converted, line.amount) !== 0) {
        const text = `${foreign} ${formatMoney(amount, foreign)} at ${rate} is ${currency} ${formatMoney(converted, currency)}, not ${formatMoney(line.amount, currency)}.`;
        wrong('/amount', 'accounting.foreign-amount-differs', `${text} Correct the amount or the rate.`);
      }
    }
  }
  return found;
}

/** Absent optional parts stay absent, so that equal lines have equal bytes. */
const paddedLine = (line: EntryLine, currency: string): StoredLine => ({
  ...line,
  amount: toMoney(line.amount, currency),
  ...(line.foreign && { foreign: { ...line.foreign, amount: toMoney(line.foreign.amount, line.foreign.currency) } }),
  ...(line.tax && {
    tax: line.tax.map((tax) => ({
      ...tax,
      base: tax.base === null ? null : toMoney(tax.base, currency),
      amount: tax.amount === null ? null : toMoney(tax.amount, currency),
    })),
  }),
  ...(line.dimensions && {
    dimensions: line.dimensions.map((dimension) =>
      dimension.amount === undefined ? dimension : { ...dimension, amount: toMoney(dimension.amount, currency) },
    ),
  }),
});

/** Debit must equal credit exactly, and at least one amount must not be zero. */
export function balanceProblem(lines: readonly StoredLine[], currency: string): Rejection | null {
  const [debit, credit] = [debitOf(lines), creditOf(lines)];
  const difference = decimals.sub(debit, credit);
  if (!decimals.isZero(difference)) {
    const short = decimals.isNegative(difference) ? 'debit' : 'credit';
    const missing = toMoney(decimals.abs(difference), currency);
    const message = `${short === 'debit' ? 'Debit' : 'Credit'} is short by ${formatMoney(missing, currency)}.`;
    return reject('accounting.entry-unbalanced', message, {
      details: { debit: toMoney(debit, currency), credit: toMoney(credit, currency), short, missing },
      errors: [{ pointer: '/lines', code: 'accounting.entry-unbalanced', message }],
    });
  }
  if (!decimals.isAmount(debit)) {
    const message = 'The sum of the lines is larger than an amount may be. Split the entry.';
    return reject('accounting.entry-too-large', message, {
      errors: [{ pointer: '/lines', code: 'accounting.entry-too-large', message }],
    });
  }
  if (lines.every((line) => decimals.isZero(line.amount))) {
    const message = 'All amounts are zero, so the entry would change nothing. Give amounts.';
    return reject('accounting.entry-empty', message, {
      errors: [{ pointer: '/lines/0/amount', code: 'accounting.entry-empty', message }],
    });
  }
  return null;
}

/** The same lines on the other side, as a reversal has them. */
export const swapped = (lines: readonly StoredLine[]): readonly StoredLine[] =>
  lines.map(({ source: _, ...line }) => ({ ...line, side: line.side === 'debit' ? 'credit' : 'debit' }));
