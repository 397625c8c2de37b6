import { projection, put, tableOf, when } from '@daybook/projections';
import { companyCreated, type CompanyData, importPosted } from '../ledger/ledger.events.js';
import { companyRow } from './company.operations.js';

export const companies = tableOf('companies', companyRow, ['id']);

const made = (companyId: string, { name, registrationNumber, currency, zone, fiscalYearStart }: CompanyData) =>
  put(companies, { id: companyId, name, registrationNumber, currency, zone, fiscalYearStart, version: 1 });

export const companyProjection = projection({
  name: 'companies',
  version: 1,
  tables: [companies],
  channels: ['companies'],
  on: [
    when(companyCreated, ({ data }) => [made(data.companyId, data)]),
    when(importPosted, ({ data }) => (data.company ? [made(data.companyId, data.company)] : [])),
  ],
});
