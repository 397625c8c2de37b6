import { instant, personal } from '@daybook/kernel';
import { patch, projection, put, tableOf, when } from '@daybook/projections';
import * as z from 'zod';
import { commentEdited, commentWithdrawn, commentWritten } from './comment.events.js';

const text = personal(z.string().nullable(), 'author');

export const comments = tableOf(
  'comments',
  z.object({
    commentId: z.uuid(),
    threadId: z.uuid(),
    author: z.uuid(),
    text,
    status: z.enum(['written', 'edited', 'withdrawn']),
    writtenAt: instant,
    changedAt: instant,
    version: z.int(),
  }),
  ['commentId'],
  { indexes: [['threadId', 'writtenAt', 'commentId'], ['author']] },
);
/** What a comment said, each text that it was given. */
export const commentVersions = tableOf(
  'comment_versions',
  z.object({ commentId: z.uuid(), threadId: z.uuid(), author: z.uuid(), version: z.int(), text, writtenAt: instant }),
  ['commentId', 'version'],
  { indexes: [['author', 'writtenAt']] },
);

export const commentProjection = projection({
  name: 'comments',
  version: 1,
  tables: [comments, commentVersions],
  channels: ['comments'],
  on: [
    when(commentWritten, ({ data, recordedAt, meta }) => {
      const { threadId, commentId, author } = data;
      const { version } = meta.record;
      const of = { threadId, commentId, author, text: data.text, version, writtenAt: recordedAt };
      return [put(comments, { ...of, status: 'written', changedAt: recordedAt }), put(commentVersions, of)];
    }),
    when(commentEdited, ({ data, recordedAt, meta }) => {
      const { threadId, commentId, author } = data;
      const { version } = meta.record;
      return [
        patch(comments, { commentId }, { text: data.text, status: 'edited', changedAt: recordedAt, version }),
        put(commentVersions, { threadId, commentId, author, text: data.text, version, writtenAt: recordedAt }),
      ];
    }),
    when(commentWithdrawn, ({ data: { commentId }, recordedAt, meta }) => [
      patch(comments, { commentId }, { status: 'withdrawn', changedAt: recordedAt, version: meta.record.version }),
    ]),
  ],
});
