import Big from 'big.js';
import * as z from 'zod';

/*
 * Exact decimals. An amount is a string in JSON, events and rows, and never a JS number. Rounding is half away from zero, and
 * happens only for tax and currency exchange.
 */
const D = Big();
D.DP = 30;
D.RM = D.roundHalfUp;
D.strict = false;

export type Decimal = string;

const pattern = /^-?(0|[1-9]\d{0,17})(\.\d{1,8})?$/;

/** Any exact decimal with up to 18 digits before and 8 after the point. JSON numbers are refused. */
export const decimal = z
  .string({ error: 'Give an exact decimal as text, like "1250.50"; a JSON number is not exact.' })
  .regex(pattern, 'Give an exact decimal like "1250.50", without grouping.')
  .meta({ id: 'Decimal', description: 'Exact decimal as text' });

/** An amount of money: at most 4 decimals, enough for every ISO 4217 currency and what the tables store. */
export const amount = z
  .string({ error: 'Give an amount as text, like "1250.50"; a JSON number is not exact.' })
  .regex(/^-?(0|[1-9]\d{0,15})(\.\d{1,4})?$/, 'Give an amount like "1250.50", without grouping.')
  .meta({ id: 'Amount', description: 'Amount of money as exact decimal text, point before the decimals' });

/** A sum of amounts, with as many digits as it needs. Only in answers, never in input. */
export const total = z
  .string()
  .regex(/^-?(0|[1-9]\d*)(\.\d{1,4})?$/)
  .meta({ id: 'Total', description: 'Sum of amounts of money as exact decimal text, point before the decimals' });

export const isDecimal = (text: string): boolean => pattern.test(text);
/** Whether a table can store it as an amount. A sum of amounts may be too long. */
export const isAmount = (text: string): boolean => amount.safeParse(text).success;
export const add = (...terms: Decimal[]): Decimal => sum(terms);
/** For any number of terms; a function call takes only so many arguments. */
export const sum = (terms: readonly Decimal[]): Decimal => terms.reduce((all, t) => all.plus(t), new D(0)).toFixed();
export const sub = (a: Decimal, b: Decimal): Decimal => new D(a).minus(b).toFixed();
export const mul = (a: Decimal, b: Decimal): Decimal => new D(a).times(b).toFixed();
export const div = (a: Decimal, b: Decimal, places: number): Decimal => new D(a).div(b).toFixed(places, D.roundHalfUp);
export const neg = (a: Decimal): Decimal => {
  const n = new D(a);
  return n.eq(0) ? '0' : n.neg().toFixed();
};
export const abs = (a: Decimal): Decimal => new D(a).abs().toFixed();
export const cmp = (a: Decimal, b: Decimal): -1 | 0 | 1 => new D(a).cmp(b) as -1 | 0 | 1;
export const isZero = (a: Decimal): boolean => new D(a).eq(0);
export const isNegative = (a: Decimal): boolean => new D(a).lt(0);
/** Rounds half away from zero, and pads to `places`. */
export const round = (a: Decimal, places: number): Decimal => {
  const text = new D(a).toFixed(places, D.roundHalfUp);
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text;
};
/** Significant digits after the point: `1.50` has 1. */
export const scale = (a: Decimal): number => (new D(a).toFixed().split('.')[1] ?? '').replace(/0+$/, '').length;
