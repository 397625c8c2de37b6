import { deciding, outcome, versioned } from '@daybook/projections/testing/given';
import { facts, kari, ola, record, task, taskId, threadId } from '../testing/parts.js';
import { threadDecider } from '../thread/thread.decider.js';
import { taskDue, taskFinished, taskReopened, taskSet } from './task.events.js';
import { maxOpenTasks } from './task.rules.js';

const { given } = deciding(threadDecider, { facts });
const of = { threadId, taskId };
const said = { ...of, ...record };
const [set, finished, due] = [taskSet.of(task), taskFinished.of(said), taskDue.of(said)];
const reopened = (remindAt: string | null) => taskReopened.of({ ...said, remindAt });
const { title, dueOn, zone } = task;
const input = { ...record, title, dueOn, zone };

describe('a task on a record', () => {
  it('is set for a person, and due in the morning of its day by their clock', () => {
    const at = { newId: taskId, facts };
    expect(versioned(given().when('collaboration.task.set', { ...input, personId: ola }, at))).toEqual({
      version: 1,
      events: [set],
    });
    const own = taskSet.of({ ...task, personId: kari });
    expect(outcome(given().when('collaboration.task.set', input, at))).toEqual([own]);
    const tokyo = { ...input, zone: 'Asia/Tokyo' };
    expect(outcome(given().when('collaboration.task.set', tokyo, at))).toMatchObject([
      { data: { dueAt: '2026-04-07T22:00:00.000Z' } },
    ]);
  });

  it('is for nobody who may not read the record, in a zone that there is, and set by a person', () => {
    const toOla = { ...input, personId: ola };
    expect(outcome(given().when('collaboration.task.set', toOla, { facts: { ...facts, outsiders: [ola] } }))).toBe(
      'collaboration.task-invalid',
    );
    expect(outcome(given().when('collaboration.task.set', { ...input, zone: 'Mars' }))).toBe(
      'collaboration.task-invalid',
    );
    expect(outcome(given().when('collaboration.task.set', toOla, { person: null }))).toBe(
      'collaboration.person-required',
    );
    // By the clock of Tokyo this morning is still in the year 999, which no instant has.
    const first = { ...input, dueOn: '1000-01-01', zone: 'Asia/Tokyo' };
    expect(outcome(given().when('collaboration.task.set', first))).toBe('collaboration.task-invalid');
    const many = Array.from({ length: maxOpenTasks }, (_, n) => taskSet.of({ ...task, taskId: `${n}` }));
    expect(outcome(given(...many).when('collaboration.task.set', input))).toBe('collaboration.too-many-tasks');
    expect(
      outcome(given(...many, taskFinished.of({ ...said, taskId: '3' })).when('collaboration.task.set', input)),
    ).toHaveLength(1);
  });

  it('is done and not done, each said once, for the version that was seen', () => {
    expect(versioned(given(set).when('collaboration.task.finish', of))).toEqual({ version: 2, events: [finished] });
    expect(versioned(given(set, finished).when('collaboration.task.finish', of))).toEqual({ version: 2, events: [] });
    expect(outcome(given(set).when('collaboration.task.finish', of, { expectedVersion: 2 }))).toBe(
      'platform.version-stale',
    );
    expect(outcome(given().when('collaboration.task.finish', of))).toBe('collaboration.task-not-found');
    expect(outcome(given(set, finished).when('collaboration.task.reopen', of))).toEqual([reopened(task.dueAt)]);
    expect(outcome(given(set).when('collaboration.task.reopen', of))).toEqual([]);
  });

  it('is due once, and not when it is done', () => {
    expect(outcome(given(set).when('collaboration.task.record-due', of))).toEqual([due]);
    expect(outcome(given(set, due).when('collaboration.task.record-due', of))).toEqual([]);
    expect(outcome(given(set, finished).when('collaboration.task.record-due', of))).toEqual([]);
    expect(outcome(given(set, due, finished).when('collaboration.task.reopen', of))).toEqual([reopened(null)]);
  });
});
