import { isRejection } from '@daybook/kernel';
import { answer, type QueryContext, restrict } from '@daybook/server';
import { ReadableRecords } from '@daybook/server/record/readable-records';
import { sql } from 'kysely';
import type * as z from 'zod';
import { recordNotFound } from '../thread/thread.decider.js';
import { threadIdOf } from '../thread/thread.schema.js';
import { threadRecords } from '../thread/thread.projection.js';
import { saidOf } from '../thread/thread.queries.js';
import { type commentRow, listComments, listCommentVersions } from './comment.operations.js';
import { comments, commentVersions } from './comment.projection.js';

type Row = z.output<typeof commentRow>;
const using = { records: ReadableRecords } as const;

export const commentAnswers = [
  answer(listComments, using, async ({ limit, cursor, ...record }, read, { records }) => {
    const threadId = threadIdOf(record);
    const found = await saidOf(records, read, record, () =>
      read.page<Row>(
        { limit, cursor },
        { threadId },
        (row) => [row.writtenAt, row.commentId],
        (after, count) => newest(threadId, read, after, count),
      ),
    );
    if (isRejection(found)) return found;
    const page = found.said;
    const items = page.items.map((row) => (row.status === 'withdrawn' ? { ...row, text: null } : row));
    return restrict(listComments.output, { ...page, items }, found.record.fields) as typeof page;
  }),
  answer(listCommentVersions, using, async ({ threadId, commentId }, read, { records }) => {
    const record = await recordOfThread(threadId, read);
    if (!record) return recordNotFound;
    const found = await saidOf(records, read, record, () =>
      read.db
        .selectFrom(read.rows(commentVersions).as('v'))
        .select(['v.version', 'v.text', 'v.writtenAt'])
        .where('v.threadId', '=', threadId)
        .where('v.commentId', '=', commentId)
        .orderBy('v.version')
        .execute(),
    );
    if (isRejection(found)) return found;
    const answer = { items: found.said };
    return restrict(listCommentVersions.output, answer, found.record.fields) as typeof answer;
  }),
];

function newest(threadId: string, read: QueryContext, after: readonly (string | null)[] | null, count: number) {
  const query = read.db
    .selectFrom(read.rows(comments).as('c'))
    .select(['c.threadId', 'c.commentId', 'c.author', 'c.text', 'c.status', 'c.writtenAt', 'c.changedAt', 'c.version'])
    .where('c.threadId', '=', threadId)
    .orderBy('c.writtenAt', 'desc')
    .orderBy('c.commentId', 'desc')
    .limit(count);
  return (
    after ? query.where(sql<boolean>`(c."writtenAt", c."commentId") < (${after[0]}, ${after[1]})`) : query
  ).execute();
}

/** The record that a thread belongs to. */
export const recordOfThread = (threadId: string, read: QueryContext) =>
  read.db
    .selectFrom(read.rows(threadRecords).as('t'))
    .select(['t.recordType', 't.recordId', 't.companyId'])
    .where('t.threadId', '=', threadId)
    .executeTakeFirst();
