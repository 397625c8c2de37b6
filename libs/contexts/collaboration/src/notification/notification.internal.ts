import { command } from '@daybook/kernel';
import * as z from 'zod';
import { notificationData } from './notification.events.js';

/** Commands that only the process sends (notification.process.ts). */
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
export const internalCommands = [recordNotification] as const;
