import { change, projection, remove, tableOf, when } from '@daybook/projections';
import { providerRemoved, providerSet } from './provider.events.js';
import { providerRow } from './provider.operations.js';

export const providerTable = tableOf('providers', providerRow, ['providerId']);

/** By whom members of the tenant may sign in. */
export const providers = projection({
  name: 'providers',
  version: 3,
  tables: [providerTable],
  on: [
    when(providerSet, ({ data, meta, recordedAt }) => [
      change(providerTable, { providerId: data.providerId }, (before) => ({
        ...data,
        emailClaim: data.emailClaim ?? 'email',
        trustsAddresses: data.trustsAddresses ?? false,
        since: before?.since ?? recordedAt,
        version: meta.record.version,
      })),
    ]),
    when(providerRemoved, ({ data }) => [remove(providerTable, { providerId: data.providerId })]),
  ],
  views: ['providers'],
});
