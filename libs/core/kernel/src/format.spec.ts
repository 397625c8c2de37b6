import {
  truncate, figureParts, formatBytes, formatCount, formatDate, formatDuration, formatFigure, formatInstant, formatMoney,
  formatPercent, formatRange, formatTime, initials, parseFigure, shortHash,
} from './format.js'; // prettier-ignore

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('a truncated text', () => {
  it('never ends within a character', () => {
    expect(truncate('abc', 3)).toBe('abc');
    expect(truncate('abcd', 3)).toBe('abc');
    expect(truncate('ab🧾d', 3)).toBe('ab');
    expect(truncate('ab🧾d', 4)).toBe('ab🧾');
  });
});

describe('formatting for people', () => {
  it('groups thousands exactly, beyond the precision of JS numbers', () => {
    expect(plain(formatFigure('12345678901234567.89'))).toBe('12 345 678 901 234 567,89');
    expect(formatFigure('1234.50', '1,234.50')).toBe('1,234.50');
    expect(formatFigure('1234567', '1.234,50')).toBe('1.234.567');
  });
  it('writes a minus as U+2212, or brackets for those who chose them', () => {
    expect(plain(formatMoney('-4489.15', 'NOK'))).toBe('−4 489,15');
    expect(plain(formatMoney('-4489.15', 'NOK', '1 234,50', { negative: 'brackets' }))).toBe('(4 489,15)');
    expect(plain(formatMoney('4660', 'NOK', '1 234,50', { plus: true }))).toBe('+4 660,00');
  });
  it('pads to the minor units of the currency', () => {
    expect(formatMoney('5', 'NOK')).toBe('5,00');
    expect(formatMoney('5', 'JPY')).toBe('5');
    expect(formatMoney('5', 'KWD')).toBe('5,000');
  });
  it('splits a number into the parts that the console styles', () => {
    expect(figureParts('-1234.5', '1 234,50', { places: 2 })).toEqual({
      sign: '−',
      whole: '1\u00a0234',
      fraction: ',50',
      close: '',
    });
  });
  it('writes percentages, counts, hashes and sizes', () => {
    expect(plain(formatPercent('15.28'))).toBe('15,3 %');
    expect(plain(formatPercent('25'))).toBe('25 %');
    expect(plain(formatCount(48213))).toBe('48 213');
    expect(shortHash('9f2c41aaaaaaaaaaaaaa77d0')).toBe('9f2c41…77d0');
    expect(formatBytes(184_212)).toBe('184 kB');
    expect(formatBytes(1_900_000_000)).toBe('1,9 GB');
  });
  it("writes dates, ranges and instants in the company's time zone", () => {
    expect(plain(formatDate('2026-03-31'))).toBe('31 Mar 2026');
    expect(plain(formatDate('2026-03-31', 'long'))).toBe('31 March 2026');
    expect(plain(formatRange('2026-01-01', '2026-04-30'))).toBe('1 Jan – 30 Apr 2026');
    expect(plain(formatRange('2025-12-01', '2026-04-30'))).toBe('1 Dec 2025 – 30 Apr 2026');
    expect(plain(formatInstant('2026-04-09T07:12:41Z', 'Europe/Oslo'))).toBe('9 Apr 2026 09:12:41');
    expect(formatTime('2026-12-31T23:30:00Z', 'Europe/Oslo', false)).toBe('00:30');
    expect(formatDuration(60_480_000)).toBe('16 h 48 min');
  });
  it('parses what it wrote, in every form, and what people type', () => {
    for (const value of ['1234.50', '-4489.15', '0', '12345678901234567.89']) {
      expect(parseFigure(formatFigure(value, '1 234,50'), '1 234,50')).toBe(value);
      expect(parseFigure(formatFigure(value, '1,234.50'), '1,234.50')).toBe(value);
      expect(parseFigure(formatFigure(value, '1.234,50'), '1.234,50')).toBe(value);
    }
    expect(parseFigure('10.000', '1 234,50')).toBe('10000');
    expect(parseFigure('10.50', '1 234,50')).toBe('10.50');
    expect(parseFigure('10000,5')).toBe('10000.5');
    expect(parseFigure('(12,50)')).toBe('-12.50');
    expect(parseFigure('12a')).toBeNull();
    expect(parseFigure('')).toBeNull();
  });
  it('makes initials of people and companies', () => {
    expect(initials('Ingrid Solbakken')).toBe('IS');
    expect(initials('Nordlys Kaffe AS')).toBe('NK');
    expect(initials('')).toBe('?');
  });
});
