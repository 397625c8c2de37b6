import { accept, deciderOf, type EventsOf } from '@daybook/kernel';
import { type notificationEvents, personNotified } from './notification.events.js';
import { internalCommands } from './notification.internal.js';

/*
 * A notification, in a stream of its own.
 * - They are notified once, however many events of a command there are, and however often the process repeats it.
 */
interface NotificationState {
  readonly isNotified: boolean;
}

export const notificationDecider = deciderOf<
  typeof internalCommands,
  NotificationState,
  EventsOf<typeof notificationEvents>
>({
  commands: internalCommands,
  initial: { isNotified: false },
  rules: {
    'collaboration.notification.record': (notification, { isNotified }) =>
      isNotified
        ? accept(notification.notificationId, 1)
        : accept(notification.notificationId, 1, personNotified.of(notification)),
  },
  folds: { 'collaboration.person-notified': () => ({ isNotified: true }) },
});
