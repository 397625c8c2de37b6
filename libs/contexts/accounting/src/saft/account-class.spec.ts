import { classOf } from './account-class.js';

describe('the class of an account', () => {
  const of = (standardId: string | null, groupingCategory: string | null = null, groupingCode: string | null = null) =>
    classOf({ standardId, groupingCategory, groupingCode } as Parameters<typeof classOf>[0]);
  it('is computed from its standard account of two or four digits', () => {
    expect(['12', '1920', '20', '2050', '24', '2400', '30', '3900', '40', '5000', '79', '80', '8050', '81', '8150', '83', '84', '85'].map((n) => of(n))).toEqual(['asset', 'asset', 'equity', 'equity', 'liability', 'liability', 'income', 'income', 'expense', 'expense', 'expense', 'income', 'income', 'expense', 'expense', 'expense', 'income', 'expense']); // prettier-ignore
  });
  it('is computed from its grouping', () => {
    expect(of(null, 'balanseverdiForOmloepsmiddel', '1500')).toBe('asset');
    expect(of(null, 'kortsiktigGjeld', '2400')).toBe('liability');
    expect(of(null, 'RF-1167', '8150')).toBe('expense');
    expect(of(null, 'RF-1167', '2000')).toBe('equity');
  });
  it('is undecided without both', () => {
    expect([of(null), of('9'), of('90'), of(null, 'NA', 'NA'), of(null, 'KOSTRA', '100')]).toEqual([null, null, null, null, null]); // prettier-ignore
  });
});
