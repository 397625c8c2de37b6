import { field, record } from '@daybook/kernel';
import { accountClass, accountNumber } from '../ledger/entry.schema.js';

const classes = { asset: 'Asset', liability: 'Liability', equity: 'Equity', income: 'Income', expense: 'Expense' };

/** An account of a company's chart. */
export const account = record('accounting.account', {
  one: 'account',
  many: 'accounts',
  icon: 'book-open',
  key: 'C',
  calledBy: 'name',
  within: 'company',
  id: 'number',
  type: 'Account',
  fields: {
    number: field.own('code', 'Number', accountNumber, { fixed: true }),
    name: field.text('Name', { max: 256 }),
    class: field.own('choice', 'Class', accountClass, {}, classes),
    postingAllowed: field.yesNo('Posting allowed', { default: true, hint: 'Off for a heading.' }),
    custom: field.custom(),
    suspense: field.yesNo('Suspense', {
      given: true,
      default: false,
      hint: 'Has the opening difference of an import.',
    }),
    balance: field.money('Balance', { computed: true, in: 'company', hint: 'Debit positive.' }),
  },
});
