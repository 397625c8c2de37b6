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
import { threadIdOf, type ThreadRecord } from '../thread/thread.schema.js';
import { personTold } from './notice.events.js';
import { mailNotice, tellPerson } from './notice.internal.js';

interface Followed {
  readonly record: ThreadRecord | null;
  readonly followers: readonly string[];
}

/**
 * Tells people whom a comment mentions, and those who follow a record when somebody else comments on it or changes it: on
 * Home, and by one mail. Whether they may still read the record is asked when they are shown it and when the mail is sent.
 */
export const noticeProcess = process('collaboration.notices', {
  title: 'Tell people of mentions and of changes that they follow',
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
      ...data.mentioned.map((personId) => tell(personId, 'mention', recordOf(data), meta)),
      ...others(followers, meta)
        .filter((personId) => !data.mentioned.includes(personId))
        .map((personId) => tell(personId, 'comment', recordOf(data), meta)),
    ]),
    when(commentEdited, 'threadId', ({ data, meta }) =>
      data.mentioned.map((personId) => tell(personId, 'mention', recordOf(data), meta)),
    ),
    every(threadOf, ({ meta }, { record, followers }) =>
      record === null ? [] : others(followers, meta).map((personId) => tell(personId, 'change', record, meta)),
    ),
    when(personTold, 'noticeId', ({ data: { noticeId } }) => [send('mail', mailNotice, { noticeId })]),
  ],
});

function threadOf({ meta: { record } }: EventEnvelope): string {
  return threadIdOf({ recordType: record.type, recordId: record.id });
}

const recordOf = ({ recordType, recordId, companyId }: ThreadRecord): ThreadRecord => ({
  recordType,
  recordId,
  companyId,
});

/** Nobody is told of what they did themselves. */
const others = (persons: readonly string[], { onBehalfOf, actor }: EventMeta): readonly string[] =>
  persons.filter((id) => id !== (onBehalfOf ?? actor).id);

function tell(personId: string, kind: 'mention' | 'comment' | 'change', record: ThreadRecord, meta: EventMeta): Send {
  const noticeId = nameId(daybookNamespace, 'notice', personId, meta.commandId);
  const by = meta.onBehalfOf ?? meta.actor;
  return send(`tell ${personId}`, tellPerson, { noticeId, personId, kind, ...record, by, operation: meta.operation });
}
