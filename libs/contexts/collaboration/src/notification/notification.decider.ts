import { accept, deciderOf, type EventsOf, isRejection, reject } from '@daybook/kernel';
import { authorOf } from '../comment/comment.rules.js';
import {
  type inboxEvents,
  inboxGathered,
  inboxRead,
  type notificationEvents,
  notificationRead,
  personNotified,
} from './notification.events.js';
import { gatherInbox, recordNotification } from './notification.internal.js';
import { readInbox, readNotification } from './notification.operations.js';

/*
 * A notification, in a stream of its own.
 * - They are notified once, however many events of a command there are, and however often the process repeats it.
 * - Only the person themselves marks it as read, once.
 */
interface NotificationState {
  /** Whom it is for; null before they are notified. */
  readonly personId: string | null;
  readonly isRead: boolean;
}
export const notificationCommands = [recordNotification, readNotification] as const;

export const notificationDecider = deciderOf<
  typeof notificationCommands,
  NotificationState,
  EventsOf<typeof notificationEvents>
>({
  commands: notificationCommands,
  initial: { personId: null, isRead: false },
  rules: {
    'collaboration.notification.record': (notification, { personId }) =>
      personId === null
        ? accept(notification.notificationId, 1, personNotified.of(notification))
        : accept(notification.notificationId, 1),
    'collaboration.notification.mark-read': ({ notificationId }, { personId, isRead }, context) => {
      const reader = authorOf(context);
      if (isRejection(reader)) return reader;
      if (personId !== reader)
        return reject('collaboration.notification-not-found', 'There is no such notification.', { status: 404 });
      return isRead
        ? accept(notificationId, 2)
        : accept(notificationId, 2, notificationRead.of({ notificationId, personId }));
    },
  },
  folds: {
    'collaboration.person-notified': (state, { personId }) => ({ ...state, personId }),
    'collaboration.notification-read': (state) => ({ ...state, isRead: true }),
  },
});

/* All notifications of a person, in a stream that counts what is done to all of them. */
export const inboxCommands = [readInbox, gatherInbox] as const;

export const inboxDecider = deciderOf<typeof inboxCommands, number, EventsOf<typeof inboxEvents>>({
  commands: inboxCommands,
  initial: 0,
  rules: {
    'collaboration.inbox.mark-read': (_, version, context) => {
      const personId = authorOf(context);
      return isRejection(personId) ? personId : accept(personId, version + 1, inboxRead.of({ personId }));
    },
    'collaboration.inbox.gather': (gathered, version) =>
      accept(gathered.personId, version + 1, inboxGathered.of(gathered)),
  },
  folds: {
    'collaboration.inbox-read': (version) => version + 1,
    'collaboration.inbox-gathered': (version) => version + 1,
  },
});
