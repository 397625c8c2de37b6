import { actorSchema, command, instant, pageOf, query } from '@daybook/kernel';
import * as z from 'zod';
import { recordData } from '../thread/thread.schema.js';
import { notificationKind } from './notification.events.js';

export const listNotifications = query('collaboration.notification.list', {
  title: 'List your notifications',
  description:
    'Mentions of you, and changes of records that you follow; newest first. Without records that you may not read any more.',
  http: 'GET /v1/collaboration/notifications',
  permission: 'collaboration.notification.read',
  scope: 'caller',
  input: z.object({
    limit: z.int().min(1).max(20).default(8),
    cursor: z.string().max(2000).optional().describe('The `next` of an earlier page, unchanged'),
  }),
  output: pageOf(
    z
      .object({
        notificationId: z.uuid(),
        kind: notificationKind,
        ...recordData,
        by: actorSchema,
        operation: z.string(),
        what: z.string().describe('The title of the operation: "Put an entry on hold"'),
        one: z.string().describe('What such a record is called: "entry"'),
        title: z.string().nullable().describe('What the record is called, as the caller may see it'),
        address: z.string().nullable().describe('Address of the record in the console'),
        at: instant,
        isRead: z.boolean().describe('The caller has seen it'),
      })
      .meta({ id: 'Notification' }),
  ),
  rows: 'items',
});

const permission = 'collaboration.notification.mark';
export const readNotification = command('collaboration.notification.mark-read', {
  title: 'Mark a notification as read',
  http: 'POST /v1/collaboration/notifications/{notificationId}/reading',
  permission,
  says: 'read a notification',
  scope: 'caller',
  input: z.object({ notificationId: z.uuid() }),
});
export const readInbox = command('collaboration.inbox.mark-read', {
  title: 'Mark all notifications as read',
  http: 'POST /v1/collaboration/notifications/reading',
  permission,
  says: 'read all notifications',
  scope: 'caller',
  input: z.object({}),
});
