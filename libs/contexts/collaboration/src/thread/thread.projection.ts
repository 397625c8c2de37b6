import { projection, put, tableOf, when } from '@daybook/projections';
import * as z from 'zod';
import { fileAttached } from '../attachment/attachment.events.js';
import { commentWritten } from '../comment/comment.events.js';
import { recordFollowed } from '../follow/follow.events.js';
import { recordTagged } from '../tagging/tagging.events.js';
import { taskSet } from '../task/task.events.js';
import { recordData } from './thread.schema.js';

/** The record that a thread belongs to. */
export const threadRecords = tableOf('threads', z.object({ threadId: z.uuid(), ...recordData }), ['threadId']);

export const threadProjection = projection({
  name: 'threads',
  version: 1,
  tables: [threadRecords],
  // What may come first on a thread.
  on: [commentWritten, recordFollowed, recordTagged, fileAttached, taskSet].map((event) =>
    when(event, ({ data: { threadId, recordType, recordId, companyId } }) => [
      put(threadRecords, { threadId, recordType, recordId, companyId }),
    ]),
  ),
});
