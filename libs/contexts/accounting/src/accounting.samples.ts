import { sample } from '@daybook/kernel';
import { addAccount } from './account/account.operations.js';
import { createCompany } from './company/company.operations.js';
import { postEntry } from './entry/entry.operations.js';
import { addJournal } from './journal/journal.operations.js';

/** In the books alone: in no grant, so that its guard is seen by itself. */
const customer = 'CUST-10099';

const account = (number: string) =>
  sample(addAccount, 'Accountant', ({ mark, known }) => ({
    companyId: known('companyId'),
    number,
    name: `Account ${mark}`,
    class: 'asset' as const,
  }));

/** A company with an entry between a supplier whom the harness has as a user, and a customer. */
export const samples = [
  sample(createCompany, 'Accountant', ({ mark }) => ({ name: `Company ${mark}`, currency: 'NOK' }), {
    keeps: 'companyId',
  }),
  account('1920'),
  account('3000'),
  sample(addJournal, 'Accountant', ({ mark, known }) => ({
    companyId: known('companyId'),
    code: 'GL',
    name: `Journal ${mark}`,
  })),
  sample(
    postEntry,
    'Accountant',
    ({ mark, known }) => ({
      companyId: known('companyId'),
      journal: 'GL',
      date: '2026-03-31',
      description: `Entry ${mark}`,
      lines: [
        {
          ...{ account: '1920', side: 'debit' as const, amount: '10.00', description: `Line ${mark}` },
          party: { type: 'supplier' as const, id: known('supplier') },
        },
        {
          account: '3000',
          side: 'credit' as const,
          amount: '10.00',
          party: { type: 'customer' as const, id: customer },
        },
      ],
    }),
    { keeps: 'entryId', guarded: ({ mark }) => [`Entry ${mark}`, `Line ${mark}`, customer] },
  ),
];
