import { patch, projection, put, tableOf, when } from '@daybook/projections';
import * as z from 'zod';
import { companyId } from '../ledger/entry.schema.js';
import { accountAdded, accountChanged, type AccountData, importPosted } from '../ledger/ledger.events.js';
import { accountRow } from './account.operations.js';

/** `suspense`: has the opening difference of an import; reports show a notice until it is cleared. */
export const accounts = tableOf('accounts', accountRow.extend({ companyId, suspense: z.boolean() }), [
  'companyId',
  'number',
]);

const added = (companyId: string, data: AccountData, suspense = false) => {
  const { number, name, class: class_, postingAllowed } = data;
  return put(accounts, { companyId, number, name, class: class_, postingAllowed, suspense, version: 1 });
};

export const accountProjection = projection({
  name: 'accounts',
  version: 1,
  tables: [accounts],
  channels: ['accounts'],
  on: [
    when(accountAdded, ({ data }) => [added(data.companyId, data)]),
    when(accountChanged, ({ data: { companyId, number, name, class: class_, postingAllowed }, meta }) => [
      patch(accounts, { companyId, number }, { name, class: class_, postingAllowed, version: meta.record.version }),
    ]),
    when(importPosted, ({ data }) => {
      const suspense = data.openingDifference?.account;
      const isNew = data.accounts.some(({ number }) => number === suspense);
      return [
        ...data.accounts.map((account) => added(data.companyId, account, account.number === suspense)),
        ...(suspense !== undefined && !isNew
          ? [patch(accounts, { companyId: data.companyId, number: suspense }, { suspense: true })]
          : []),
      ];
    }),
  ],
});
