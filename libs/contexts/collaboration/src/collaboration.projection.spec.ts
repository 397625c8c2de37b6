import { recorded, rowsAfter, testId } from '@daybook/projections/testing/given';
import { commentEdited, commentWithdrawn, commentWritten } from './comment/comment.events.js';
import { commentProjection } from './comment/comment.projection.js';
import { recordFollowed, recordUnfollowed } from './follow/follow.events.js';
import { followProjection } from './follow/follow.projection.js';
import { personNotified } from './notification/notification.events.js';
import { notificationProjection } from './notification/notification.projection.js';
import { threadProjection } from './thread/thread.projection.js';
import { threadIdOf } from './thread/thread.schema.js';

const record = { recordType: 'accounting.entry', recordId: testId(1), companyId: testId(2) };
const threadId = threadIdOf(record);
const [kari, ola] = [testId(7), testId(17)];
const of = { threadId, commentId: testId(3), author: kari };
const at = (version: number, recordedAt: string) => ({
  recordedAt,
  meta: { record: { type: 'collaboration.comment', id: of.commentId, version } },
});
const [t1, t2, t3] = ['2026-03-31T12:00:00Z', '2026-03-31T12:05:00Z', '2026-03-31T12:10:00Z'] as const;
const written = recorded(commentWritten, { ...of, ...record, text: 'One', mentioned: [] }, at(1, t1));
const edited = recorded(commentEdited, { ...of, ...record, text: 'Two', mentioned: [] }, at(2, t2));
const withdrawn = recorded(commentWithdrawn, { ...of, ...record }, at(3, t3));
const row = { ...of, writtenAt: t1 };

describe('the comments of a record', () => {
  it('are as they were said last, with every text that they had', () => {
    const { comments, comment_versions: versions } = rowsAfter(commentProjection, [written, edited, edited]);
    expect(comments).toEqual([{ ...row, text: 'Two', status: 'edited', changedAt: t2, version: 2 }]);
    expect(versions).toMatchObject([{ version: 1, text: 'One', writtenAt: t1 }, { version: 2, text: 'Two', writtenAt: t2 }]); // prettier-ignore
    expect(rowsAfter(commentProjection, [written, written])['comments']).toEqual([
      { ...row, text: 'One', status: 'written', changedAt: t1, version: 1 },
    ]);
  });

  it('stay with what they said when they are withdrawn', () => {
    const { comments, comment_versions: versions } = rowsAfter(commentProjection, [written, withdrawn, withdrawn]);
    expect(comments).toMatchObject([{ text: 'One', status: 'withdrawn', changedAt: t3, version: 3 }]);
    expect(versions).toHaveLength(1);
  });
});

describe('who follows a record', () => {
  const follow = (personId: string) => recorded(recordFollowed, { threadId, personId, ...record });
  const unfollow = recorded(recordUnfollowed, { threadId, personId: kari, ...record });

  it('is in the list until they stop', () => {
    const rows = (...events: Parameters<typeof rowsAfter>[1]) => rowsAfter(followProjection, events)['followers'];
    expect(rows(follow(kari), follow(ola), follow(ola))).toHaveLength(2);
    expect(rows(follow(kari), follow(ola), unfollow, unfollow)).toEqual([{ threadId, personId: ola }]);
  });

  it('begins a thread, which knows its record, as a comment does', () => {
    for (const first of [follow(kari), written])
      expect(rowsAfter(threadProjection, [first, first])['threads']).toEqual([{ threadId, ...record }]);
  });
});

describe('the notifications of people', () => {
  it('is a row for each time', () => {
    const by = { kind: 'person', id: kari } as const;
    const notification = {
      notificationId: testId(4),
      personId: ola,
      kind: 'mention' as const,
      ...record,
      operation: 'x.y.z',
    };
    const notified = recorded(personNotified, { ...notification, by }, { recordedAt: t1 });
    expect(rowsAfter(notificationProjection, [notified, notified])['notifications']).toEqual([
      { ...notification, byKind: 'person', byId: kari, at: t1 },
    ]);
  });
});
