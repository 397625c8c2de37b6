import { instant, personal, plainDate } from '@daybook/kernel';
import { patch, projection, put, tableOf, when } from '@daybook/projections';
import * as z from 'zod';
import { recordData } from '../thread/thread.schema.js';
import { taskDue, taskFinished, taskReopened, taskSet } from './task.events.js';

export const tasks = tableOf(
  'tasks',
  z.object({
    taskId: z.uuid(),
    threadId: z.uuid(),
    ...recordData,
    title: personal(z.string().nullable(), 'setBy'),
    setBy: z.uuid(),
    personId: z.uuid(),
    dueOn: plainDate,
    isDone: z.boolean(),
    wasDue: z.boolean(),
    setAt: instant,
    version: z.int(),
  }),
  ['taskId'],
  { indexes: [['threadId', 'dueOn', 'taskId'], ['personId', 'isDone', 'dueOn', 'taskId'], ['setBy']] },
);

export const taskProjection = projection({
  name: 'tasks',
  version: 1,
  tables: [tasks],
  channels: ['tasks'],
  on: [
    when(taskSet, ({ data: { zone: _, dueAt: __, ...data }, recordedAt }) => [
      put(tasks, { ...data, isDone: false, wasDue: false, setAt: recordedAt, version: 1 }),
    ]),
    when(taskFinished, ({ data: { taskId }, meta }) => [
      patch(tasks, { taskId }, { isDone: true, version: meta.record.version }),
    ]),
    when(taskReopened, ({ data: { taskId }, meta }) => [
      patch(tasks, { taskId }, { isDone: false, version: meta.record.version }),
    ]),
    when(taskDue, ({ data: { taskId }, meta }) => [
      patch(tasks, { taskId }, { wasDue: true, version: meta.record.version }),
    ]),
  ],
});
