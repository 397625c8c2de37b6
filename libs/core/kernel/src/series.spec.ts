import { formatNumber, periodOf, series } from './series.js';

describe('the numbers of a series', () => {
  it('name the period, and a prefix and zeros where they are declared', () => {
    const plain = series('identity.review', { by: 'year' });
    expect(formatNumber(plain, periodOf(plain, '2026-12-31T23:00:00Z'), 1)).toBe('2026-1');
    const quotes = series('trade.quote', { by: 'year', prefix: 'Q', digits: 4 });
    expect(formatNumber(quotes, periodOf(quotes, '2026-01-01'), 41)).toBe('Q-2026-0041');
    expect(formatNumber(quotes, '2026', 12_345)).toBe('Q-2026-12345');
    const endless = series('trade.item', { by: 'never', prefix: 'I' });
    expect(formatNumber(endless, periodOf(endless, '2026-01-01'), 7)).toBe('I-7');
  });
});
