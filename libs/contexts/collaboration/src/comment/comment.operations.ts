import { command, instant, pageInput, pageOf, plainText, query } from '@daybook/kernel';
import * as z from 'zod';
import { commentText, recordShape } from '../thread/thread.schema.js';

/*
 * Comments on a record. Who may read the record reads them; writing one takes a permission as well. A text mentions a person
 * by `<@id>`.
 */
const longest = 4_000;
const text = plainText(longest, 1, 'Write something first.').describe('Mentions a person by <@id>');
const one = { threadId: z.uuid(), commentId: z.uuid() };

export const writeComment = command('collaboration.comment.write', {
  title: 'Comment on a record',
  description:
    'Who may read the record reads it. A person who is mentioned is notified; one who may not read the record cannot be.',
  http: 'POST /v1/collaboration/comments',
  says: 'commented',
  scope: 'caller',
  input: z.object({ ...recordShape, text }),
});
export const editComment = command('collaboration.comment.edit', {
  title: 'Edit your comment',
  description: 'Only its author can. What it said before stays in its history.',
  http: 'PATCH /v1/collaboration/threads/{threadId}/comments/{commentId}',
  permission: writeComment.name,
  says: 'edited a comment',
  scope: 'caller',
  ifMatch: 'required',
  input: z.object({ ...one, text }),
});
export const withdrawComment = command('collaboration.comment.withdraw', {
  title: 'Withdraw your comment',
  description: 'Only its author can. What it said stays in its history.',
  http: 'POST /v1/collaboration/threads/{threadId}/comments/{commentId}/withdrawal',
  permission: writeComment.name,
  says: 'withdrew a comment',
  scope: 'caller',
  ifMatch: 'optional',
  input: z.object(one),
});
export const commentCommands = [writeComment, editComment, withdrawComment] as const;

/** null once its author is erased, where the role hides it, and in the list where it was withdrawn. */
const shownText = commentText(z.string().nullable());

export const commentRow = z
  .object({
    threadId: z.uuid(),
    commentId: z.uuid(),
    author: z.uuid(),
    text: shownText,
    status: z.enum(['written', 'edited', 'withdrawn']),
    writtenAt: instant,
    changedAt: instant,
    version: z.int(),
  })
  .meta({ id: 'Comment' });

export const listComments = query('collaboration.comment.list', {
  title: 'List the comments on a record',
  description: 'Newest first. A record that the caller may not read is answered like one that does not exist.',
  http: 'GET /v1/collaboration/comments',
  permission: 'collaboration.thread.read',
  scope: 'caller',
  input: z.object({ ...recordShape, ...pageInput }),
  output: pageOf(commentRow),
  rows: 'items',
});

export const listCommentVersions = query('collaboration.comment-version.list', {
  title: 'List what a comment said',
  description: 'Every text that its author gave it, the first one first.',
  http: 'GET /v1/collaboration/threads/{threadId}/comments/{commentId}/versions',
  permission: 'collaboration.thread.read',
  scope: 'caller',
  input: z.object(one),
  output: z.object({
    items: z.array(z.object({ version: z.int(), text: shownText, writtenAt: instant }).meta({ id: 'CommentVersion' })),
  }),
  rows: 'items',
});
