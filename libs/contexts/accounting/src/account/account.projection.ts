import { newRow, patch, projectionOf, recordTable, remove, when } from '@daybook/projections';
import { accountEvents, accountRemoved, importPosted } from '../ledger/ledger.events.js';
import { listAccounts } from './account.operations.js';
import { account } from './account.record.js';

/** `suspense`: has the opening difference of an import; reports show a notice until it is cleared. */
export const accounts = recordTable(account, [listAccounts]);

export const accountProjection = projectionOf(accounts, accountEvents, {
  name: 'accounts',
  on: [
    when(accountRemoved, ({ data: { companyId, number } }) => [remove(accounts, { companyId, number })]),
    when(importPosted, ({ data: { companyId, accounts: added, openingDifference } }) => {
      const suspense = openingDifference?.account;
      const isNew = added.some(({ number }) => number === suspense);
      return [
        ...added.map((one) => newRow(accounts, { companyId, ...one, suspense: one.number === suspense })),
        ...(suspense !== undefined && !isNew
          ? [patch(accounts, { companyId, number: suspense }, { suspense: true })]
          : []),
      ];
    }),
  ],
});
