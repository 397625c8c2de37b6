import { isPlainDate, type PlainDate } from '@daybook/kernel';

/*
 * How the values of a column are written: one reading for the whole column. A value that can be read in one form only decides
 * for all; if nothing decides, somebody is asked; if no form fits all of them, it is said which rows disagree. A value that no
 * form fits is refused by its row, and decides nothing.
 */
export type Reading<F extends string> =
  | { readonly kind: 'known'; readonly form: F }
  /** Several forms fit every value, and read some of them differently. */
  | { readonly kind: 'ask'; readonly forms: readonly F[] }
  /** By form, the values that it does not fit: their places in the column, from 0. */
  | { readonly kind: 'contradiction'; readonly against: Readonly<Record<F, readonly number[]>> };

/** The first of the forms is taken where all read the same. */
function readingOf<F extends string>(
  values: readonly string[],
  forms: readonly [F, ...F[]],
  read: (value: string, form: F) => string | null,
): Reading<F> {
  const readings = values.map((value) => forms.map((form) => read(value.trim(), form)));
  const against = Object.fromEntries(
    forms.map((form, of) => [
      form,
      readings.flatMap((by, at) => (by[of] === null && by.some((one) => one !== null) ? [at] : [])),
    ]),
  ) as Record<F, number[]>;
  const fitting = forms.filter((form) => against[form].length === 0);
  if (fitting.length === 0) return { kind: 'contradiction', against };
  const differ = readings.some((by) => new Set(fitting.map((form) => by[forms.indexOf(form)])).size > 1);
  return differ ? { kind: 'ask', forms: fitting } : { kind: 'known', form: fitting[0]! };
}

// ── dates ─────────────────────────────────────────────────────────────────────────────────────────────────
/** Day first, or month first; with four digits of the year in front both are read the same. */
export type DateForm = 'day-first' | 'month-first';

const yearFirst = /^(\d{4})([-./])(\d{1,2})\2(\d{1,2})$/;
const yearLast = /^(\d{1,2})([-./ ])(\d{1,2})\2(\d{4})$/;

/** A date that somebody may have meant, also one that does not exist: 31 November. */
function meantDate(text: string, form: DateForm): string | null {
  const [, front, , middle, end] = yearFirst.exec(text) ?? [];
  const [, first, sign, second, back] = yearLast.exec(text) ?? [];
  // Nobody writes the month first with dots.
  if (sign === '.' && form === 'month-first') return null;
  const [year, month, day] = front ? [front, middle, end] : form === 'day-first' ? [back, second, first] : [back, first, second]; // prettier-ignore
  if (year === undefined || month === undefined || day === undefined) return null;
  const isMeant = Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= 31;
  return isMeant ? `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}` : null;
}

export const dateReading = (values: readonly string[]): Reading<DateForm> =>
  readingOf(values, ['day-first', 'month-first'], meantDate);

/** The business date; null for one that does not exist, and for what is no date. Years have four digits. */
export function dateOf(text: string, form: DateForm): PlainDate | null {
  const meant = meantDate(text.trim(), form);
  return meant !== null && isPlainDate(meant) ? meant : null;
}

// ── decimals ──────────────────────────────────────────────────────────────────────────────────────────────
export type DecimalForm = 'point' | 'comma';

const groupedBy = (groups: string, point: string): RegExp =>
  new RegExp(`^([-+\\u2212]?)(\\d{1,3}(?:([ \\u00a0\\u202f${groups}])\\d{3}(?:\\3\\d{3})*)?|\\d+)(?:${point}(\\d+))?$`);
const grouped: Readonly<Record<DecimalForm, RegExp>> = { point: groupedBy(",'", '\\.'), comma: groupedBy(".'", ',') };

/** The exact decimal; null for what is none in this form. Thousands may be grouped, by threes and one sign throughout. */
export function decimalOf(text: string, form: DecimalForm): string | null {
  const [, sign = '', whole, group = '', decimals] = grouped[form].exec(text.trim()) ?? [];
  if (whole === undefined) return null;
  const digits = (group === '' ? whole : whole.replaceAll(group, '')).replace(/^0+(?=\d)/, '');
  const value = decimals === undefined ? digits : `${digits}.${decimals}`;
  return (sign === '-' || sign === '\u2212') && /[1-9]/.test(value) ? `-${value}` : value;
}

export const decimalReading = (values: readonly string[]): Reading<DecimalForm> =>
  readingOf(values, ['point', 'comma'], decimalOf);
