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
import { attachmentRemoved, fileAttached } from '../attachment/attachment.events.js';
import { commentEdited, commentWritten } from '../comment/comment.events.js';
import { recordFollowed, recordUnfollowed } from '../follow/follow.events.js';
import { recordTagged, recordUntagged } from '../tagging/tagging.events.js';
import { taskFinished, taskReopened, taskSet } from '../task/task.events.js';
import { recordOf, threadIdOf, type ThreadRecord } from '../thread/thread.schema.js';
import type { NotificationKind } from './notification.events.js';
import { recordNotification } from './notification.internal.js';

interface Followed {
  readonly record: ThreadRecord | null;
  readonly followers: readonly string[];
}

/**
 * Notifies people whom a comment mentions, and those who follow a record when somebody else changes it, or comments, tags, files
 * or tasks on it. Whether they may still read the record is asked when they are shown it and when they are mailed.
 */
export const notificationProcess = process('collaboration.notifications', {
  title: 'Notify people of mentions and of changes that they follow',
  version: 2,
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
    when(recordTagged, 'threadId', tell('tag')),
    when(recordUntagged, 'threadId', tell('tag')),
    when(fileAttached, 'threadId', tell('file')),
    when(attachmentRemoved, 'threadId', tell('file')),
    when(taskSet, 'threadId', tell('task')),
    when(taskFinished, 'threadId', tell('task')),
    when(taskReopened, 'threadId', tell('task')),
    every(threadOf, tell('change')),
  ],
});

/** Tells all followers but who did it. */
function tell(kind: NotificationKind) {
  return ({ meta }: Pick<EventEnvelope, 'meta'>, { record, followers }: Followed): readonly Send[] =>
    record === null ? [] : others(followers, meta).map((personId) => notify(personId, kind, record, meta));
}

function threadOf({ meta: { record } }: EventEnvelope): string {
  return threadIdOf({ recordType: record.type, recordId: record.id });
}

/** Nobody is notified of what they did themselves. */
const others = (persons: readonly string[], { onBehalfOf, actor }: EventMeta): readonly string[] =>
  persons.filter((id) => id !== (onBehalfOf ?? actor).id);

function notify(personId: string, kind: NotificationKind, record: ThreadRecord, meta: EventMeta): Send {
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
