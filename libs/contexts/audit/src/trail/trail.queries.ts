import { reject } from '@daybook/kernel';
import { answer, type QueryContext } from '@daybook/server';
import { Bindings } from '@daybook/server/dispatch/bindings';
import { sql } from 'kysely';
import { listEvents, readEvent } from './trail.operations.js';
import { appliedRecords, trail } from './trail.projection.js';
import { describeEvents, namesOf, type RowWithHistory, withHistories } from './describe-events.js';

/** At most this many events of one request are shown with one of them. */
const mostCaused = 200;

/**
 * Who may see single companies sees what belongs to them (`visible` of the table); nobody sees what happened to a record that
 * they do not see, nor what people said about it.
 */
const rowsOf = (read: QueryContext) =>
  read.db
    .selectFrom(read.rows(trail).as('t'))
    .selectAll('t')
    .where(read.sees(sql`t."recordType"`, sql`t."recordId"`))
    .where(read.sees(sql`t."aboutType"`, sql`t."aboutId"`));

/** Events that speak of the record, and those that made staged events count which do. Two index look-ups, one set. */
const ofRecord = (recordId: string, recordType: string | undefined, read: QueryContext) =>
  sql<boolean>`t."eventId" in ${read.db
    .selectFrom(read.rows(trail).as('o'))
    .select('o.eventId')
    .where('o.recordId', '=', recordId)
    .$if(recordType !== undefined, (q) => q.where('o.recordType', '=', recordType!))
    .unionAll(
      read.db
        .selectFrom(read.rows(appliedRecords).as('a'))
        .select('a.eventId')
        .where('a.recordId', '=', recordId)
        .$if(recordType !== undefined, (q) => q.where('a.recordType', '=', recordType!)),
    )}`;

/** Without what only the detail of an event shows. */
const plain = ({
  data: _data,
  address: _address,
  previous: _previous,
  ...event
}: Awaited<ReturnType<typeof describeEvents>>[number]) => event;

const using = { bindings: Bindings } as const;

export const trailAnswers = [
  answer(listEvents, using, async ({ limit, cursor, ...filters }, read, { bindings }) => {
    const newest = filters.order === 'newest';
    const matching = (after: readonly (string | null)[] | null, count: number) =>
      rowsOf(read)
        .$if(filters.recordId !== undefined, (q) => q.where(ofRecord(filters.recordId!, filters.recordType, read)))
        .$if(filters.recordId === undefined && filters.recordType !== undefined, (q) =>
          q.where('t.recordType', '=', filters.recordType!),
        )
        .$if(filters.actor !== undefined, (q) => q.where('t.actorId', '=', filters.actor!))
        .$if(filters.operation !== undefined, (q) => q.where('t.operation', '=', filters.operation!))
        .$if(filters.companyId !== undefined, (q) => q.where('t.companyId', '=', filters.companyId!))
        .$if(filters.commandId !== undefined, (q) => q.where('t.commandId', '=', filters.commandId!))
        .$if(filters.from !== undefined, (q) => q.where('t.trail', '>=', filters.from!))
        .$if(filters.to !== undefined, (q) => q.where('t.trail', '<=', filters.to!))
        .$if(after !== null, (q) => q.where('t.trail', newest ? '<' : '>', after![0]!))
        .orderBy('t.trail', newest ? 'desc' : 'asc')
        .limit(count);
    const order = newest ? sql`t.trail desc` : sql`t.trail`;
    const named = namesOf(read);
    const [page] = await Promise.all([
      read.page<RowWithHistory>(
        { limit, cursor },
        filters,
        (row) => [row.trail],
        async (after, count) =>
          (await withHistories(matching(after, count), order, read, bindings).execute(read.db)).rows,
      ),
      named,
    ]);
    const described = await describeEvents(page.items, named, read, bindings);
    return { ...page, items: described.map(plain) };
  }),
  answer(readEvent, using, async ({ eventId }, read, { bindings }) => {
    const commandOf = rowsOf(read).where('t.eventId', '=', eventId).clearSelect().select('t.commandId');
    // The event, and those of the same request.
    const asked = rowsOf(read)
      .where('t.commandId', '=', commandOf)
      .orderBy(sql`t."eventId" <> ${eventId}::uuid`)
      .orderBy('t.trail')
      .limit(mostCaused + 1);
    const named = namesOf(read);
    const [{ rows }] = await Promise.all([withHistories(asked, sql`t.trail`, read, bindings).execute(read.db), named]);
    const described = await describeEvents(rows, named, read, bindings);
    const found = described.find(({ key }) => key === eventId);
    if (!found) {
      return reject('audit.event-not-found', 'There is no such event.', { status: 404, details: { eventId } });
    }
    const { data, ...event } = found;
    return {
      ...event,
      data: (data ?? {}) as Record<string, unknown>,
      caused: described.slice(0, mostCaused).map(plain),
      stamp: read.stamp,
    };
  }),
];
