import { fitsCurrency, minorUnits, toMoney } from './money.js';

describe('money', () => {
  it('knows the minor units of currencies that do not have two', () => {
    expect([minorUnits('NOK'), minorUnits('JPY'), minorUnits('KWD')]).toEqual([2, 0, 3]);
  });
  it('pads to the minor units of its currency', () => {
    expect([toMoney('5', 'NOK'), toMoney('5', 'JPY'), toMoney('5.1', 'KWD')]).toEqual(['5.00', '5', '5.100']);
  });
  it('tells an amount that does not fit its currency', () => {
    expect(fitsCurrency('0.005', 'NOK')).toBe(false);
    expect(fitsCurrency('0.5', 'JPY')).toBe(false);
    expect(fitsCurrency('10.00', 'JPY')).toBe(true);
    expect(fitsCurrency('0.005', 'KWD')).toBe(true);
  });
});
