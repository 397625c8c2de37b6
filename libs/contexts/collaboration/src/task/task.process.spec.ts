import { recorded } from '@daybook/projections/testing/given';
import { due, given, sent, waits } from '@daybook/projections/testing/process';
import { record, task, taskId, threadId } from '../testing/parts.js';
import { taskDue, taskFinished, taskReopened, taskSet } from './task.events.js';
import { mailTask, recordTaskDue } from './task.internal.js';
import { taskReminder } from './task.process.js';

const of = { threadId, taskId };
const said = { ...of, ...record };
const set = recorded(taskSet, task);
const finished = recorded(taskFinished, said);
const reopened = (remindAt: string | null) => recorded(taskReopened, { ...said, remindAt });
const day = due(taskReminder, taskId, 'remind', task.dueAt);
const reminder = [sent('record', recordTaskDue, of), sent('mail', mailTask, of)];

describe('the reminder of a task', () => {
  it('waits for the day, then records it and sends one mail', () => {
    expect(given(taskReminder).when(set)).toEqual([waits('remind', task.dueAt)]);
    expect(given(taskReminder, set).when(day)).toEqual(reminder);
    expect(given(taskReminder, set, day).when(day)).toEqual([]);
    expect(given(taskReminder, set, day).when(recorded(taskDue, said))).toEqual([]);
  });

  it('is called off when the task is done before its day', () => {
    expect(given(taskReminder, set).when(finished)).toEqual([]);
    expect(given(taskReminder, set, finished).when(day)).toEqual([]);
  });

  it('waits again for what is not done after all, unless the person was reminded', () => {
    expect(given(taskReminder, set, finished).when(reopened(task.dueAt))).toEqual([waits('remind', task.dueAt)]);
    expect(given(taskReminder, set, finished, reopened(task.dueAt)).when(day)).toEqual(reminder);
    expect(given(taskReminder, set, day, finished).when(reopened(null))).toEqual([]);
  });
});
