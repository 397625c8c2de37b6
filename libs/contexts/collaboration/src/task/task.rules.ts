import {
  accept,
  checkVersion,
  type DecideContext,
  fieldInvalid,
  type FoldsOf,
  instant,
  instantInZone,
  isRejection,
  isZone,
  reject,
  type Rejection,
  type RulesOf,
  withKey,
} from '@daybook/kernel';
import { authorOf } from '../comment/comment.rules.js';
import { recordOf, threadIdOf } from '../thread/thread.schema.js';
import type { TaskState, ThreadFacts, ThreadState } from '../thread/thread.state.js';
import { taskDue, type TaskEvent, taskFinished, taskReopened, taskSet } from './task.events.js';
import type { recordTaskDue } from './task.internal.js';
import type { taskCommands } from './task.operations.js';

/*
 * A task.
 * - A person sets it, for somebody who may read the record.
 * - Everybody who may read the record may say that it is done, or not done after all; to say it twice changes nothing.
 * - Its day comes once, and not for what is done.
 */
export const maxOpenTasks = 100;
/** When a day begins, by the clock of the person. */
const morning = '07:00:00';

type Commands = readonly [...typeof taskCommands, typeof recordTaskDue];

export const taskRules: RulesOf<Commands, ThreadState, TaskEvent, ThreadFacts> = {
  'collaboration.task.set': ({ title, dueOn, zone, personId: asked, ...record }, { tasks }, context, { outsiders }) => {
    const setBy = authorOf(context);
    if (isRejection(setBy)) return setBy;
    const personId = asked ?? setBy;
    if (outsiders.includes(personId))
      return invalid('personId', 'They may not read this record. Choose somebody else, or have them given the right.');
    if (!isZone(zone)) return invalid('zone', `${zone} is not a known time zone. Give an IANA name like Europe/Oslo.`);
    if ([...tasks.values()].filter(({ isDone }) => !isDone).length >= maxOpenTasks)
      return reject('collaboration.too-many-tasks', `There are ${maxOpenTasks} open tasks already. Finish some first.`);
    const [taskId, threadId] = [context.newId, threadIdOf(record)];
    const dueAt = instantInZone(dueOn, morning, zone);
    if (!instant.safeParse(dueAt).success) return invalid('dueOn', 'Give a day from 1000-01-02 on.');
    return accept(taskId, 1, taskSet.of({ threadId, taskId, ...record, setBy, title, personId, dueOn, zone, dueAt }));
  },
  'collaboration.task.finish': (input, state, context) =>
    changing(input.taskId, state, context, ({ isDone }) =>
      isDone ? null : taskFinished.of({ ...input, ...state.record! }),
    ),
  'collaboration.task.reopen': (input, state, context) =>
    changing(input.taskId, state, context, ({ isDone, wasDue, dueAt }) =>
      isDone ? taskReopened.of({ ...input, ...state.record!, remindAt: wasDue ? null : dueAt }) : null,
    ),
  'collaboration.task.record-due': (input, state, context) =>
    changing(input.taskId, state, context, ({ isDone, wasDue }) =>
      isDone || wasDue ? null : taskDue.of({ ...input, ...state.record! }),
    ),
};

export const taskFolds: FoldsOf<TaskEvent, ThreadState> = {
  'collaboration.task-set': (state, { taskId, personId, dueAt, ...data }) => ({
    ...state,
    record: recordOf(data),
    tasks: withKey(state.tasks, taskId, { personId, dueAt, isDone: false, wasDue: false, version: 1 }),
  }),
  'collaboration.task-finished': (state, { taskId }) => changed(state, taskId, { isDone: true }),
  'collaboration.task-reopened': (state, { taskId }) => changed(state, taskId, { isDone: false }),
  'collaboration.task-due': (state, { taskId }) => changed(state, taskId, { wasDue: true }),
};

function changed(state: ThreadState, taskId: string, to: Partial<TaskState>): ThreadState {
  const before = state.tasks.get(taskId)!;
  return { ...state, tasks: withKey(state.tasks, taskId, { ...before, ...to, version: before.version + 1 }) };
}

/** `event` answers what happens to the task, null where nothing does. */
function changing<E extends TaskEvent>(
  taskId: string,
  { tasks }: ThreadState,
  context: DecideContext,
  event: (task: TaskState) => E | null,
) {
  const task = tasks.get(taskId);
  if (!task) return reject('collaboration.task-not-found', 'There is no such task.', { status: 404 });
  const stale = checkVersion(context, task.version);
  if (stale) return stale;
  const happens = event(task);
  return happens ? accept(taskId, task.version + 1, happens) : accept<E>(taskId, task.version);
}

const invalid = (field: string, message: string): Rejection =>
  fieldInvalid('collaboration.task-invalid', field, message);
