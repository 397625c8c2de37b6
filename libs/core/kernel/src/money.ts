import * as z from 'zod';
import { type Decimal, round, scale } from './decimal.js';

/** ISO 4217 minor units that are not 2 (list one of the standard, active codes). */
const minorUnitsExceptTwo: Readonly<Record<string, number>> = {
  BHD: 3, BIF: 0, CLF: 4, CLP: 0, DJF: 0, GNF: 0, IQD: 3, ISK: 0, JOD: 3, JPY: 0, KMF: 0, KRW: 0, KWD: 3, LYD: 3,
  OMR: 3, PYG: 0, RWF: 0, TND: 3, UGX: 0, UYI: 0, UYW: 4, VND: 0, VUV: 0, XAF: 0, XOF: 0, XPF: 0,
}; // prettier-ignore

export const currencyCode = z
  .string()
  .regex(/^[A-Z]{3}$/, 'Give the three letters of ISO 4217, like NOK.')
  .meta({ id: 'CurrencyCode', description: 'ISO 4217 currency code' });

export const minorUnits = (currency: string): number => minorUnitsExceptTwo[currency] ?? 2;

/** Does the amount fit the currency's minor units? 0.005 NOK does not. */
export const fitsCurrency = (amount: Decimal, currency: string): boolean => scale(amount) <= minorUnits(currency);

/** Padded to the currency's minor units: `5` NOK is `5.00`. Rounds half away from zero when it must. */
export const toMoney = (amount: Decimal, currency: string): Decimal => round(amount, minorUnits(currency));
