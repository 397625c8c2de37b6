import { actorSchema, event } from '@daybook/kernel';
import * as z from 'zod';
import { recordData } from '../thread/thread.schema.js';

/** mention: somebody mentioned them. The others: what somebody did to a record that they follow, or to what is on it. */
export const notificationKind = z.enum(['mention', 'comment', 'change', 'tag', 'file', 'task']);
export type NotificationKind = z.infer<typeof notificationKind>;

export const notificationData = z.object({
  notificationId: z.uuid(),
  personId: z.uuid(),
  kind: notificationKind,
  ...recordData,
  /** Who did it, and the operation by which they did. */
  by: actorSchema,
  operation: z.string(),
});

const record = ({ notificationId }: { notificationId: string }) => ({
  type: 'collaboration.notification',
  id: notificationId,
});
/** A person is notified, once for each command. */
export const personNotified = event('collaboration.person-notified', { data: notificationData, record });
/** They have seen it. */
export const notificationRead = event('collaboration.notification-read', {
  data: notificationData.pick({ notificationId: true, personId: true }),
  record,
});
export const notificationEvents = [personNotified, notificationRead] as const;

const ofInbox = ({ personId }: { personId: string }) => ({ type: 'collaboration.inbox', id: personId });
const inboxData = z.object({ personId: z.uuid() });
/** They have seen all that they were notified of so far. */
export const inboxRead = event('collaboration.inbox-read', { data: inboxData, record: ofInbox });
/** What they were notified of since the mail before goes into this one. */
export const inboxGathered = event('collaboration.inbox-gathered', {
  data: inboxData.extend({ mailId: z.uuid() }),
  record: ofInbox,
});
export const inboxEvents = [inboxRead, inboxGathered] as const;
