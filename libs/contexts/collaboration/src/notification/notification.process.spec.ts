import { expectGolden } from '@daybook/event-store/testing/golden';
import { daybookNamespace, event, nameId } from '@daybook/kernel';
import { deciding, outcome, recorded, testId } from '@daybook/projections/testing/given';
import { given, sent } from '@daybook/projections/testing/process';
import * as z from 'zod';
import { attachmentRemoved, fileAttached } from '../attachment/attachment.events.js';
import { commentEdited, commentWritten } from '../comment/comment.events.js';
import { recordFollowed, recordUnfollowed } from '../follow/follow.events.js';
import { recordTagged, recordUntagged } from '../tagging/tagging.events.js';
import { taskFinished, taskReopened, taskSet } from '../task/task.events.js';
import { attached, attachmentId, tagged, task, taskId, threadId as entryThread } from '../testing/parts.js';
import { threadIdOf } from '../thread/thread.schema.js';
import { inboxDecider, notificationDecider } from './notification.decider.js';
import {
  inboxGathered,
  inboxRead,
  type NotificationKind,
  notificationRead,
  personNotified,
} from './notification.events.js';
import { gatherInbox, recordNotification } from './notification.internal.js';
import { readInbox, readNotification } from './notification.operations.js';
import { notificationProcess } from './notification.process.js';

const record = { recordType: 'accounting.entry', recordId: testId(1), companyId: testId(2) };
const threadId = threadIdOf(record);
const [kari, ola, per] = [testId(7), testId(17), testId(18)];
const by = { kind: 'person', id: kari } as const;
const commandId = testId(99);
const meta = { actor: by, operation: 'collaboration.comment.write', commandId };
const notificationOf = (personId: string) => nameId(daybookNamespace, 'notification', personId, commandId);
const notified = (personId: string, kind: NotificationKind, operation = meta.operation) =>
  sent(`notify ${personId}`, recordNotification, {
    notificationId: notificationOf(personId),
    personId,
    kind,
    ...record,
    by,
    operation,
  });

const written = (...mentioned: string[]) =>
  recorded(commentWritten, { threadId, commentId: testId(3), author: kari, ...record, text: '…', mentioned }, { meta });
const edited = (...mentioned: string[]) =>
  recorded(commentEdited, { threadId, commentId: testId(3), author: kari, ...record, text: '…', mentioned }, { meta });
const followed = (personId: string) => recorded(recordFollowed, { threadId, personId, ...record });
const unfollowed = (personId: string) => recorded(recordUnfollowed, { threadId, personId, ...record });

const entryHeld = event('accounting.entry-held', {
  data: z.object({ entryId: z.uuid() }),
  record: ({ entryId }) => ({ type: 'accounting.entry', id: entryId }),
});
const changed = (entryId = record.recordId) =>
  recorded(entryHeld, { entryId }, { meta: { ...meta, operation: 'accounting.entry.hold' } });

describe('notifying people of mentions and of what they follow', () => {
  it('notifies those whom a comment mentions, also when it is edited', () => {
    expect(given(notificationProcess).when(written(ola, per))).toEqual([
      notified(ola, 'mention'),
      notified(per, 'mention'),
    ]);
    expect(given(notificationProcess).when(edited(ola))).toEqual([notified(ola, 'mention')]);
    expect(given(notificationProcess).when(written())).toEqual([]);
  });

  it('notifies followers of comments and of changes by any context, and nobody of their own', () => {
    const following = given(notificationProcess, followed(kari), followed(ola));
    expect(following.when(written())).toEqual([notified(ola, 'comment')]);
    expect(following.when(changed())).toEqual([notified(ola, 'change', 'accounting.entry.hold')]);
    expect(following.when(changed(testId(5)))).toEqual([]);
  });

  it('notifies a follower who is mentioned once', () => {
    expect(given(notificationProcess, followed(ola)).when(written(ola))).toEqual([notified(ola, 'mention')]);
  });

  it('notifies nobody who stopped following', () => {
    const left = given(notificationProcess, followed(ola), followed(per), unfollowed(ola));
    expect(left.when(changed())).toEqual([notified(per, 'change', 'accounting.entry.hold')]);
    expect(given(notificationProcess, followed(ola), unfollowed(ola)).when(changed())).toEqual([]);
  });

  it('notifies followers of tags, files and tasks on the record', () => {
    const { recordType, recordId, companyId } = tagged;
    const entry = { threadId: entryThread, recordType, recordId, companyId };
    const of = { ...entry, taskId };
    const events = [
      ['tag', recorded(recordTagged, tagged, { meta })],
      ['tag', recorded(recordUntagged, tagged, { meta })],
      ['file', recorded(fileAttached, attached, { meta })],
      ['file', recorded(attachmentRemoved, { ...entry, attachmentId }, { meta })],
      ['task', recorded(taskSet, task, { meta })],
      ['task', recorded(taskFinished, of, { meta })],
      ['task', recorded(taskReopened, { ...of, remindAt: null }, { meta })],
    ] as const;
    const follow = (personId: string) => recorded(recordFollowed, { ...entry, personId });
    for (const [kind, event] of events) {
      const [first, ...others] = given(notificationProcess, follow(kari), follow(ola)).when(event);
      expect([first, others]).toMatchObject([{ input: { personId: ola, kind, recordType, recordId, companyId } }, []]);
      expect(given(notificationProcess).when(event)).toEqual([]);
    }
  });
});

describe('a notification', () => {
  const notification = {
    notificationId: notificationOf(ola), personId: ola, kind: 'change' as const, ...record, by, operation: 'accounting.entry.hold',
  }; // prettier-ignore
  const { given: once } = deciding(notificationDecider);

  it('is recorded once, however often it is sent', () => {
    expect(outcome(once().when(recordNotification.name, notification))).toEqual([personNotified.of(notification)]);
    expect(outcome(once(personNotified.of(notification)).when(recordNotification.name, notification))).toEqual([]);
  });

  it('is marked as read by its person alone, once', () => {
    const { notificationId } = notification;
    const read = notificationRead.of({ notificationId, personId: ola });
    const told = personNotified.of(notification);
    const mark = (by: string, state: ReturnType<typeof once>) =>
      outcome(state.when(readNotification.name, { notificationId }, { person: by }));
    expect(mark(ola, once(told))).toEqual([read]);
    expect(mark(ola, once(told, read))).toEqual([]);
    for (const refused of [mark(kari, once(told)), mark(ola, once())])
      expect(refused).toBe('collaboration.notification-not-found');
  });

  it('is read and gathered with all others of the person', () => {
    const { given: inbox } = deciding(inboxDecider, { person: ola });
    expect(outcome(inbox().when(readInbox.name, {}))).toEqual([inboxRead.of({ personId: ola })]);
    expect(outcome(inbox().when(readInbox.name, {}, { person: null }))).toBe('collaboration.person-required');
    const mail = { personId: ola, mailId: testId(4) };
    expect(outcome(inbox(inboxRead.of({ personId: ola })).when(gatherInbox.name, mail))).toEqual([
      inboxGathered.of(mail),
    ]);
  });

  it('matches its golden files', () => {
    const { notificationId } = notification;
    expectGolden(personNotified, [notification]);
    expectGolden(notificationRead, [{ notificationId, personId: ola }]);
    expectGolden(inboxRead, [{ personId: ola }]);
    expectGolden(inboxGathered, [{ personId: ola, mailId: testId(4) }]);
  });
});
