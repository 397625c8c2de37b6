import fc from 'fast-check';
import { amount, decimal } from './decimal.js';
import * as decimals from './decimal.js';

/** Any amount that the tables can store. */
const amounts = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 15n }), fc.integer({ min: 0, max: 9999 }))
  .map(([minus, whole, part]) => `${minus ? '-' : ''}${whole}.${String(part).padStart(4, '0')}`);

describe('exact decimals', () => {
  it('add without binary rounding errors', () => {
    expect(decimals.add('0.1', '0.2')).toBe('0.3');
    expect(decimals.add('34.80', '-34.80')).toBe('0');
    expect(decimals.add('9999999999999999.9999', '0.0001')).toBe('10000000000000000');
  });

  it('add up more terms than a function takes arguments', () => {
    expect(decimals.sum(Array.from({ length: 200_000 }, () => '0.10'))).toBe('20000');
    expect(decimals.sum([])).toBe('0');
  });

  it('round half away from zero, on both sides', () => {
    expect(decimals.round('0.125', 2)).toBe('0.13');
    expect(decimals.round('-0.125', 2)).toBe('-0.13');
    expect(decimals.round('2.5', 0)).toBe('3');
    expect(decimals.round('-2.5', 0)).toBe('-3');
    expect(decimals.round('-0.001', 2)).toBe('0.00');
    expect(decimals.div('2', '3', 4)).toBe('0.6667');
  });

  it('never write a negative zero', () => {
    expect(decimals.neg('0.00')).toBe('0');
    expect(decimals.mul('-1', '0')).not.toBe('-0');
  });

  it('count significant decimals', () => {
    expect([decimals.scale('1.50'), decimals.scale('1'), decimals.scale('0.0001')]).toEqual([1, 0, 4]);
  });

  it.each(['1,50', '1 000', '1e3', '', '.5', '01', '1.', 'NaN', '+1'])('refuse %p', (text) => {
    expect(decimal.safeParse(text).success).toBe(false);
  });

  it('refuse a JSON number, and say why', () => {
    const answer = amount.safeParse(1.5);
    expect(answer.error?.issues[0]?.message).toMatch(/as text/);
  });

  it('sum to the same in any order, and subtract to zero', () => {
    fc.assert(
      fc.property(fc.array(amounts, { minLength: 1, maxLength: 40 }), (terms) => {
        const sum = decimals.add(...terms);
        expect(decimals.cmp(decimals.add(...terms.toReversed()), sum)).toBe(0);
        expect(decimals.isZero(decimals.sub(sum, sum))).toBe(true);
        expect(decimals.isZero(decimals.add(sum, decimals.neg(sum)))).toBe(true);
      }),
    );
  });

  it('do not change when rounded again to the same places', () => {
    fc.assert(
      fc.property(amounts, fc.integer({ min: 0, max: 4 }), (a, places) => {
        const once = decimals.round(a, places);
        expect(decimals.round(once, places)).toBe(once);
      }),
    );
  });
  it('allow more digits in a sum than in an amount', () => {
    const most = '9999999999999999.9999';
    const sum = decimals.add(most, most);
    expect([decimals.isAmount(most), decimals.isAmount(sum)]).toEqual([true, false]);
    expect([decimals.total.safeParse(sum).success, decimals.total.safeParse('1e5').success]).toEqual([true, false]);
  });
});
