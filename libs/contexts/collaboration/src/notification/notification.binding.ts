import { Outbox } from '@daybook/mail';
import { type CommandOperation, streamName } from '@daybook/kernel';
import { decide, type DecideBinding, perform } from '@daybook/server';
import { personOf } from '@daybook/server/dispatch/rights';
import { inboxCommands, inboxDecider, notificationCommands, notificationDecider } from './notification.decider.js';
import { inboxEvents, notificationEvents } from './notification.events.js';
import { gatherInbox, mailInbox, mailNotification, recordNotification } from './notification.internal.js';
import { inboxTemplateName, notificationTemplateName } from './notification.mail.js';
import { readInbox, readNotification } from './notification.operations.js';

const notifications = decide({
  operations: notificationCommands,
  decider: notificationDecider,
  events: notificationEvents,
  stream: ({ notificationId }, { tenant }) => streamName('collaboration.notification', tenant, notificationId),
  mayChangeNothing: true,
});
const inboxes = decide({
  operations: inboxCommands,
  decider: inboxDecider,
  events: inboxEvents,
  // A program of nobody has no inbox, and is refused before anything is appended.
  stream: (input, caller) =>
    streamName(
      'collaboration.inbox',
      caller.tenant,
      'personId' in input ? input.personId : (personOf(caller) ?? caller.actor.id),
    ),
});
const only = (binding: DecideBinding, ...operations: readonly CommandOperation[]): DecideBinding => ({
  ...binding,
  operations,
});

export const notificationBindings = [only(notifications, readNotification), only(inboxes, readInbox)];

export const notificationInternal = [
  only(notifications, recordNotification),
  only(inboxes, gatherInbox),
  /** Each puts its mail once, under the id of the notification or of the mail that gathers them. */
  perform(mailNotification, { outbox: Outbox }, async ({ notificationId }, { caller: { tenant } }, { outbox }) => {
    const value = JSON.stringify({ tenant, notificationId });
    await outbox.putOnce(notificationId, { template: notificationTemplateName, value });
    return { id: notificationId, version: 1, position: '0' };
  }),
  perform(mailInbox, { outbox: Outbox }, async ({ personId, mailId }, { caller: { tenant } }, { outbox }) => {
    const value = JSON.stringify({ tenant, personId, mailId });
    await outbox.putOnce(mailId, { template: inboxTemplateName, value });
    return { id: mailId, version: 1, position: '0' };
  }),
];
