import { deciderOf, type EventsOf, reject } from '@daybook/kernel';
import { commentEvents } from '../comment/comment.events.js';
import { commentCommands } from '../comment/comment.operations.js';
import { commentFolds, commentRules } from '../comment/comment.rules.js';
import { followEvents } from '../follow/follow.events.js';
import { followCommands } from '../follow/follow.operations.js';
import { followFolds, followRules } from '../follow/follow.rules.js';
import { noThread, type ThreadFacts, type ThreadState } from './thread.state.js';

/*
 * A thread: what people add to one record of any context, in one stream per record. Who may not read the record is refused
 * as if it were not there (thread.binding.ts); the rules of each part are in its folder.
 */
export const threadCommands = [...commentCommands, ...followCommands] as const;
export const threadEvents = [...commentEvents, ...followEvents] as const;

export const threadDecider = deciderOf<typeof threadCommands, ThreadState, EventsOf<typeof threadEvents>, ThreadFacts>({
  commands: threadCommands,
  initial: noThread,
  rules: { ...commentRules, ...followRules },
  folds: { ...commentFolds, ...followFolds },
});

/** The same for a record that is not there and for one that the caller may not read. */
export const recordNotFound = reject('collaboration.record-not-found', 'There is no such record.', { status: 404 });
