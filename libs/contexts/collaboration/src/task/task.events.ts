import { event, type EventsOf, instant, personal, plainDate } from '@daybook/kernel';
import * as z from 'zod';
import { recordData, taskTitle } from '../thread/thread.schema.js';

const record = ({ taskId }: { taskId: string }) => ({ type: 'collaboration.task', id: taskId });
const ofTask = { threadId: z.uuid(), taskId: z.uuid(), ...recordData };

export const taskSet = event('collaboration.task-set', {
  data: z.object({
    ...ofTask,
    setBy: z.uuid(),
    /** Personal data of who wrote it: erased with them. */
    title: taskTitle(personal(z.string(), 'setBy')),
    /** Who is to do it. */
    personId: z.uuid(),
    dueOn: plainDate,
    zone: z.string(),
    /** When that day begins by the clock of the person. */
    dueAt: instant,
  }),
  record,
});
export const taskFinished = event('collaboration.task-finished', { data: z.object(ofTask), record });
/** `remindAt` is null where the day had come before: nobody is reminded twice. */
export const taskReopened = event('collaboration.task-reopened', {
  data: z.object({ ...ofTask, remindAt: instant.nullable() }),
  record,
});
/** Its day has come, and it is not done. */
export const taskDue = event('collaboration.task-due', { data: z.object(ofTask), record });

export const taskEvents = [taskSet, taskFinished, taskReopened, taskDue] as const;
export type TaskEvent = EventsOf<typeof taskEvents>;
