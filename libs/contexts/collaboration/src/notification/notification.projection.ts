import { actorSchema, instant } from '@daybook/kernel';
import { patch, patchAll, projection, put, tableOf, when } from '@daybook/projections';
import * as z from 'zod';
import { inboxGathered, inboxRead, notificationData, notificationRead, personNotified } from './notification.events.js';

/** `mail` of a notification that has a mail of its own, and of one that waits for the mail which gathers them. */
export const mailedAtOnce = 'at-once';
export const waitsForMail = 'waits';

export const notifications = tableOf(
  'notifications',
  notificationData.omit({ by: true }).extend({
    byKind: actorSchema.shape.kind,
    byId: z.string(),
    at: instant,
    isRead: z.boolean(),
    /** One of the words above, or the id of the mail that it was gathered for. */
    mail: z.string(),
  }),
  ['notificationId'],
  {
    indexes: [
      ['personId', 'at', 'notificationId'],
      ['personId', 'isRead'],
      ['personId', 'mail', 'at'],
    ],
  },
);
/** Mails that gathered something, so that who composes one knows that nothing is missing from it. */
export const gatheredMails = tableOf('gathered_mails', z.object({ mailId: z.uuid(), personId: z.uuid() }), ['mailId']);

export const notificationProjection = projection({
  name: 'notifications',
  version: 2,
  tables: [notifications, gatheredMails],
  channels: ['notifications'],
  on: [
    when(personNotified, ({ data: { by, ...data }, recordedAt }) => [
      put(notifications, {
        ...data,
        byKind: by.kind,
        byId: by.id,
        at: recordedAt,
        isRead: false,
        mail: data.kind === 'mention' ? mailedAtOnce : waitsForMail,
      }),
    ]),
    when(notificationRead, ({ data: { notificationId } }) => [
      patch(notifications, { notificationId }, { isRead: true }),
    ]),
    when(inboxRead, ({ data: { personId } }) => [
      patchAll(notifications, { personId, isRead: false }, { isRead: true }),
    ]),
    when(inboxGathered, ({ data: { personId, mailId } }) => [
      patchAll(notifications, { personId, mail: waitsForMail }, { mail: mailId }),
      put(gatheredMails, { mailId, personId }),
    ]),
  ],
});
