import { actorSchema, instant } from '@daybook/kernel';
import { projection, put, tableOf, when } from '@daybook/projections';
import * as z from 'zod';
import { noticeData, personTold } from './notice.events.js';

export const notices = tableOf(
  'notices',
  noticeData.omit({ by: true }).extend({ byKind: actorSchema.shape.kind, byId: z.string(), at: instant }),
  ['noticeId'],
  { indexes: [['personId', 'at', 'noticeId']] },
);

export const noticeProjection = projection({
  name: 'notices',
  version: 1,
  tables: [notices],
  channels: ['notices'],
  on: [
    when(personTold, ({ data: { by, ...data }, recordedAt }) => [
      put(notices, { ...data, byKind: by.kind, byId: by.id, at: recordedAt }),
    ]),
  ],
});
