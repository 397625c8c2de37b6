import { instant } from '@daybook/kernel';
import { projection, put, remove, tableOf, when } from '@daybook/projections';
import * as z from 'zod';
import { recordData } from '../thread/thread.schema.js';
import { recordTagged, recordUntagged } from './tagging.events.js';

export const recordTags = tableOf(
  'record_tags',
  z.object({ threadId: z.uuid(), tagId: z.uuid(), ...recordData, taggedAt: instant }),
  ['threadId', 'tagId'],
  {
    indexes: [
      ['tagId', 'taggedAt', 'threadId'],
      // Lists of any record type ask by them.
      ['recordType', 'recordId', 'tagId'],
    ],
  },
);

export const taggingProjection = projection({
  name: 'record-tags',
  version: 2,
  tables: [recordTags],
  channels: ['record-tags'],
  on: [
    when(recordTagged, ({ data, recordedAt }) => [put(recordTags, { ...data, taggedAt: recordedAt })]),
    when(recordUntagged, ({ data: { threadId, tagId } }) => [remove(recordTags, { threadId, tagId })]),
  ],
});
