import { patch, projection, put, tableOf, when } from '@daybook/projections';
import { delegatedAccessAllowed, delegatedAccessEnded, delegatedAccessEntered } from './delegated-access.events.js';
import { delegatedAccessRow } from './delegated-access.operations.js';

export const delegatedAccessTable = tableOf('consents', delegatedAccessRow, ['delegatedAccessId'], {
  indexes: [['personId', 'delegatedAccessId']],
});

/** Consents for the lists. Requests are checked against the tenant's stream itself. */
export const delegatedAccess = projection({
  name: 'delegated-access',
  version: 2,
  tables: [delegatedAccessTable],
  on: [
    when(delegatedAccessAllowed, ({ data, recordedAt }) => [
      put(delegatedAccessTable, {
        ...data,
        delegateId: null,
        allowedAt: recordedAt,
        endedAt: null,
        endedBy: null,
        enteredAt: null,
        entries: 0,
        version: 1,
      }),
    ]),
    when(delegatedAccessEntered, ({ data: { delegatedAccessId, delegateId }, recordedAt, meta }) => [
      patch(delegatedAccessTable, { delegatedAccessId }, ({ entries }) => ({
        delegateId,
        enteredAt: recordedAt,
        entries: entries + 1,
        version: meta.record.version,
      })),
    ]),
    when(delegatedAccessEnded, ({ data: { delegatedAccessId, by }, recordedAt, meta }) => [
      patch(
        delegatedAccessTable,
        { delegatedAccessId },
        { endedAt: recordedAt, endedBy: by, version: meta.record.version },
      ),
    ]),
  ],
  channels: ['delegated-access'],
});
