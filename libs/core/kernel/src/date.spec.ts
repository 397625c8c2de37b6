import fc from 'fast-check';
import {
  addDays,
  dateInZone,
  daysBetween,
  firstOfMonth,
  instant,
  isPlainDate,
  lastOfMonth,
  monthOf,
  yearOf,
} from './date.js';

const dates = fc.integer({ min: 0, max: 40_000 }).map((days) => addDays('1990-01-01', days));

describe('business dates', () => {
  it('know the last day of a month, in leap years too', () => {
    expect(lastOfMonth('2024-02-03')).toBe('2024-02-29');
    expect(lastOfMonth('2023-02-03')).toBe('2023-02-28');
    expect(firstOfMonth('2026-12-31')).toBe('2026-12-01');
  });
  it('refuse dates that do not exist', () => {
    expect(isPlainDate('2023-02-29')).toBe(false);
    expect(isPlainDate('2023-2-9')).toBe(false);
    expect(isPlainDate('2024-02-29')).toBe(true);
  });
  it('refuse years that tables cannot store: year 0, and years of three or five digits', () => {
    expect(['0000-01-01', '0999-12-31', '1000-01-01', '9999-12-31'].map(isPlainDate)).toEqual([
      false,
      false,
      true,
      true,
    ]);
    const isInstant = (text: string) => instant.safeParse(text).success;
    expect(isInstant('0000-01-01T00:00:00Z')).toBe(false);
    expect(isInstant('9999-12-31T23:59:59-01:00')).toBe(false);
    expect(isInstant('9999-12-31T23:59:59Z')).toBe(true);
  });
  it("give the date of an instant in the company's time zone", () => {
    expect(dateInZone('2026-03-31T22:30:00Z', 'Europe/Oslo')).toBe('2026-04-01');
    expect(dateInZone('2026-03-31T22:30:00Z', 'UTC')).toBe('2026-03-31');
  });
  it('add days and count them back', () => {
    fc.assert(
      fc.property(dates, fc.integer({ min: -5000, max: 5000 }), (date, days) => {
        expect(daysBetween(date, addDays(date, days))).toBe(days);
        expect(addDays(date, days) < date).toBe(days < 0);
      }),
    );
  });
  it('read year and month', () => {
    expect([yearOf('2026-03-31'), monthOf('2026-03-31')]).toEqual([2026, 3]);
  });
});
