import { answer, type QueryContext } from '@daybook/server';
import { Bindings } from '@daybook/server/dispatch/bindings';
import { ReadableRecords } from '@daybook/server/record/readable-records';
import { sql } from 'kysely';
import type { RowOf } from '@daybook/projections';
import { recordsOf } from '../thread/thread.queries.js';
import { listNotifications } from './notification.operations.js';
import { notifications } from './notification.projection.js';

type Row = Omit<RowOf<typeof notifications>, 'personId' | 'mail'>;

export const notificationAnswers = [
  answer(
    listNotifications,
    { records: ReadableRecords, bindings: Bindings },
    async ({ limit, cursor }, read, { records, bindings }) => {
      const { onBehalfOf, actor } = read.caller;
      const page = await read.page<Row>(
        { limit, cursor },
        {},
        ({ at, notificationId }) => [at, notificationId],
        (after, count) => newest((onBehalfOf ?? actor).id, read, after, count),
      );
      const readable = await recordsOf(records, read, page.items);
      const items = page.items.flatMap(({ byKind, byId, ...row }, at) => {
        const record = readable[at];
        if (!record) return [];
        const { one, title, address } = record;
        const what = bindings.named(row.operation)?.title ?? row.operation;
        return [{ ...row, by: { kind: byKind, id: byId }, what, one, title, address }];
      });
      return { ...page, items };
    },
  ),
];

function newest(personId: string, read: QueryContext, after: readonly (string | null)[] | null, count: number) {
  const query = read.db
    .selectFrom(read.rows(notifications).as('n'))
    .select(['n.notificationId', 'n.kind', 'n.recordType', 'n.recordId', 'n.companyId'])
    .select(['n.byKind', 'n.byId', 'n.operation', 'n.at', 'n.isRead'])
    .where('n.personId', '=', personId)
    .orderBy('n.at', 'desc')
    .orderBy('n.notificationId', 'desc')
    .limit(count);
  return (after ? query.where(sql<boolean>`(n.at, n."notificationId") < (${after[0]}, ${after[1]})`) : query).execute();
}
