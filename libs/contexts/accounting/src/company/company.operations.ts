import { create, query, rowOf } from '@daybook/kernel';
import * as z from 'zod';
import { company } from './company.record.js';

export const createCompany = create(company, { delegated: true });
export const companyCommands = [createCompany] as const;

export const companyRow = rowOf(company);
export const listCompanies = query('accounting.company.list', {
  title: 'List companies',
  http: 'GET /v1/accounting/companies',
  delegated: true,
  permission: 'accounting.company.read',
  scope: 'caller',
  input: z.object({}),
  output: z.object({ items: z.array(companyRow) }),
  rows: 'items',
});
