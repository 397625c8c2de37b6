import { command, instant, oneLine, pageInput, pageOf, plainDate, query } from '@daybook/kernel';
import * as z from 'zod';
import { recordData, recordShape, taskTitle } from '../thread/thread.schema.js';

/*
 * Tasks on a record: what a person is to do about it, and by when. On that day it is on their Home, and they get one mail.
 */
const one = { threadId: z.uuid(), taskId: z.uuid() };
const permission = 'collaboration.task.set';

export const setTask = command('collaboration.task.set', {
  title: 'Set a task',
  description: 'On its day it is on the Home of the person, who gets a mail, unless it is done before.',
  http: 'POST /v1/collaboration/tasks',
  says: 'set a task for {dueOn}',
  scope: 'caller',
  input: z.object({
    ...recordShape,
    title: oneLine(200, 'Say what is to be done.').describe('What is to be done'),
    personId: z.uuid().optional().describe('Who is to do it; by default the caller'),
    dueOn: plainDate,
    zone: z
      .string()
      .max(60)
      .default('Europe/Oslo')
      .describe('IANA time zone of the person: their day begins by its clock'),
  }),
});
export const finishTask = command('collaboration.task.finish', {
  title: 'Mark a task as done',
  http: 'POST /v1/collaboration/threads/{threadId}/tasks/{taskId}/completion',
  permission,
  says: 'marked a task as done',
  scope: 'caller',
  ifMatch: 'optional',
  undo: { operation: () => reopenTask, input: (input) => input },
  input: z.object(one),
});
export const reopenTask = command('collaboration.task.reopen', {
  title: 'Mark a task as not done',
  http: 'POST /v1/collaboration/threads/{threadId}/tasks/{taskId}/reopening',
  permission,
  says: 'marked a task as not done',
  scope: 'caller',
  ifMatch: 'optional',
  input: z.object(one),
});
export const taskCommands = [setTask, finishTask, reopenTask] as const;

/** null once who wrote it is erased, and where the role hides it. */
const shownTitle = taskTitle(z.string().nullable());
const task = {
  ...one,
  title: shownTitle,
  setBy: z.uuid(),
  personId: z.uuid(),
  dueOn: plainDate,
  /** `due`: its day has come. */
  status: z.enum(['open', 'due', 'done']),
  setAt: instant,
  version: z.int(),
};
export const taskRow = z.object(task).meta({ id: 'Task' });

export const listTasks = query('collaboration.task.list', {
  title: 'List the tasks on a record',
  description:
    'Those that are not done first, by their day; at most 200. A record that the caller may not read is answered like one that does not exist.',
  http: 'GET /v1/collaboration/tasks',
  permission: 'collaboration.thread.read',
  scope: 'caller',
  input: z.object(recordShape),
  output: z.object({ items: z.array(taskRow) }),
  rows: 'items',
});

/** With the record that it is about, as its person may see it. */
export const ownTaskRow = z
  .object({ ...task, ...recordData, one: z.string(), called: z.string().nullable(), address: z.string().nullable() })
  .meta({ id: 'OwnTask' });
export const listOwnTasks = query('collaboration.own-task.list', {
  title: 'List your tasks',
  description:
    'What the caller is to do and has not done, by its day; without tasks on records that they may not read any more.',
  http: 'GET /v1/collaboration/own-tasks',
  permission: 'collaboration.thread.read',
  scope: 'caller',
  input: z.object({ due: z.boolean().default(false).describe('Only those whose day has come'), ...pageInput }),
  output: pageOf(ownTaskRow),
  rows: 'items',
});
