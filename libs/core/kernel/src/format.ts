import { type Decimal, isNegative, isZero, round } from './decimal.js';
import { minorUnits } from './money.js';

/*
 * Formats values for people. Works on decimal text, and never on JS numbers. Groups are separated by U+00A0, and the minus is
 * U+2212: the bundled Inter font has both, while U+202F (which `Intl` writes for French) and a hyphen break the alignment.
 */
export type NumberForm = '1 234,50' | '1,234.50' | '1.234,50';
export const numberForms: readonly NumberForm[] = ['1 234,50', '1,234.50', '1.234,50'];
export type NegativeForm = 'minus' | 'brackets';

const separators: Readonly<Record<NumberForm, readonly [group: string, point: string]>> = {
  '1 234,50': ['\u00a0', ','],
  '1,234.50': [',', '.'],
  '1.234,50': ['.', ','],
};
export const minus = '\u2212';

/** A number in the parts that the console styles: decimals are quieter, signs hang outside. */
export interface FigureParts {
  readonly sign: string;
  readonly whole: string;
  /** Decimal separator and decimals; empty for whole numbers. */
  readonly fraction: string;
  readonly close: string;
}

const group = (digits: string, separator: string): string => digits.replace(/\B(?=(\d{3})+$)/g, separator);

export function figureParts(
  value: Decimal,
  form: NumberForm = '1 234,50',
  options: { places?: number; negative?: NegativeForm; plus?: boolean } = {},
): FigureParts {
  const exact = options.places === undefined ? value : round(value, options.places);
  const negative = isNegative(exact);
  const [whole = '0', decimals] = (negative ? exact.slice(1) : exact).split('.');
  const [separator, point] = separators[form];
  const brackets = negative && options.negative === 'brackets';
  const plus = options.plus === true && !negative && !isZero(exact);
  return {
    sign: brackets ? '(' : negative ? minus : plus ? '+' : '',
    whole: group(whole, separator),
    fraction: decimals === undefined ? '' : point + decimals,
    close: brackets ? ')' : '',
  };
}

export function formatFigure(value: Decimal, form?: NumberForm, options?: Parameters<typeof figureParts>[2]): string {
  const { sign, whole, fraction, close } = figureParts(value, form, options);
  return sign + whole + fraction + close;
}
/** Money with the minor units of its currency: `53 500,00`; JPY has none, KWD has three. */
export const formatMoney = (
  value: Decimal,
  currency: string,
  form?: NumberForm,
  options: { negative?: NegativeForm; plus?: boolean } = {},
): string => formatFigure(value, form, { ...options, places: minorUnits(currency) });

/** `15,3 %`, with one decimal unless it is whole (`25 %`). */
export const formatPercent = (value: Decimal, form?: NumberForm): string => {
  const text = round(value, 1);
  return `${formatFigure(text.endsWith('.0') ? text.slice(0, -2) : text, form)}\u00a0%`;
};
/** Counts and positions: `48 213`. */
export const formatCount = (value: string | number | bigint, form: NumberForm = '1 234,50'): string =>
  formatFigure(String(value), form);

/**
 * Parses an amount as people type it; null when it is not one. Accepts every form, `−`, spaces and brackets. The last of `.`
 * and `,` is the decimal separator, unless it can only be a group separator.
 */
export function parseFigure(text: string, form: NumberForm = '1 234,50'): Decimal | null {
  let clean = text.replace(/[\s\u00a0\u202f']/g, '').replace(/[\u2212\u2013]/g, '-');
  const bracketed = /^\((.*)\)$/.exec(clean);
  if (bracketed?.[1] !== undefined) clean = `-${bracketed[1]}`;
  const point = separators[form][1];
  const other = point === ',' ? '.' : ',';
  const last = Math.max(clean.lastIndexOf('.'), clean.lastIndexOf(','));
  if (last >= 0) {
    const sign = clean[last] as string;
    const after = clean.length - last - 1;
    const repeated = clean.indexOf(sign) !== last;
    const isPoint = !repeated && (sign === point || after !== 3 || !/^-?\d{1,3}$/.test(clean.slice(0, last)));
    const whole = (isPoint ? clean.slice(0, last) : clean).replaceAll(point, '').replaceAll(other, '');
    clean = isPoint ? `${whole}.${clean.slice(last + 1)}` : whole;
  }
  if (!/^-?\d*(\.\d*)?$/.test(clean) || !/\d/.test(clean)) return null;
  const negative = clean.startsWith('-');
  const [whole = '', decimals = ''] = (negative ? clean.slice(1) : clean).split('.');
  const value = `${whole.replace(/^0+(?=\d)/, '') || '0'}${decimals === '' ? '' : `.${decimals}`}`;
  return negative && !isZero(value) ? `-${value}` : value;
}

const months = [
  'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December',
] as const; // prettier-ignore

export const monthName = (month: number): string => months[month - 1] ?? String(month);
/** `31 Mar 2026` in tables, `31 March 2026` in sentences. */
export function formatDate(date: string, style: 'short' | 'long' = 'short'): string {
  const [year = '', month = '', day = ''] = date.slice(0, 10).split('-');
  const name = monthName(Number(month));
  return `${Number(day)}\u00a0${style === 'short' ? name.slice(0, 3) : name}\u00a0${year}`;
}
/** `1 Jan – 30 Apr 2026`; the year is written once when both days have the same. */
export function formatRange(from: string, to: string, style: 'short' | 'long' = 'short'): string {
  const first = formatDate(from, style);
  const start = from.slice(0, 4) === to.slice(0, 4) ? first.slice(0, -5) : first;
  return from === to ? formatDate(to, style) : `${start} – ${formatDate(to, style)}`;
}

const partsInZone = (instant: string, zone: string): Record<string, string> =>
  Object.fromEntries(
    new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    })
      .formatToParts(new Date(instant))
      .map(({ type, value }) => [type, value]),
  );
/** The time in a zone: `09:12:41`. */
export function formatTime(instant: string, zone: string, seconds = true): string {
  const { hour, minute, second } = partsInZone(instant, zone);
  return `${hour}:${minute}${seconds ? `:${second}` : ''}`;
}
/** Date and time in a zone: `9 Apr 2026 09:12:41`. */
export function formatInstant(instant: string, zone: string, seconds = true): string {
  const { year, month, day } = partsInZone(instant, zone);
  return `${formatDate(`${year}-${month}-${day}`)} ${formatTime(instant, zone, seconds)}`;
}
/** `3 ms`, `12 s`, `3 h 12 min`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
/** Cuts a text to a length, and never within a surrogate pair: half of one is not valid text. */
export const truncate = (text: string, most: number): string =>
  text.length <= most ? text : text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '');
/** Shortens ids and hashes to `9f2c41…77d0`; the console shows the whole one on focus, and copies it. */
export const shortHash = (text: string): string => (text.length <= 12 ? text : `${text.slice(0, 6)}…${text.slice(-4)}`);
/** `184 kB`, in steps of 1000. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit > 0 && value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} ${units[unit]}`.replace('.', ',');
}
/** Initials of a person or a company: `IS` for `Ingrid Solbakken`. */
export const initials = (name: string): string => {
  const words = name.split(/[\s.@-]+/).filter((word) => /^\p{L}/u.test(word));
  const picked =
    words.length > 1 ? [words[0], words[words.length === 3 && words[2] === 'AS' ? 1 : words.length - 1]] : words;
  return picked.map((word) => (word?.[0] ?? '').toUpperCase()).join('') || '?';
};
