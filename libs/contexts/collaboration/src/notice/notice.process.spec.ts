import { expectGolden } from '@daybook/event-store/testing/golden';
import { daybookNamespace, event, nameId } from '@daybook/kernel';
import { deciding, outcome, recorded, testId } from '@daybook/projections/testing/given';
import { given, sent } from '@daybook/projections/testing/process';
import * as z from 'zod';
import { commentEdited, commentWritten } from '../comment/comment.events.js';
import { recordFollowed, recordUnfollowed } from '../follow/follow.events.js';
import { threadIdOf } from '../thread/thread.schema.js';
import { noticeDecider } from './notice.decider.js';
import { personTold } from './notice.events.js';
import { mailNotice, tellPerson } from './notice.internal.js';
import { noticeProcess } from './notice.process.js';

const record = { recordType: 'accounting.entry', recordId: testId(1), companyId: testId(2) };
const threadId = threadIdOf(record);
const [kari, ola, per] = [testId(7), testId(17), testId(18)];
const by = { kind: 'person', id: kari } as const;
const commandId = testId(99);
const meta = { actor: by, operation: 'collaboration.comment.write', commandId };
const noticeOf = (personId: string) => nameId(daybookNamespace, 'notice', personId, commandId);
const told = (personId: string, kind: 'mention' | 'comment' | 'change', operation = meta.operation) =>
  sent(`tell ${personId}`, tellPerson, { noticeId: noticeOf(personId), personId, kind, ...record, by, operation });

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

describe('telling people of mentions and of what they follow', () => {
  it('tells those whom a comment mentions, also when it is edited', () => {
    expect(given(noticeProcess).when(written(ola, per))).toEqual([told(ola, 'mention'), told(per, 'mention')]);
    expect(given(noticeProcess).when(edited(ola))).toEqual([told(ola, 'mention')]);
    expect(given(noticeProcess).when(written())).toEqual([]);
  });

  it('tells followers of comments and of changes by any context, and nobody of their own', () => {
    const following = given(noticeProcess, followed(kari), followed(ola));
    expect(following.when(written())).toEqual([told(ola, 'comment')]);
    expect(following.when(changed())).toEqual([told(ola, 'change', 'accounting.entry.hold')]);
    expect(following.when(changed(testId(5)))).toEqual([]);
  });

  it('tells a follower who is mentioned once', () => {
    expect(given(noticeProcess, followed(ola)).when(written(ola))).toEqual([told(ola, 'mention')]);
  });

  it('tells nobody who stopped following', () => {
    const left = given(noticeProcess, followed(ola), followed(per), unfollowed(ola));
    expect(left.when(changed())).toEqual([told(per, 'change', 'accounting.entry.hold')]);
    expect(given(noticeProcess, followed(ola), unfollowed(ola)).when(changed())).toEqual([]);
  });

  it('mails what was told', () => {
    const notice = {
      noticeId: noticeOf(ola),
      personId: ola,
      kind: 'mention' as const,
      ...record,
      by,
      operation: meta.operation,
    };
    expect(given(noticeProcess).when(recorded(personTold, notice))).toEqual([
      sent('mail', mailNotice, { noticeId: noticeOf(ola) }),
    ]);
  });
});

describe('what a person is told', () => {
  const notice = {
    noticeId: noticeOf(ola), personId: ola, kind: 'change' as const, ...record, by, operation: 'accounting.entry.hold',
  }; // prettier-ignore
  const { given: once } = deciding(noticeDecider);

  it('is told once, however often it is sent', () => {
    expect(outcome(once().when(tellPerson.name, notice))).toEqual([personTold.of(notice)]);
    expect(outcome(once(personTold.of(notice)).when(tellPerson.name, notice))).toEqual([]);
  });

  it('matches its golden file', () => expectGolden(personTold, [notice]));
});
