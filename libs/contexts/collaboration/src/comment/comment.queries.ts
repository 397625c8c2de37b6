import { answer, type QueryContext, restrict } from '@daybook/server';
import { ReadableRecords } from '@daybook/server/record/readable-records';
import { sql } from 'kysely';
import type * as z from 'zod';
import { keyOf } from '../thread/thread.binding.js';
import { recordNotFound } from '../thread/thread.decider.js';
import { threadIdOf } from '../thread/thread.schema.js';
import { threadRecords } from '../thread/thread.projection.js';
import { type commentRow, listComments, listCommentVersions } from './comment.operations.js';
import { comments, commentVersions } from './comment.projection.js';

type Row = z.output<typeof commentRow>;
const using = { records: ReadableRecords } as const;

export const commentAnswers = [
  answer(listComments, using, async ({ limit, cursor, ...record }, read, { records }) => {
    const readable = await records.find(read, read.caller, keyOf(record));
    if (!readable) return recordNotFound;
    const threadId = threadIdOf(record);
    const page = await read.page<Row>(
      { limit, cursor },
      { threadId },
      (row) => [row.writtenAt, row.commentId],
      (after, count) => {
        const query = read.db
          .selectFrom(read.rows(comments).as('c'))
          .select([
            'c.threadId',
            'c.commentId',
            'c.author',
            'c.text',
            'c.status',
            'c.writtenAt',
            'c.changedAt',
            'c.version',
          ])
          .where('c.threadId', '=', threadId)
          .orderBy('c.writtenAt', 'desc')
          .orderBy('c.commentId', 'desc')
          .limit(count);
        return (
          after ? query.where(sql<boolean>`(c."writtenAt", c."commentId") < (${after[0]}, ${after[1]})`) : query
        ).execute();
      },
    );
    const items = page.items.map((row) => (row.status === 'withdrawn' ? { ...row, text: null } : row));
    return restrict(listComments.output, { ...page, items }, readable.fields) as typeof page;
  }),
  answer(listCommentVersions, using, async ({ threadId, commentId }, read, { records }) => {
    const record = await recordOfThread(threadId, read);
    const readable = record && (await records.find(read, read.caller, keyOf(record)));
    if (!readable) return recordNotFound;
    const items = await read.db
      .selectFrom(read.rows(commentVersions).as('v'))
      .select(['v.version', 'v.text', 'v.writtenAt'])
      .where('v.threadId', '=', threadId)
      .where('v.commentId', '=', commentId)
      .orderBy('v.version')
      .execute();
    return restrict(listCommentVersions.output, { items }, readable.fields) as { items: typeof items };
  }),
];

/** The record that a thread belongs to. */
export const recordOfThread = (threadId: string, read: QueryContext) =>
  read.db
    .selectFrom(read.rows(threadRecords).as('t'))
    .select(['t.recordType', 't.recordId', 't.companyId'])
    .where('t.threadId', '=', threadId)
    .executeTakeFirst();
