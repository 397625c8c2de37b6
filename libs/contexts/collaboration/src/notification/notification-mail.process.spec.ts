import { daybookNamespace, later, nameId } from '@daybook/kernel';
import { recorded, testId } from '@daybook/projections/testing/given';
import { due, given, sent, waits } from '@daybook/projections/testing/process';
import { gatheredFor, notificationMails } from './notification-mail.process.js';
import { inboxGathered, type NotificationKind, personNotified } from './notification.events.js';
import { gatherInbox, mailInbox, mailNotification } from './notification.internal.js';

const [kari, ola] = [testId(7), testId(17)];
const at = '2026-03-31T12:00:00.000Z';
const until = later(at, gatheredFor);
const notified = (kind: NotificationKind, id = 4, personId = ola) =>
  recorded(
    personNotified,
    {
      ...{ notificationId: testId(id), personId, kind, recordType: 'accounting.entry', recordId: testId(1) },
      ...{ companyId: testId(2), by: { kind: 'person', id: kari }, operation: 'x.y.z' },
    },
    { recordedAt: at },
  );
const over = due(notificationMails, ola, 'gather', until);
const mail = { personId: ola, mailId: nameId(daybookNamespace, 'gathered-mail', ola, until) };
const mailed = [sent('gather', gatherInbox, mail), sent('mail', mailInbox, mail)];

describe('mails about what people are notified of', () => {
  it('go out at once for a mention, whether others are gathered or not', () => {
    const once = [sent('mail', mailNotification, { notificationId: testId(4) })];
    expect(given(notificationMails).when(notified('mention'))).toEqual(once);
    expect(given(notificationMails, notified('change', 5)).when(notified('mention'))).toEqual(once);
  });

  it('are one for each person and time, with all that is gathered in it', () => {
    for (const kind of ['comment', 'change', 'tag', 'file', 'task'] as const)
      expect(given(notificationMails).when(notified(kind))).toEqual([waits('gather', until)]);
    const first = given(notificationMails, notified('change'));
    expect(first.when(notified('comment', 5))).toEqual([]);
    expect(given(notificationMails, notified('change'), notified('tag', 5)).when(over)).toEqual(mailed);
    expect(given(notificationMails, notified('change', 4, kari)).when(notified('change', 5))).toEqual([
      waits('gather', until),
    ]);
  });

  it('begin anew after the mail before', () => {
    const sentOnce = given(notificationMails, notified('change'), over);
    expect(sentOnce.when(over)).toEqual([]);
    expect(given(notificationMails, notified('change'), over).when(recorded(inboxGathered, mail))).toEqual([]);
    expect(given(notificationMails, notified('change'), over).when(notified('file', 6))).toEqual([
      waits('gather', until),
    ]);
  });
});
