import { projected } from '@daybook/projections/testing/given';
import { record, task, taskId, threadId } from '../testing/parts.js';
import { taskDue, taskFinished, taskReopened, taskSet } from './task.events.js';
import { taskProjection } from './task.projection.js';

const of = { threadId, taskId, ...record };
const row = (...more: Parameters<typeof projected>[1]) =>
  projected(taskProjection, [taskSet.of(task), ...more])['tasks']?.[0];

describe('the rows of tasks', () => {
  it('say what is to be done, by whom, until when', () => {
    const { zone: _, dueAt: __, ...said } = task;
    expect(row()).toEqual({ ...said, isDone: false, wasDue: false, setAt: '2026-03-31T12:00:00Z', version: 1 });
  });

  it('follow what happens to a task', () => {
    expect(row(taskFinished.of(of))).toMatchObject({ isDone: true, wasDue: false, version: 2 });
    expect(row(taskFinished.of(of), taskReopened.of({ ...of, remindAt: null }))).toMatchObject({
      isDone: false,
      version: 3,
    });
    expect(row(taskDue.of(of), taskFinished.of(of))).toMatchObject({ isDone: true, wasDue: true, version: 3 });
  });
});
