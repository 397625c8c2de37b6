import { actorSchema, instant } from '@daybook/kernel';
import { projection, put, tableOf, when } from '@daybook/projections';
import * as z from 'zod';
import { notificationData, personNotified } from './notification.events.js';

export const notifications = tableOf(
  'notifications',
  notificationData.omit({ by: true }).extend({ byKind: actorSchema.shape.kind, byId: z.string(), at: instant }),
  ['notificationId'],
  { indexes: [['personId', 'at', 'notificationId']] },
);

export const notificationProjection = projection({
  name: 'notifications',
  version: 1,
  tables: [notifications],
  channels: ['notifications'],
  on: [
    when(personNotified, ({ data: { by, ...data }, recordedAt }) => [
      put(notifications, { ...data, byKind: by.kind, byId: by.id, at: recordedAt }),
    ]),
  ],
});
