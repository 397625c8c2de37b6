import { field, oneLineOrEmpty, record } from '@daybook/kernel';
import * as z from 'zod';

/** A company, whose books are one ledger. */
export const company = record('accounting.company', {
  one: 'company',
  many: 'companies',
  icon: 'building',
  calledBy: 'name',
  type: 'Company',
  fields: {
    name: field.text('Name', { max: 256 }),
    registrationNumber: field.own('text', 'Registration number', oneLineOrEmpty(35), { optional: true }),
    currency: field.currency('Currency', { fixed: true }),
    zone: field.own('text', 'Time zone', z.string(), {
      default: 'Europe/Oslo',
      hint: 'IANA time zone of its business days',
    }),
    fiscalYearStart: field.whole('Fiscal year', {
      min: 1,
      max: 12,
      default: 1,
      hint: 'First month of the fiscal year',
    }),
  },
});
