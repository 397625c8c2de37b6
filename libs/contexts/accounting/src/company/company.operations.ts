import { create, listOf, readOf } from '@daybook/kernel';
import { company } from './company.record.js';

export const createCompany = create(company, { delegated: true });
export const companyCommands = [createCompany] as const;

/** Who has rights in single companies sees those (company.projection.ts). */
const seen = { delegated: true, scope: 'caller' } as const;
export const listCompanies = listOf(company, {
  text: ['name', 'registrationNumber'],
  filters: ['currency'],
  sorts: ['name', 'registrationNumber', 'currency'],
  // The console offers all of them to choose from.
  whole: true,
  ...seen,
});
export const readCompany = readOf(company, seen);
