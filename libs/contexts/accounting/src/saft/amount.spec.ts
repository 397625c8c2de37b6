import fc from 'fast-check';
import { fromMinor, inWords, parseAmount, parseDecimal, toMinor } from './amount.js';

describe('amounts', () => {
  it('must be xs:decimal', () => {
    expect(['1', '+1', '-0', '007.50', '.5', '5.', '-1.10'].map(parseDecimal)).toEqual([
      '1',
      '1',
      '0',
      '7.5',
      '0.5',
      '5',
      '-1.1',
    ]);
    expect(['', '.', '-', '1e5', '1,5', '0x1', 'NaN', '1 000', '١'].map(parseDecimal)).toEqual(Array(9).fill(null));
  });
  it('are unchanged after conversion to minor units and back', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 16n) + 1n, max: 10n ** 16n - 1n }),
        fc.integer({ min: 0, max: 4 }),
        (minor, places) => {
          const text = fromMinor(minor, places);
          const parsed = parseAmount(text, places);
          expect('amount' in parsed && toMinor(parsed.amount)).toBe(minor);
        },
      ),
    );
    expect(inWords(-254541000n, 2)).toBe('\u22122\u00a0545\u00a0410,00');
    expect(inWords(-35n, 2)).toBe('\u22120,35');
    expect(inWords(1234567n, 0)).toBe('1\u00a0234\u00a0567');
  });
});
