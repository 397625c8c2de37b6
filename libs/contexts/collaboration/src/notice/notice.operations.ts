import { actorSchema, instant, pageOf, query } from '@daybook/kernel';
import * as z from 'zod';
import { recordData } from '../thread/thread.schema.js';
import { noticeKind } from './notice.events.js';

export const listNotices = query('collaboration.notice.list', {
  title: 'List what you were told',
  description:
    'Mentions of you, and changes of records that you follow; newest first. Without records that you may not read any more.',
  http: 'GET /v1/collaboration/notices',
  permission: 'collaboration.notice.read',
  scope: 'caller',
  input: z.object({
    limit: z.int().min(1).max(20).default(8),
    cursor: z.string().max(2000).optional().describe('The `next` of an earlier page, unchanged'),
  }),
  output: pageOf(
    z
      .object({
        noticeId: z.uuid(),
        kind: noticeKind,
        ...recordData,
        by: actorSchema,
        operation: z.string(),
        what: z.string().describe('The title of the operation: "Put an entry on hold"'),
        one: z.string().describe('What such a record is called: "entry"'),
        title: z.string().nullable().describe('What the record is called, as the caller may see it'),
        address: z.string().nullable().describe('Address of the record in the console'),
        at: instant,
      })
      .meta({ id: 'Notice' }),
  ),
  rows: 'items',
});
