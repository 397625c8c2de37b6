import { Outbox } from '@daybook/mail';
import { streamName } from '@daybook/kernel';
import { decide, perform } from '@daybook/server';
import { notificationDecider } from './notification.decider.js';
import { notificationEvents } from './notification.events.js';
import { internalCommands, mailNotification } from './notification.internal.js';
import { notificationTemplateName, notificationValue } from './notification.mail.js';

export const notificationBindings = [
  decide({
    operations: internalCommands,
    decider: notificationDecider,
    events: notificationEvents,
    stream: ({ notificationId }, { tenant }) => streamName('collaboration.notification', tenant, notificationId),
    mayChangeNothing: true,
  }),
  /** Puts the mail once, under the id of the notification. */
  perform(mailNotification, { outbox: Outbox }, async ({ notificationId }, { caller: { tenant } }, { outbox }) => {
    await outbox.putOnce(notificationId, {
      template: notificationTemplateName,
      value: notificationValue({ tenant, notificationId }),
    });
    return { id: notificationId, version: 1, position: '0' };
  }),
];
