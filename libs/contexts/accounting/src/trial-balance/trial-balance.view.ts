import { report } from '@daybook/kernel';
import { explainFigure } from '../explain/explain.operations.js';
import { readTrialBalance } from './trial-balance.operations.js';

export const trialBalanceReport = report(readTrialBalance, {
  path: 'trial-balance',
  title: 'Trial balance',
  icon: 'scale',
  key: 'T',
  id: 'account',
  name: 'name',
  group: {
    field: 'class',
    titles: { asset: 'Assets', liability: 'Liabilities', equity: 'Equity', income: 'Income', expense: 'Expenses' },
  },
  figures: {
    opening: { label: 'Opening' },
    debit: { label: 'Debit', quiet: true },
    credit: { label: 'Credit', quiet: true },
    closing: { label: 'Closing' },
  },
  balanced: { columns: ['debit', 'credit'], says: 'debit equals credit' },
  explain: explainFigure,
  opens: 'accounts/{account}',
});
