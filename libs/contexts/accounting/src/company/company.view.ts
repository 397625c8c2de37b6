import { viewOf } from '@daybook/kernel';
import { grantView } from '@daybook/identity';
import { accountView } from '../account/account.view.js';
import { journalView } from '../journal/journal.view.js';
import { createCompany, listCompanies, readCompany } from './company.operations.js';

const here = { companyId: 'id' } as const;
export const companyView = viewOf(listCompanies, {
  columns: ['name', 'registrationNumber', 'currency', 'fiscalYearStart', 'zone'],
  labels: { registrationNumber: 'Reg. number' },
  hidden: ['fiscalYearStart', 'zone'],
  record: {
    read: readCompany,
    facts: ['registrationNumber', 'currency', 'fiscalYearStart', 'zone'],
    sections: [
      {
        kind: 'rows',
        label: 'Accounts',
        view: accountView,
        where: here,
        columns: ['number', 'name', 'class', 'balance'],
        most: 10,
        empty: 'The chart of accounts is empty.',
      },
      {
        kind: 'rows',
        label: 'Journals',
        view: journalView,
        where: here,
        columns: ['code', 'name'],
        empty: 'There are no journals yet.',
      },
      {
        kind: 'rows',
        label: 'Who has rights here',
        view: grantView,
        where: here,
        columns: ['holderName', 'role', 'companyId', 'until'],
        empty: 'Nobody has rights in this company.',
      },
    ],
  },
  actions: { create: createCompany },
  empty: 'No company yet. Create one, or import the books of your previous system.',
});
