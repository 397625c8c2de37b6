import { patch, projection, put, remove, tableOf, when } from '@daybook/projections';
import * as z from 'zod';
import { memberDeactivated, memberReactivated } from '../member/member.events.js';
import { serviceCreated, serviceDeactivated } from '../service/service.events.js';
import { serviceRow } from '../service/service.operations.js';
import { keyIssued, keyRevoked } from './key.events.js';
import { keyRow } from './key.operations.js';

export const serviceTable = tableOf('services', serviceRow, ['serviceId']);
export const keyTable = tableOf('api_keys', keyRow, ['keyId'], { indexes: [['holderId', 'keyId']] });
/** Holders whose keys are dead as long as they stand here. */
export const deadHolderTable = tableOf('dead_holders', z.object({ holderId: z.uuid() }), ['holderId']);

/** Service accounts and keys, as the lists show them; requests are judged by the stream itself. */
export const keys = projection({
  name: 'keys',
  version: 1,
  tables: [serviceTable, keyTable, deadHolderTable],
  on: [
    when(serviceCreated, ({ data: { createdBy: _, ...data }, recordedAt }) => [
      put(serviceTable, { ...data, status: 'active', createdAt: recordedAt, version: 1 }),
    ]),
    when(serviceDeactivated, ({ data: { serviceId }, meta }) => [
      patch(serviceTable, { serviceId }, { status: 'deactivated', version: meta.record.version }),
      put(deadHolderTable, { holderId: serviceId }),
    ]),
    when(memberDeactivated, ({ data }) => [put(deadHolderTable, { holderId: data.personId })]),
    when(memberReactivated, ({ data }) => [remove(deadHolderTable, { holderId: data.personId })]),
    when(keyIssued, ({ data, recordedAt }) => [
      put(keyTable, {
        ...data,
        issuedAt: recordedAt,
        revokedAt: null,
        revokedReason: null,
        version: 1,
      }),
    ]),
    when(keyRevoked, ({ data: { keyId, reason }, recordedAt, meta }) => [
      patch(keyTable, { keyId }, { revokedAt: recordedAt, revokedReason: reason, version: meta.record.version }),
    ]),
  ],
  views: ['services', 'keys'],
});
