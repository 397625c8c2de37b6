import { expectGolden } from '@daybook/event-store/testing/golden';
import { daybookNamespace, event, nameId } from '@daybook/kernel';
import { deciding, outcome, recorded, testId } from '@daybook/projections/testing/given';
import { given, sent } from '@daybook/projections/testing/process';
import * as z from 'zod';
import { commentEdited, commentWritten } from '../comment/comment.events.js';
import { recordFollowed, recordUnfollowed } from '../follow/follow.events.js';
import { threadIdOf } from '../thread/thread.schema.js';
import { notificationDecider } from './notification.decider.js';
import { personNotified } from './notification.events.js';
import { mailNotification, recordNotification } from './notification.internal.js';
import { notificationProcess } from './notification.process.js';

const record = { recordType: 'accounting.entry', recordId: testId(1), companyId: testId(2) };
const threadId = threadIdOf(record);
const [kari, ola, per] = [testId(7), testId(17), testId(18)];
const by = { kind: 'person', id: kari } as const;
const commandId = testId(99);
const meta = { actor: by, operation: 'collaboration.comment.write', commandId };
const notificationOf = (personId: string) => nameId(daybookNamespace, 'notification', personId, commandId);
const notified = (personId: string, kind: 'mention' | 'comment' | 'change', operation = meta.operation) =>
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

  it('mails a notification', () => {
    const notification = {
      notificationId: notificationOf(ola),
      personId: ola,
      kind: 'mention' as const,
      ...record,
      by,
      operation: meta.operation,
    };
    expect(given(notificationProcess).when(recorded(personNotified, notification))).toEqual([
      sent('mail', mailNotification, { notificationId: notificationOf(ola) }),
    ]);
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

  it('matches its golden file', () => expectGolden(personNotified, [notification]));
});
