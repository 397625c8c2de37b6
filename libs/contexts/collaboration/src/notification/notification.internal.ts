import { command } from '@daybook/kernel';
import * as z from 'zod';
import { inboxGathered, notificationData } from './notification.events.js';

/** Commands that only the processes send (notification.process.ts, notification-mail.process.ts). */
export const recordNotification = command('collaboration.notification.record', {
  title: 'Notify a person',
  http: 'POST /v1/collaboration/internal/notifications',
  says: 'notified somebody',
  scope: 'tenant',
  input: notificationData,
});
export const mailNotification = command('collaboration.notification.mail', {
  title: 'Mail a notification',
  http: 'POST /v1/collaboration/internal/notifications/{notificationId}/mail',
  says: 'mailed a notification',
  scope: 'tenant',
  input: z.object({ notificationId: z.uuid() }),
});
export const gatherInbox = command('collaboration.inbox.gather', {
  title: 'Gather notifications for one mail',
  http: 'POST /v1/collaboration/internal/inboxes/{personId}/mails',
  says: 'gathered notifications for one mail',
  scope: 'tenant',
  input: inboxGathered.data,
});
export const mailInbox = command('collaboration.inbox.mail', {
  title: 'Mail the notifications that were gathered',
  http: 'POST /v1/collaboration/internal/inboxes/{personId}/mails/{mailId}/mail',
  says: 'mailed notifications',
  scope: 'tenant',
  input: inboxGathered.data,
});
