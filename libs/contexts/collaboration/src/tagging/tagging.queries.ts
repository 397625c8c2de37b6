import { isRejection } from '@daybook/kernel';
import type { RowOf } from '@daybook/projections';
import { answer, type QueryContext } from '@daybook/server';
import { ReadableRecords } from '@daybook/server/record/readable-records';
import { sql } from 'kysely';
import { tags } from '../tag/tag.register.js';
import { keyOf } from '../thread/thread.binding.js';
import { recordNotFound } from '../thread/thread.decider.js';
import { threadIdOf } from '../thread/thread.schema.js';
import { listRecordTags, listTaggedRecords } from './tagging.operations.js';
import { recordTags } from './tagging.projection.js';
import { maxTags } from './tagging.rules.js';

const using = { records: ReadableRecords } as const;

export const taggingAnswers = [
  answer(listRecordTags, using, async (record, read, { records }) => {
    if (!(await records.find(read, read.caller, keyOf(record)))) return recordNotFound;
    const found = await read.db
      .selectFrom(read.rows(recordTags).as('t'))
      .select('t.tagId')
      .where('t.threadId', '=', threadIdOf(record))
      .execute();
    return tagsNamed(
      found.map(({ tagId }) => tagId),
      read,
    );
  }),
  answer(listTaggedRecords, using, async ({ tagId, recordType, limit, cursor }, read, { records }) => {
    const page = await read.page(
      { limit, cursor },
      { tagId, recordType },
      (row: RowOf<typeof recordTags>) => [row.taggedAt, row.threadId],
      (after, count) => {
        const query = read.db
          .selectFrom(read.rows(recordTags).as('t'))
          .select(['t.threadId', 't.tagId', 't.recordType', 't.recordId', 't.companyId', 't.taggedAt'])
          .where('t.tagId', '=', tagId)
          .$if(recordType !== undefined, (q) => q.where('t.recordType', '=', recordType!))
          .orderBy('t.taggedAt', 'desc')
          .orderBy('t.threadId', 'desc')
          .limit(count);
        return (
          after ? query.where(sql<boolean>`(t."taggedAt", t."threadId") < (${after[0]}, ${after[1]})`) : query
        ).execute();
      },
    );
    const readable = await records.findEach(read, read.caller, page.items.map(keyOf));
    const items = page.items.flatMap(({ threadId: _, ...row }, at) => {
      const record = readable[at];
      return record ? [{ ...row, one: record.one, called: record.title, address: record.address }] : [];
    });
    return { ...page, items };
  }),
];

/** As the register has them now, whether or not the caller may list it: who may read a record sees what is on it. */
async function tagsNamed(ids: readonly string[], read: QueryContext) {
  const answer = await read.ask(tags.list, { id: ids, limit: maxTags });
  if (isRejection(answer)) return answer;
  return { items: answer.items.map(({ id, name, colour, status }) => ({ tagId: id, name, colour, status })) };
}
