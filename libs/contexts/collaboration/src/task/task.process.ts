import { done, dueAt, process, remember, send, type Step } from '@daybook/kernel';
import { taskFinished, taskReopened, taskSet } from './task.events.js';
import { mailTask, recordTaskDue } from './task.internal.js';

interface Waiting {
  readonly threadId: string;
}

/** Reminds a person of what they are to do, once, on its day; not of what is done before. */
export const taskReminder = process('collaboration.task-reminder', {
  title: 'Remind of tasks',
  version: 1,
  initial: { threadId: '' } satisfies Waiting as Waiting,
  on: (when, due) => [
    when(taskSet, 'taskId', ({ data }) => wait(data.threadId, data.dueAt)),
    when(taskFinished, 'taskId', () => [done()]),
    when(taskReopened, 'taskId', ({ data }) => (data.remindAt === null ? [] : wait(data.threadId, data.remindAt))),
    due('remind', ({ data }, { threadId }) => {
      const of = { threadId, taskId: data.instance };
      return [send('record', recordTaskDue, of), send('mail', mailTask, of), done()];
    }),
  ],
});

const wait = (threadId: string, at: string): Step<Waiting>[] => [remember({ threadId }), dueAt('remind', at)];
