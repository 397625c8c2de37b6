import { actorSchema, event } from '@daybook/kernel';
import * as z from 'zod';
import { recordData } from '../thread/thread.schema.js';

/** mention: somebody mentioned them; comment, change: on a record that they follow. */
export const noticeKind = z.enum(['mention', 'comment', 'change']);

export const noticeData = z.object({
  noticeId: z.uuid(),
  personId: z.uuid(),
  kind: noticeKind,
  ...recordData,
  /** Who did it, and the operation by which they did. */
  by: actorSchema,
  operation: z.string(),
});

/** A person is told, once for each command. */
export const personTold = event('collaboration.person-told', {
  data: noticeData,
  record: ({ noticeId }) => ({ type: 'collaboration.notice', id: noticeId }),
});
export const noticeEvents = [personTold] as const;
