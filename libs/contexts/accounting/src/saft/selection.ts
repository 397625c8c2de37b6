import { lastOfMonth, type PlainDate } from '@daybook/kernel';
import { parseDate } from './amount.js';
import type { DateRange, Selection, YearPeriod } from './records.js';

/** The days that a selection covers; null if it is invalid. A period is a month of a fiscal year named after its end. */
export function rangeOf(selection: Selection, fiscalYearStart: number): DateRange | null {
  const [from, to] =
    selection.kind === 'dates'
      ? [parseDate(selection.start.text), parseDate(selection.end.text)]
      : [monthOf(selection.start, fiscalYearStart), lastDay(monthOf(selection.end, fiscalYearStart))];
  return from === null || to === null || from > to ? null : { from, to };
}

/** Periods before the first and after the twelfth (openings, closings) belong to the first and last month. */
function monthOf({ period, year }: YearPeriod, fiscalYearStart: number): PlainDate | null {
  if (!/^\d{1,2}$/.test(period.text) || !/^(19|20|21)\d\d$/.test(year.text)) return null;
  const number = Math.min(12, Math.max(1, Number(period.text)));
  const months = (Number(year.text) - (fiscalYearStart > 1 ? 1 : 0)) * 12 + (fiscalYearStart - 1) + (number - 1);
  return `${Math.floor(months / 12)}-${String((months % 12) + 1).padStart(2, '0')}-01`;
}
const lastDay = (first: PlainDate | null): PlainDate | null => (first === null ? null : lastOfMonth(first));
