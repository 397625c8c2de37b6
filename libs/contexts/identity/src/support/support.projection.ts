import { patch, projection, put, tableOf, when } from '@daybook/projections';
import { supportAllowed, supportEnded, supportEntered } from './support.events.js';
import { supportRow } from './support.operations.js';

export const supportTable = tableOf('consents', supportRow, ['supportId'], { indexes: [['personId', 'supportId']] });

/** Who let whom act in his name, as the lists show it; requests are judged by the stream itself. */
export const support = projection({
  name: 'support',
  version: 2,
  tables: [supportTable],
  on: [
    when(supportAllowed, ({ data, recordedAt }) => [
      put(supportTable, {
        ...data,
        supporterId: null,
        allowedAt: recordedAt,
        endedAt: null,
        endedBy: null,
        enteredAt: null,
        entries: 0,
        version: 1,
      }),
    ]),
    when(supportEntered, ({ data: { supportId, supporterId }, recordedAt, meta }) => [
      patch(supportTable, { supportId }, ({ entries }) => ({
        supporterId,
        enteredAt: recordedAt,
        entries: entries + 1,
        version: meta.record.version,
      })),
    ]),
    when(supportEnded, ({ data: { supportId, by }, recordedAt, meta }) => [
      patch(supportTable, { supportId }, { endedAt: recordedAt, endedBy: by, version: meta.record.version }),
    ]),
  ],
  views: ['support'],
});
