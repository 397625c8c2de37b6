import { type Decimal, decimals, formatFigure, minorUnits, type PlainDate, isPlainDate } from '@daybook/kernel';

/* Figures of a file: text to exact decimals, and sums in minor units as bigint. */

/** xs:decimal: a sign, digits, a point; no grouping, no exponent. */
const xsDecimal = /^([+-]?)0*(\d*)(?:\.(\d*))?$/;

/** The text as a plain decimal, or null if it is not one. `+007.50` is `7.5`. */
export function parseDecimal(text: string): Decimal | null {
  const match = xsDecimal.exec(text);
  if (!match || !/\d/.test(text)) return null;
  const whole = match[2] === '' ? '0' : match[2]!;
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  const digits = fraction === '' ? whole : `${whole}.${fraction}`;
  return match[1] === '-' && digits !== '0' ? `-${digits}` : digits;
}

export type ParsedAmount = { readonly amount: Decimal } | { readonly problem: 'malformed' | 'does-not-fit' };

/** Digits before the point that an amount may have (`amount` of the kernel). */
const wholeDigits = 16;

/** An amount padded to the minor units of the currency. Never rounds: an amount that does not fit is a problem. */
export function parseAmount(text: string, places: number): ParsedAmount {
  const plain = parseDecimal(text);
  if (plain === null) return { problem: 'malformed' };
  const [whole = ''] = plain.replace('-', '').split('.');
  if (decimals.scale(plain) > places || whole.length > wholeDigits) return { problem: 'does-not-fit' };
  return { amount: decimals.round(plain, places) };
}

/** Minor units of a padded amount: `12.50` is 1250n. */
export const toMinor = (amount: Decimal): bigint => BigInt(amount.replace('.', ''));

export function fromMinor(minor: bigint, places: number): Decimal {
  const digits = (minor < 0n ? -minor : minor).toString().padStart(places + 1, '0');
  const text = places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
  return minor < 0n ? `-${text}` : text;
}
export const placesOf = minorUnits;

/** A sum as messages show it: `2 545 410,00`. */
export const inWords = (minor: bigint, places: number): string => formatFigure(fromMinor(minor, places));

/** xs:date may carry a zone; a business date has none. */
export function parseDate(text: string): PlainDate | null {
  const date = text.replace(/(Z|[+-]\d\d:\d\d)$/, '');
  return isPlainDate(date) ? date : null;
}
