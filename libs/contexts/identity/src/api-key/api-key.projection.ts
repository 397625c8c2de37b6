import { patch, projection, put, remove, tableOf, when } from '@daybook/projections';
import * as z from 'zod';
import { memberDeactivated, memberReactivated } from '../member/member.events.js';
import { serviceCreated, serviceDeactivated } from '../service/service.events.js';
import { serviceRow } from '../service/service.operations.js';
import { apiKeyIssued, apiKeyRevoked } from './api-key.events.js';
import { apiKeyRow } from './api-key.operations.js';

export const serviceTable = tableOf('services', serviceRow, ['serviceId']);
export const apiKeyTable = tableOf('api_keys', apiKeyRow, ['keyId'], { indexes: [['holderId', 'keyId']] });
/** Deactivated holders: their keys do not work. */
export const deactivatedHolderTable = tableOf('deactivated_holders', z.object({ holderId: z.uuid() }), ['holderId']);

/** Service accounts and API keys for the lists. Requests are checked against the stream itself. */
export const apiKeyProjection = projection({
  name: 'api-keys',
  version: 1,
  tables: [serviceTable, apiKeyTable, deactivatedHolderTable],
  on: [
    when(serviceCreated, ({ data: { createdBy: _, ...data }, recordedAt }) => [
      put(serviceTable, { ...data, status: 'active', createdAt: recordedAt, version: 1 }),
    ]),
    when(serviceDeactivated, ({ data: { serviceId }, meta }) => [
      patch(serviceTable, { serviceId }, { status: 'deactivated', version: meta.record.version }),
      put(deactivatedHolderTable, { holderId: serviceId }),
    ]),
    when(memberDeactivated, ({ data }) => [put(deactivatedHolderTable, { holderId: data.personId })]),
    when(memberReactivated, ({ data }) => [remove(deactivatedHolderTable, { holderId: data.personId })]),
    when(apiKeyIssued, ({ data, recordedAt }) => [
      put(apiKeyTable, {
        ...data,
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
