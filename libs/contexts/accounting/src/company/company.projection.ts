import { newRow, projectionOf, recordTable, when } from '@daybook/projections';
import { companyCreated, importPosted } from '../ledger/ledger.events.js';
import { listCompanies } from './company.operations.js';
import { company } from './company.record.js';

export const companies = recordTable(company, [listCompanies], { company: 'id' });

export const companyProjection = projectionOf(companies, [companyCreated], {
  name: 'companies',
  on: [
    when(importPosted, ({ data: { companyId: id, company: brought } }) =>
      brought ? [newRow(companies, { id, ...brought })] : [],
    ),
  ],
});
