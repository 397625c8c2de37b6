import { isRejection } from '@daybook/kernel';
import { type RowOf, registerTable, sortColumn } from '@daybook/projections';
import { answer } from '@daybook/server';
import { ReadableRecords } from '@daybook/server/record/readable-records';
import { sql } from 'kysely';
import { tags } from '../tag/tag.register.js';
import { recordsOf, saidOf } from '../thread/thread.queries.js';
import { threadIdOf } from '../thread/thread.schema.js';
import { listRecordTags, listTaggedRecords } from './tagging.operations.js';
import { recordTags } from './tagging.projection.js';

const using = { records: ReadableRecords } as const;

export const taggingAnswers = [
  answer(listRecordTags, using, async (record, read, { records }) => {
    // As the register has them now, whether or not the caller may list it: who may read a record sees what is on it.
    const found = await saidOf(records, read, record, () =>
      read.db
        .selectFrom(read.rows(recordTags).as('t'))
        .innerJoin(read.rows(registerTable(tags)).as('r'), 'r.id', 't.tagId')
        .select(['t.tagId', 'r.name', 'r.colour', 'r.status'])
        .where('t.threadId', '=', threadIdOf(record))
        .orderBy(sql.ref(`r.${sortColumn(tags.record, 'name')}`))
        .orderBy('t.tagId')
        .execute(),
    );
    return isRejection(found) ? found : { items: found.said };
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
    const readable = await recordsOf(records, read, page.items);
    const items = page.items.flatMap(({ threadId: _, ...row }, at) => {
      const record = readable[at];
      return record ? [{ ...row, one: record.one, called: record.title, address: record.address }] : [];
    });
    return { ...page, items };
  }),
];
