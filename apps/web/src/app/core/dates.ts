import { addDays, instantInZone, isPlainDate, lastOfMonth, monthOf, yearOf } from '@daybook/kernel';

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const two = (n: number): string => String(n).padStart(2, '0');
const make = (year: number, month: number, day: number): string | null => {
  const text = `${year}-${two(month)}-${two(day)}`;
  return isPlainDate(text) ? text : null;
};

/** Today in a zone. */
export const today = (zone: string, at: Date = new Date()): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(at);

/**
 * A date as people type it: `t` today, `-1` yesterday, `15` the 15th of this month, `153` and `1503` the
 * 15th of March, `m` the month's end, `q1` the quarter's end, `31.3.26`, `31 Mar 2026`, `2026-03-31`. null: none of these.
 */
export function parseDate(text: string, on: string): string | null {
  const typed = text
    .trim()
    .toLowerCase()
    .replace(/\u00a0/g, ' ');
  if (typed === 't') return on;
  if (typed === 'm') return lastOfMonth(on);
  if (/^[+-]\d{1,4}$/.test(typed)) return addDays(on, Number(typed));
  const quarter = /^q([1-4])$/.exec(typed)?.[1];
  if (quarter !== undefined) return lastOfMonth(`${yearOf(on)}-${two(Number(quarter) * 3)}-01`);
  if (isPlainDate(typed)) return typed;
  const numbers = /^(\d{1,2})[./ -](\d{1,2})(?:[./ -](\d{2}|\d{4}))?\.?$/.exec(typed);
  if (numbers) return make(fullYear(numbers[3], on), Number(numbers[2]), Number(numbers[1]));
  const named = /^(\d{1,2})\.? ?([a-z]{3,9})\.?(?: (\d{2}|\d{4}))?$/.exec(typed);
  if (named)
    return make(fullYear(named[3], on), monthNames.indexOf((named[2] ?? '').slice(0, 3)) + 1, Number(named[1]));
  const digits = /^\d{1,8}$/.test(typed) ? typed : null;
  if (digits === null) return null;
  if (digits.length <= 2) return make(yearOf(on), monthOf(on), Number(digits));
  const day = Number(digits.slice(0, 2));
  if (digits.length === 3) return make(yearOf(on), Number(digits.slice(2)), day);
  return make(fullYear(digits.slice(4) || undefined, on), Number(digits.slice(2, 4)), day);
}
const fullYear = (text: string | undefined, on: string): number =>
  text === undefined || text === '' ? yearOf(on) : text.length === 2 ? 2000 + Number(text) : Number(text);

/**
 * A moment as typed: a trail number, a log position as programs write it (`position:7`), an RFC 3339 instant, or a date
 * with an optional time in the company's zone.
 */
export function parseMoment(text: string, on: string, zone: string): string | null {
  const typed = text.trim().replace(/\u00a0/g, ' ');
  const digits = typed.replace(/ /g, '');
  if (/^(position:)?\d{1,19}$/.test(digits)) return digits;
  if (/^\d{4}-\d\d-\d\dT.+(Z|[+-]\d\d:\d\d)$/.test(typed) && !Number.isNaN(Date.parse(typed))) return typed;
  const parts = /^(.*?)(?:[ ,T]+(\d{1,2}):(\d\d)(?::(\d\d))?)?$/.exec(typed);
  const date = parseDate(parts?.[1] ?? '', on);
  if (date === null || parts === null) return null;
  const time = parts[2] === undefined ? '23:59:59.999' : `${parts[2].padStart(2, '0')}:${parts[3]}:${parts[4] ?? '00'}`;
  return instantInZone(date, time, zone);
}
