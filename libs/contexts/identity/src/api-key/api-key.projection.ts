import { patch, patchAll, projection, put, tableOf, when } from '@daybook/projections';
import * as z from 'zod';
import { memberDeactivated, memberReactivated } from '../member/member.events.js';
import { serviceCreated, serviceDeactivated } from '../service/service.events.js';
import { serviceRow } from '../service/service.operations.js';
import { apiKeyIssued, apiKeyRevoked } from './api-key.events.js';
import { apiKeyRow } from './api-key.operations.js';

export const serviceTable = tableOf('services', serviceRow, ['serviceId']);
/** The keys of a deactivated holder do not work. */
export const apiKeyTable = tableOf('api_keys', apiKeyRow.extend({ holderDeactivated: z.boolean() }), ['keyId'], {
  indexes: [['holderId', 'keyId']],
});
const keysOf = (holderId: string, holderDeactivated: boolean) =>
  patchAll(apiKeyTable, { holderId }, { holderDeactivated });

/** Service accounts and API keys for the lists. Requests are checked against the stream itself. */
export const apiKeyProjection = projection({
  name: 'api-keys',
  version: 2,
  tables: [serviceTable, apiKeyTable],
  on: [
    when(serviceCreated, ({ data: { createdBy: _, ...data }, recordedAt }) => [
      put(serviceTable, { ...data, status: 'active', createdAt: recordedAt, version: 1 }),
    ]),
    when(serviceDeactivated, ({ data: { serviceId }, meta }) => [
      patch(serviceTable, { serviceId }, { status: 'deactivated', version: meta.record.version }),
      keysOf(serviceId, true),
    ]),
    when(memberDeactivated, ({ data }) => [keysOf(data.personId, true)]),
    when(memberReactivated, ({ data }) => [keysOf(data.personId, false)]),
    when(apiKeyIssued, ({ data, recordedAt }) => [
      put(apiKeyTable, {
        ...data,
        holderDeactivated: false,
        issuedAt: recordedAt,
        revokedAt: null,
        revokedReason: null,
        version: 1,
      }),
    ]),
    when(apiKeyRevoked, ({ data: { keyId, reason }, recordedAt, meta }) => [
      patch(apiKeyTable, { keyId }, { revokedAt: recordedAt, revokedReason: reason, version: meta.record.version }),
    ]),
  ],
  channels: ['services', 'api-keys'],
});
