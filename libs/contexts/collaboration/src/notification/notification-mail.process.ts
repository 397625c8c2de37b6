import { daybookNamespace, done, dueAt, later, nameId, process, remember, send } from '@daybook/kernel';
import { personNotified } from './notification.events.js';
import { gatherInbox, mailInbox, mailNotification } from './notification.internal.js';

/** From the first notification on, so much is gathered for one mail. */
export const gatheredFor = { hours: 1 } as const;

interface Gathering {
  readonly isUnderWay: boolean;
}

/**
 * Mails people what they are notified of: a mention at once; what happens to records that they follow in one mail to each
 * person, with everything since the mail before.
 */
export const notificationMails = process('collaboration.notification-mails', {
  title: 'Mail people what they are notified of',
  version: 1,
  initial: { isUnderWay: false } satisfies Gathering as Gathering,
  on: (when, due) => [
    when(personNotified, 'personId', ({ data: { kind, notificationId }, recordedAt }, { isUnderWay }) => {
      if (kind === 'mention') return [send('mail', mailNotification, { notificationId })];
      return isUnderWay ? [] : [remember({ isUnderWay: true }), dueAt('gather', later(recordedAt, gatheredFor))];
    }),
    due('gather', ({ data: { instance: personId, dueAt: moment } }) => {
      const mail = { personId, mailId: nameId(daybookNamespace, 'gathered-mail', personId, moment) };
      return [send('gather', gatherInbox, mail), send('mail', mailInbox, mail), done()];
    }),
  ],
});
