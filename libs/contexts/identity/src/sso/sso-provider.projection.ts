import { change, projection, remove, tableOf, when } from '@daybook/projections';
import { ssoProviderRemoved, ssoProviderSet } from './sso-provider.events.js';
import { ssoProviderRow } from './sso-provider.operations.js';

export const ssoProviderTable = tableOf('sso_providers', ssoProviderRow, ['providerId']);

/** The SSO providers of the tenant. */
export const ssoProviderProjection = projection({
  name: 'sso-providers',
  version: 3,
  tables: [ssoProviderTable],
  on: [
    when(ssoProviderSet, ({ data, meta, recordedAt }) => [
      change(ssoProviderTable, { providerId: data.providerId }, (before) => ({
        ...data,
        emailClaim: data.emailClaim ?? 'email',
        trustsAddresses: data.trustsAddresses ?? false,
        since: before?.since ?? recordedAt,
        version: meta.record.version,
      })),
    ]),
    when(ssoProviderRemoved, ({ data }) => [remove(ssoProviderTable, { providerId: data.providerId })]),
  ],
  channels: ['sso-providers'],
});
