import { recorded, rowsAfter, testId } from '@daybook/projections/testing/given';
import { commentEdited, commentWithdrawn, commentWritten } from './comment/comment.events.js';
import { commentProjection } from './comment/comment.projection.js';
import { recordFollowed, recordUnfollowed } from './follow/follow.events.js';
import { followProjection } from './follow/follow.projection.js';
import { inboxGathered, inboxRead, notificationRead, personNotified } from './notification/notification.events.js';
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
  const by = { kind: 'person', id: kari } as const;
  const of = (id: number, kind: 'mention' | 'change') => ({
    ...{ notificationId: testId(id), personId: ola, kind, ...record, operation: 'x.y.z' },
  });
  const notified = (id: number, kind: 'mention' | 'change') =>
    recorded(personNotified, { ...of(id, kind), by }, { recordedAt: t1 });
  const rowsOf = (...events: Parameters<typeof rowsAfter>[1]) => rowsAfter(notificationProjection, events);

  it('are a row for each, until they are read', () => {
    const row = { ...of(4, 'mention'), byKind: 'person', byId: kari, at: t1, isRead: false, mail: 'at-once' };
    const told = notified(4, 'mention');
    expect(rowsOf(told, told)['notifications']).toEqual([row]);
    const read = recorded(notificationRead, { notificationId: testId(4), personId: ola });
    expect(rowsOf(told, read, read)['notifications']).toEqual([{ ...row, isRead: true }]);
    const all = recorded(inboxRead, { personId: ola });
    const { notifications } = rowsOf(told, notified(5, 'change'), all, all, notified(6, 'change'));
    expect(notifications?.map(({ isRead }) => isRead)).toEqual([true, true, false]);
  });

  it('wait for one mail with all that came since the mail before, mentions apart', () => {
    const gathered = (mail: number) => recorded(inboxGathered, { personId: ola, mailId: testId(mail) });
    const { notifications, gathered_mails: mails } = rowsOf(
      ...[notified(3, 'mention'), notified(4, 'change'), notified(5, 'change'), gathered(8), gathered(8)],
      ...[notified(6, 'change'), gathered(9), notified(7, 'change')],
    );
    expect(notifications?.map(({ mail }) => mail)).toEqual(['at-once', testId(8), testId(8), testId(9), 'waits']);
    expect(mails).toEqual([8, 9].map((mail) => ({ mailId: testId(mail), personId: ola })));
  });
});
