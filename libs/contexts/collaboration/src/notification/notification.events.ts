import { actorSchema, event } from '@daybook/kernel';
import * as z from 'zod';
import { recordData } from '../thread/thread.schema.js';

/** mention: somebody mentioned them; comment, change: on a record that they follow. */
export const notificationKind = z.enum(['mention', 'comment', 'change']);

export const notificationData = z.object({
  notificationId: z.uuid(),
  personId: z.uuid(),
  kind: notificationKind,
  ...recordData,
  /** Who did it, and the operation by which they did. */
  by: actorSchema,
  operation: z.string(),
});

/** A person is notified, once for each command. */
export const personNotified = event('collaboration.person-notified', {
  data: notificationData,
  record: ({ notificationId }) => ({ type: 'collaboration.notification', id: notificationId }),
});
export const notificationEvents = [personNotified] as const;
