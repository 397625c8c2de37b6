import { isRejection } from '@daybook/kernel';
import type { RowOf } from '@daybook/projections';
import { answer, restrict } from '@daybook/server';
import { ReadableRecords } from '@daybook/server/record/readable-records';
import { sql } from 'kysely';
import { recordsOf, saidOf } from '../thread/thread.queries.js';
import { threadIdOf } from '../thread/thread.schema.js';
import { listOwnTasks, listTasks } from './task.operations.js';
import { tasks } from './task.projection.js';

/** More than can be open (task.rules.ts): what is left out is done. */
const mostListed = 200;
const using = { records: ReadableRecords } as const;
const status = sql<
  'open' | 'due' | 'done'
>`case when t."isDone" then 'done' when t."wasDue" then 'due' else 'open' end`;
const columns = [
  't.threadId',
  't.taskId',
  't.title',
  't.setBy',
  't.personId',
  't.dueOn',
  't.setAt',
  't.version',
] as const;

export const taskAnswers = [
  answer(listTasks, using, async (record, read, { records }) => {
    const found = await saidOf(records, read, record, () =>
      read.db
        .selectFrom(read.rows(tasks).as('t'))
        .select([...columns, status.as('status')])
        .where('t.threadId', '=', threadIdOf(record))
        .orderBy('t.isDone')
        .orderBy('t.dueOn')
        .orderBy('t.taskId')
        .limit(mostListed)
        .execute(),
    );
    if (isRejection(found)) return found;
    const answer = { items: found.said };
    return restrict(listTasks.output, answer, found.record.fields) as typeof answer;
  }),
  answer(listOwnTasks, using, async ({ due, limit, cursor }, read, { records }) => {
    const { actor, onBehalfOf } = read.caller;
    const personId = (onBehalfOf ?? actor).id;
    const page = await read.page(
      { limit, cursor },
      { due, personId },
      (row: Pick<RowOf<typeof tasks>, 'dueOn' | 'taskId'>) => [row.dueOn, row.taskId],
      (after, count) => {
        const query = read.db
          .selectFrom(read.rows(tasks).as('t'))
          .select([...columns, 't.recordType', 't.recordId', 't.companyId', status.as('status')])
          .where('t.personId', '=', personId)
          .where('t.isDone', '=', false)
          .$if(due, (q) => q.where('t.wasDue', '=', true))
          .orderBy('t.dueOn')
          .orderBy('t.taskId')
          .limit(count);
        return (
          after ? query.where(sql<boolean>`(t."dueOn", t."taskId") > (${after[0]}, ${after[1]})`) : query
        ).execute();
      },
    );
    const readable = await recordsOf(records, read, page.items);
    const items = page.items.flatMap((row, at) => {
      const record = readable[at];
      if (!record) return [];
      const { one, title: called, address, fields } = record;
      const shown = restrict(listTasks.output, { items: [row] }, fields) as { items: [typeof row] };
      return [{ ...shown.items[0], one, called, address }];
    });
    return { ...page, items };
  }),
];
