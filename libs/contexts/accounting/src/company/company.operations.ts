import { command, currencyCode, oneLine, oneLineOrEmpty, query } from '@daybook/kernel';
import * as z from 'zod';

export const createCompany = command('accounting.company.create', {
  title: 'Create a company',
  http: 'POST /v1/accounting/companies',
  delegated: true,
  says: 'created the company {name}',
  input: z.object({
    name: oneLine(256),
    registrationNumber: oneLineOrEmpty(35).optional(),
    currency: currencyCode,
    zone: z.string().default('Europe/Oslo').describe('IANA time zone of its business days'),
    fiscalYearStart: z.int().min(1).max(12).default(1).describe('First month of the fiscal year'),
  }),
});

export const companyRow = z
  .object({
    id: z.uuid(),
    name: z.string(),
    registrationNumber: z.string().nullable(),
    currency: z.string(),
    zone: z.string(),
    fiscalYearStart: z.int(),
    version: z.int(),
  })
  .meta({ id: 'Company' });

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

export const companyCommands = [createCompany] as const;
