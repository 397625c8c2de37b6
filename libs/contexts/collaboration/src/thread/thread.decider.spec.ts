import { expectGolden } from '@daybook/event-store/testing/golden';
import { deciding, outcome, rejected, testContext, testId, versioned } from '@daybook/projections/testing/given';
import { commentEdited, commentWithdrawn, commentWritten } from '../comment/comment.events.js';
import { editComment, withdrawComment, writeComment } from '../comment/comment.operations.js';
import { mentionOf, mentionsIn, partsOf } from '../comment/mention.schema.js';
import { recordFollowed, recordUnfollowed } from '../follow/follow.events.js';
import { followRecord, unfollowRecord } from '../follow/follow.operations.js';
import { threadDecider } from './thread.decider.js';
import { threadIdOf } from './thread.schema.js';

const record = { recordType: 'accounting.entry', recordId: testId(1), companyId: testId(2) };
const threadId = threadIdOf(record);
const [kari, ola] = [testId(7), testId(17)];
const commentId = testContext.newId;
const one = { threadId, commentId };
const of = { ...one, author: kari };
const written = commentWritten.of({ ...of, ...record, text: 'Whose is this?', mentioned: [] });
const edited = commentEdited.of({ ...of, ...record, text: 'Whose is it?', mentioned: [] });
const withdrawn = commentWithdrawn.of({ ...of, ...record });
const followed = recordFollowed.of({ threadId, personId: kari, ...record });
const unfollowed = recordUnfollowed.of({ threadId, personId: kari, ...record });

const { given } = deciding(threadDecider, { facts: { outsiders: [] } });
const ofOla = { person: ola, actor: ola };

describe('the thread of a record', () => {
  it('decides every command in every status', () => {
    type Thread = ReturnType<typeof given>;
    const acts = {
      write: (thread: Thread) => thread.when(writeComment.name, { ...record, text: 'Whose is this?' }),
      edit: (thread: Thread) => thread.when(editComment.name, { ...one, text: 'Whose is it?' }),
      withdraw: (thread: Thread) => thread.when(withdrawComment.name, one),
      follow: (thread: Thread) => thread.when(followRecord.name, record),
      unfollow: (thread: Thread) => thread.when(unfollowRecord.name, record),
    };
    const table = [
      [[], 'write', [written]],
      [[written], 'write', [written]],
      [[], 'edit', 'collaboration.comment-not-found'],
      [[written], 'edit', [edited]],
      [[written, edited], 'edit', []],
      [[written, withdrawn], 'edit', 'collaboration.comment-withdrawn'],
      [[], 'withdraw', 'collaboration.comment-not-found'],
      [[written], 'withdraw', [withdrawn]],
      [[written, edited], 'withdraw', [withdrawn]],
      [[written, withdrawn], 'withdraw', 'collaboration.comment-withdrawn'],
      [[], 'follow', [followed]],
      [[followed], 'follow', []],
      [[followed, unfollowed], 'follow', [followed]],
      [[], 'unfollow', []],
      [[followed], 'unfollow', [unfollowed]],
      [[followed, unfollowed], 'unfollow', []],
    ] as const;
    for (const [before, act, after] of table) expect([act, outcome(acts[act](given(...before)))]).toEqual([act, after]);
  });

  it('lets only the author edit and withdraw', () => {
    for (const name of [editComment.name, withdrawComment.name] as const) {
      const decision = given(written).when(name, { ...one, text: 'Mine' }, ofOla);
      expect([rejected(decision).code, rejected(decision).status]).toEqual(['collaboration.comment-of-another', 403]);
    }
  });

  it('takes nothing from a program that belongs to no person', () => {
    const program = { person: null };
    for (const name of [writeComment.name, followRecord.name, unfollowRecord.name] as const)
      expect(outcome(given().when(name, { ...record, text: 'Hello' }, program))).toBe('collaboration.person-required');
  });

  it('counts the version of each comment by itself', () => {
    expect(versioned(given(written).when(editComment.name, { ...one, text: 'Whose is it?' }))).toMatchObject({
      version: 2,
    });
    const stale = given(written, edited).when(withdrawComment.name, one, { expectedVersion: 1 });
    expect(outcome(stale)).toBe('platform.version-stale');
  });

  it('refuses to mention somebody who may not read the record, and says whom', () => {
    const text = `Ask ${mentionOf(ola)}`;
    const refused = rejected(given().when(writeComment.name, { ...record, text }, { facts: { outsiders: [ola] } }));
    expect([refused.code, refused.details, refused.errors[0]?.pointer]).toEqual([
      'collaboration.mention-invalid',
      { persons: [ola] },
      '/text',
    ]);
    const edit = given(written).when(editComment.name, { ...one, text }, { facts: { outsiders: [ola] } });
    expect(outcome(edit)).toBe('collaboration.mention-invalid');
  });

  it('names those who were not mentioned before, and never the author', () => {
    const text = `${mentionOf(ola)} and ${mentionOf(kari)}, see ${mentionOf(ola)}`;
    const first = outcome(given().when(writeComment.name, { ...record, text }));
    expect(first).toMatchObject([{ data: { mentioned: [ola] } }]);
    const again = commentWritten.of({ ...of, ...record, text, mentioned: [ola] });
    const more = `${text} ${mentionOf(testId(18))}`;
    expect(outcome(given(again).when(editComment.name, { ...one, text: more }))).toMatchObject([
      { data: { mentioned: [testId(18)] } },
    ]);
  });
});

describe('a text with mentions', () => {
  it('is read in parts', () => {
    const text = `Ask ${mentionOf(ola)}, please`;
    expect(mentionsIn(text)).toEqual([ola]);
    expect(partsOf(text)).toEqual([{ text: 'Ask ' }, { person: ola }, { text: ', please' }]);
    expect(partsOf(mentionOf(ola))).toEqual([{ person: ola }]);
    expect(partsOf('<@nobody>')).toEqual([{ text: '<@nobody>' }]);
  });
});

describe('events of a thread in the log', () => {
  it('match their golden files', () => {
    expectGolden(commentWritten, [written.data, { ...written.data, companyId: null, mentioned: [ola] }]);
    expectGolden(commentEdited, [edited.data]);
    expectGolden(commentWithdrawn, [withdrawn.data]);
    expectGolden(recordFollowed, [followed.data]);
    expectGolden(recordUnfollowed, [unfollowed.data]);
  });
});
