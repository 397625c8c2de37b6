import { event, type EventsOf, personal } from '@daybook/kernel';
import * as z from 'zod';
import { commentText, recordData } from '../thread/thread.schema.js';

const record = ({ commentId }: { commentId: string }) => ({ type: 'collaboration.comment', id: commentId });
const comment = { threadId: z.uuid(), commentId: z.uuid(), author: z.uuid() };
const content = {
  /** Personal data of who wrote it: erased with them. */
  text: commentText(personal(z.string(), 'author')),
  /** Persons who are mentioned in it and were not before; never the author. */
  mentioned: z.array(z.uuid()),
};

export const commentWritten = event('collaboration.comment-written', {
  data: z.object({ ...comment, ...recordData, ...content }),
  record,
});
export const commentEdited = event('collaboration.comment-edited', {
  data: z.object({ ...comment, ...recordData, ...content }),
  record,
});
/** The author took it back. What it said stays in its history. */
export const commentWithdrawn = event('collaboration.comment-withdrawn', {
  data: z.object({ ...comment, ...recordData }),
  record,
});

export const commentEvents = [commentWritten, commentEdited, commentWithdrawn] as const;
export type CommentEvent = EventsOf<typeof commentEvents>;
