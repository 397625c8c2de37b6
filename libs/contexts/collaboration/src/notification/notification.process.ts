import {
  daybookNamespace,
  done,
  type EventEnvelope,
  type EventMeta,
  nameId,
  process,
  remember,
  send,
  type Send,
} from '@daybook/kernel';
import { commentEdited, commentWritten } from '../comment/comment.events.js';
import { recordFollowed, recordUnfollowed } from '../follow/follow.events.js';
import { recordOf, threadIdOf, type ThreadRecord } from '../thread/thread.schema.js';
import { personNotified } from './notification.events.js';
import { mailNotification, recordNotification } from './notification.internal.js';

interface Followed {
  readonly record: ThreadRecord | null;
  readonly followers: readonly string[];
}

/**
 * Notifies people whom a comment mentions, and those who follow a record when somebody else comments on it or changes it: on
 * Home, and by one mail. Whether they may still read the record is asked when they are shown it and when the mail is sent.
 */
export const notificationProcess = process('collaboration.notifications', {
  title: 'Notify people of mentions and of changes that they follow',
  version: 1,
  initial: { record: null, followers: [] } satisfies Followed as Followed,
  on: (when, _due, every) => [
    when(recordFollowed, 'threadId', ({ data: { personId, ...data } }, { followers }) => [
      remember({ record: recordOf(data), followers: [...followers.filter((id) => id !== personId), personId] }),
    ]),
    when(recordUnfollowed, 'threadId', ({ data: { personId } }, { record, followers }) => {
      const left = followers.filter((id) => id !== personId);
      return [left.length > 0 ? remember({ record, followers: left }) : done()];
    }),
    when(commentWritten, 'threadId', ({ data, meta }, { followers }) => [
      ...data.mentioned.map((personId) => notify(personId, 'mention', recordOf(data), meta)),
      ...others(followers, meta)
        .filter((personId) => !data.mentioned.includes(personId))
        .map((personId) => notify(personId, 'comment', recordOf(data), meta)),
    ]),
    when(commentEdited, 'threadId', ({ data, meta }) =>
      data.mentioned.map((personId) => notify(personId, 'mention', recordOf(data), meta)),
    ),
    every(threadOf, ({ meta }, { record, followers }) =>
      record === null ? [] : others(followers, meta).map((personId) => notify(personId, 'change', record, meta)),
    ),
    when(personNotified, 'notificationId', ({ data: { notificationId } }) => [
      send('mail', mailNotification, { notificationId }),
    ]),
  ],
});

function threadOf({ meta: { record } }: EventEnvelope): string {
  return threadIdOf({ recordType: record.type, recordId: record.id });
}

/** Nobody is notified of what they did themselves. */
const others = (persons: readonly string[], { onBehalfOf, actor }: EventMeta): readonly string[] =>
  persons.filter((id) => id !== (onBehalfOf ?? actor).id);

function notify(personId: string, kind: 'mention' | 'comment' | 'change', record: ThreadRecord, meta: EventMeta): Send {
  const notificationId = nameId(daybookNamespace, 'notification', personId, meta.commandId);
  const by = meta.onBehalfOf ?? meta.actor;
  return send(`notify ${personId}`, recordNotification, {
    notificationId,
    personId,
    kind,
    ...record,
    by,
    operation: meta.operation,
  });
}
