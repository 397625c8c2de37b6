import { deciderOf, type EventsOf, reject } from '@daybook/kernel';
import { attachmentEvents } from '../attachment/attachment.events.js';
import { recordAttachment } from '../attachment/attachment.internal.js';
import { removeAttachment } from '../attachment/attachment.operations.js';
import { attachmentFolds, attachmentRules } from '../attachment/attachment.rules.js';
import { commentEvents } from '../comment/comment.events.js';
import { commentCommands } from '../comment/comment.operations.js';
import { commentFolds, commentRules } from '../comment/comment.rules.js';
import { followEvents } from '../follow/follow.events.js';
import { followCommands } from '../follow/follow.operations.js';
import { followFolds, followRules } from '../follow/follow.rules.js';
import { taggingEvents } from '../tagging/tagging.events.js';
import { taggingCommands } from '../tagging/tagging.operations.js';
import { taggingFolds, taggingRules } from '../tagging/tagging.rules.js';
import { taskEvents } from '../task/task.events.js';
import { recordTaskDue } from '../task/task.internal.js';
import { taskCommands } from '../task/task.operations.js';
import { taskFolds, taskRules } from '../task/task.rules.js';
import { noThread, type ThreadFacts, type ThreadState } from './thread.state.js';

/*
 * A thread: what people add to one record of any context, in one stream per record. Who may not read the record is refused
 * as if it were not there (thread.binding.ts); the rules of each part are in its folder.
 */
export const threadCommands = [
  ...commentCommands,
  ...followCommands,
  ...taggingCommands,
  removeAttachment,
  ...taskCommands,
] as const;
/** Steps of commands, which those take in whose name they are; and of processes, which read nothing. */
export const threadSteps = [recordAttachment] as const;
export const processSteps = [recordTaskDue] as const;
const allCommands = [...threadCommands, ...threadSteps, ...processSteps] as const;

export const threadEvents = [
  ...commentEvents,
  ...followEvents,
  ...taggingEvents,
  ...attachmentEvents,
  ...taskEvents,
] as const;

export const threadDecider = deciderOf<typeof allCommands, ThreadState, EventsOf<typeof threadEvents>, ThreadFacts>({
  commands: allCommands,
  initial: noThread,
  rules: { ...commentRules, ...followRules, ...taggingRules, ...attachmentRules, ...taskRules },
  folds: { ...commentFolds, ...followFolds, ...taggingFolds, ...attachmentFolds, ...taskFolds },
});

/** The same for a record that is not there and for one that the caller may not read. */
export const recordNotFound = reject('collaboration.record-not-found', 'There is no such record.', { status: 404 });
