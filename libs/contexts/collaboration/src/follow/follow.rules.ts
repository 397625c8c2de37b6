import { accept, type FoldsOf, isRejection, type RulesOf } from '@daybook/kernel';
import { authorOf } from '../comment/comment.rules.js';
import { recordOf, threadIdOf } from '../thread/thread.schema.js';
import type { ThreadFacts, ThreadState } from '../thread/thread.state.js';
import { type FollowEvent, recordFollowed, recordUnfollowed } from './follow.events.js';
import type { followCommands } from './follow.operations.js';

/*
 * Who follows a record.
 * - A person follows for themselves, and stops for themselves.
 * - To follow what one follows already changes nothing.
 */
export const followRules: RulesOf<typeof followCommands, ThreadState, FollowEvent, ThreadFacts> = {
  'collaboration.record.follow': (record, { followers, version }, context) => {
    const personId = authorOf(context);
    if (isRejection(personId)) return personId;
    const threadId = threadIdOf(record);
    if (followers.has(personId)) return accept(threadId, version);
    return accept(threadId, version + 1, recordFollowed.of({ threadId, personId, ...record }));
  },
  'collaboration.record.unfollow': (record, { followers, version }, context) => {
    const personId = authorOf(context);
    if (isRejection(personId)) return personId;
    const threadId = threadIdOf(record);
    if (!followers.has(personId)) return accept(threadId, version);
    return accept(threadId, version + 1, recordUnfollowed.of({ threadId, personId, ...record }));
  },
};

export const followFolds: FoldsOf<FollowEvent, ThreadState> = {
  'collaboration.record-followed': (state, { personId, ...data }) => ({
    ...state,
    record: recordOf(data),
    followers: new Set([...state.followers, personId]),
    version: state.version + 1,
  }),
  'collaboration.record-unfollowed': (state, { personId }) => ({
    ...state,
    followers: new Set([...state.followers].filter((id) => id !== personId)),
    version: state.version + 1,
  }),
};
