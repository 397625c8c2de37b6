import { instant, personal } from '@daybook/kernel';
import { projection, put, remove, tableOf, when } from '@daybook/projections';
import * as z from 'zod';
import { recordData } from '../thread/thread.schema.js';
import { attachmentRemoved, fileAttached } from './attachment.events.js';

export const attachments = tableOf(
  'attachments',
  z.object({
    attachmentId: z.uuid(),
    threadId: z.uuid(),
    ...recordData,
    name: personal(z.string().nullable(), 'attachedBy'),
    size: z.int(),
    sha256: z.string(),
    attachedBy: z.string(),
    attachedAt: instant,
    version: z.int(),
  }),
  ['attachmentId'],
  { indexes: [['threadId', 'attachedAt', 'attachmentId'], ['sha256'], ['attachedBy']] },
);

export const attachmentProjection = projection({
  name: 'attachments',
  version: 1,
  tables: [attachments],
  channels: ['attachments'],
  on: [
    when(fileAttached, ({ data, recordedAt }) => [put(attachments, { ...data, attachedAt: recordedAt, version: 1 })]),
    when(attachmentRemoved, ({ data: { attachmentId } }) => [remove(attachments, { attachmentId })]),
  ],
});
