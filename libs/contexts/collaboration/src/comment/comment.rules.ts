import {
  accept,
  checkVersion,
  type DecideContext,
  type FoldsOf,
  isRejection,
  reject,
  type Rejection,
  type RulesOf,
  withKey,
} from '@daybook/kernel';
import { recordOf, threadIdOf } from '../thread/thread.schema.js';
import type { CommentState, ThreadFacts, ThreadState } from '../thread/thread.state.js';
import { type CommentEvent, commentEdited, commentWithdrawn, commentWritten } from './comment.events.js';
import type { commentCommands } from './comment.operations.js';
import { mentionsIn } from './mention.schema.js';

/*
 * A comment.
 * - A person writes it; programs of nobody do not.
 * - Only its author edits or withdraws it. What is withdrawn stays so.
 * - Whom it mentions may read the record.
 */
export const commentRules: RulesOf<typeof commentCommands, ThreadState, CommentEvent, ThreadFacts> = {
  'collaboration.comment.write': ({ text, ...record }, _state, context, { outsiders }) => {
    const author = authorOf(context);
    if (isRejection(author)) return author;
    if (outsiders.length > 0) return cannotRead(outsiders);
    const commentId = context.newId;
    const mentioned = mentionsIn(text).filter((id) => id !== author);
    const data = { threadId: threadIdOf(record), commentId, author, ...record, text, mentioned };
    return accept(commentId, 1, commentWritten.of(data));
  },
  'collaboration.comment.edit': ({ threadId, commentId, text }, state, context, { outsiders }) => {
    const comment = ownComment(commentId, state, context);
    if (isRejection(comment)) return comment;
    const { author, version, text: before } = comment;
    if (text === before) return accept(commentId, version);
    if (outsiders.length > 0) return cannotRead(outsiders);
    const known = new Set([author, ...mentionsIn(before ?? '')]);
    const mentioned = mentionsIn(text).filter((id) => !known.has(id));
    const data = { threadId, commentId, author, ...state.record!, text, mentioned };
    return accept(commentId, version + 1, commentEdited.of(data));
  },
  'collaboration.comment.withdraw': ({ threadId, commentId }, state, context) => {
    const comment = ownComment(commentId, state, context);
    if (isRejection(comment)) return comment;
    const { author, version } = comment;
    return accept(commentId, version + 1, commentWithdrawn.of({ threadId, commentId, author, ...state.record! }));
  },
};

export const commentFolds: FoldsOf<CommentEvent, ThreadState> = {
  'collaboration.comment-written': (state, { commentId, author, text, ...data }) => ({
    ...state,
    record: recordOf(data),
    comments: withKey(state.comments, commentId, { author, text, isWithdrawn: false, version: 1 }),
  }),
  'collaboration.comment-edited': (state, { commentId, text }) => changed(state, commentId, { text }),
  'collaboration.comment-withdrawn': (state, { commentId }) => changed(state, commentId, { isWithdrawn: true }),
};

function changed(state: ThreadState, commentId: string, to: Partial<CommentState>): ThreadState {
  const before = state.comments.get(commentId)!;
  return { ...state, comments: withKey(state.comments, commentId, { ...before, ...to, version: before.version + 1 }) };
}

/** Whose it is: the person who acts, or for whom somebody or their own key acts. */
export const authorOf = ({ person }: DecideContext): string | Rejection =>
  person ??
  reject('collaboration.person-required', 'Only a person can do this, and this key belongs to none.', { status: 403 });

function ownComment(commentId: string, { comments }: ThreadState, context: DecideContext): CommentState | Rejection {
  const author = authorOf(context);
  if (isRejection(author)) return author;
  const comment = comments.get(commentId);
  if (!comment) return reject('collaboration.comment-not-found', 'There is no such comment.', { status: 404 });
  if (comment.author !== author)
    return reject('collaboration.comment-of-another', 'Only its author can change a comment. Write one of your own.', {
      status: 403,
    });
  if (comment.isWithdrawn)
    return reject('collaboration.comment-withdrawn', 'This comment was withdrawn. Write another one.');
  return checkVersion(context, comment.version) ?? comment;
}

const cannotRead = (outsiders: readonly string[]) => {
  const message = 'Somebody whom you mention may not read this record. Take them out, or have them given the right.';
  return reject('collaboration.mention-invalid', message, {
    details: { persons: outsiders },
    errors: [{ pointer: '/text', code: 'collaboration.mention-invalid', message }],
  });
};
