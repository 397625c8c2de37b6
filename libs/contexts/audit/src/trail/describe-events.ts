import { anyOf } from '@daybook/projections';
import { listActors } from '@daybook/identity';
import { type EventDeclaration, isRejection, type RecordedEvent, auditSentence } from '@daybook/kernel';
import { type QueryContext, restrict } from '@daybook/server';
import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';
import type * as z from 'zod';
import { changesBetween } from './changes.js';
import type { Bindings } from '@daybook/server/dispatch/bindings';
import { customChangesIn, recordAround, recordChanges, recordEventOf } from './record-changes.js';
import type { auditEvent, trailRow } from './trail.operations.js';
import { trail } from './trail.projection.js';

/*
 * Turns trail rows into what a person reads: the sentence, filled from the event's own data, and what changed against
 * the record's event before. The data is read from the event store by locator (stream, revision); the trail keeps none
 * of it, so that personal data stands in one place.
 */
export type AuditEvent = z.infer<typeof auditEvent>;
export type TrailRow = z.infer<typeof trailRow> & { readonly valid_from: string };

type Located = { readonly stream: string; readonly revision: number };
const at = ({ stream, revision }: Located): string => `${stream}@${revision}`;

/** Revisions of one stream this close together are read in one go. */
const nearby = 20;

export async function describeEvents(
  rows: readonly RowWithHistory[],
  named: Promise<Map<string, string | null>>,
  read: QueryContext,
  bindings: Pick<Bindings, 'named' | 'events' | 'processes' | 'records' | 'customizable'>,
): Promise<(AuditEvent & { data: unknown; address: string | null; previous: string | null })[]> {
  const declared = new Map(bindings.events.map((one) => [one.name, one]));
  const records = new Map(bindings.records.map((one) => [one.name as string, one]));
  const located = rows.flatMap(({ history, ...row }) => [row, ...history]);
  const [events, names] = await Promise.all([eventsAt(located, read, declared), named]);
  for (const { name, title } of bindings.processes) names.set(name, title);
  return rows.map(({ valid_from, actorKind, actorId, onBehalfOfId, history, ...row }) => {
    const { data, meta } = events.get(at(row)) ?? {};
    const operation = bindings.named(row.operation);
    const earlier = history.at(-2);
    const record = recordEventOf(declared.get(row.type)) ? records.get(row.recordType) : undefined;
    const around = record
      ? recordAround(
          history.map((one) => events.get(at(one))),
          declared,
        )
      : null;
    return {
      ...row,
      key: row.eventId,
      position: valid_from,
      actor: { kind: actorKind, id: actorId, name: names.get(actorId) ?? null },
      onBehalfOf: onBehalfOfId === null ? null : { id: onBehalfOfId, name: names.get(onBehalfOfId) ?? null },
      says: operation?.kind === 'command' ? auditSentence(operation.says, around?.after ?? data) : '',
      changes:
        record && around
          ? recordChanges(record, around)
          : changesByHand(bindings.customizable.has(row.recordType), earlier && events.get(at(earlier))?.data, data),
      data,
      address: meta?.address ?? null,
      previous: earlier?.eventId ?? null,
    };
  });
}

/** Of a record that is not of the kit. */
const changesByHand = (hasCustom: boolean, before: unknown, after: unknown) => [
  ...changesBetween(before, after),
  ...(hasCustom ? customChangesIn(before, after) : []),
];

/** Of a record with more events, what was said before them is left out. */
const mostEvents = 200;
/** For all rows of a page together. */
const mostOfPage = 2_000;

/** How many events of its record are read for each of so many rows: the row's own and the one before at least. */
export const historyDepth = (rows: RawBuilder<unknown>): RawBuilder<number> =>
  sql<number>`greatest(2, least(${mostEvents}::int, ${mostOfPage}::int / ${rows}))`;

/**
 * These rows of the trail, each with the events of its record up to its own, oldest first: of those that say only what changes, as
 * many as are read for a row of such a page, else that and the one before.
 */
export const withHistories = (
  page: SelectQueryBuilder<object, never, TrailRow>,
  order: RawBuilder<unknown>,
  read: QueryContext,
  { events }: Pick<Bindings, 'events'>,
): RawBuilder<RowWithHistory> => {
  const changing = events.flatMap((one) => (recordEventOf(one) ? [one.name] : []));
  const depth = historyDepth(sql`(select count(*) from page)`);
  return sql<RowWithHistory>`
    with page as materialized ${page}
    select t.*, coalesce((
      select jsonb_agg(jsonb_build_object('eventId', p."eventId", 'stream', p.stream, 'revision', p.revision) order by p.trail)
      from (
        select b."eventId", b.stream, b.revision, b.trail from ${read.rows(trail).as('b')}
        where b."recordType" = t."recordType" and b."recordId" = t."recordId" and b.trail <= t.trail
        order by b.trail desc limit case when t.type = ${anyOf(changing)} then ${depth} else 2 end) p), '[]') as history
    from page t order by ${order}`;
};
export type RowWithHistory = TrailRow & { readonly history: readonly Earlier[] };
type Earlier = Located & { readonly eventId: string };

/**
 * What this version does not know is left out: its row has no words. So is what the reader's role hides, so that neither
 * the data, nor a change, nor a sentence tells it.
 */
async function eventsAt(
  located: readonly Located[],
  read: QueryContext,
  declared: ReadonlyMap<string, EventDeclaration>,
): Promise<Map<string, RecordedEvent>> {
  const events = new Map<string, RecordedEvent>();
  const readRange = async (stream: string, range: { from: number; limit: number }) => {
    for await (const event of read.events.stream(stream, { ...range, unknown: 'skip' })) {
      const schema = declared.get(event.type)?.data;
      const data = schema ? restrict(schema, event.data, read.caller.fields ?? {}) : event.data;
      events.set(at(event), { ...event, data });
    }
  };
  const streams = [...Map.groupBy(located, ({ stream }) => stream)];
  // At once, so that they share round trips.
  await Promise.all(
    streams.flatMap(([stream, those]) =>
      ranges(those.map(({ revision }) => revision)).map((range) => readRange(stream, range)),
    ),
  );
  return events;
}

/** Covers the revisions with as few reads as make sense. */
export function ranges(revisions: readonly number[]): { from: number; limit: number }[] {
  const found: { from: number; limit: number }[] = [];
  for (const revision of [...new Set(revisions)].sort((a, b) => a - b)) {
    const last = found.at(-1);
    if (last && revision < last.from + last.limit + nearby) last.limit = revision - last.from + 1;
    else found.push({ from: revision, limit: 1 });
  }
  return found;
}

/** Of all who act in the tenant. */
export async function namesOf(read: QueryContext): Promise<Map<string, string | null>> {
  const actors = await read.ask(listActors, {});
  return new Map(isRejection(actors) ? [] : actors.items.map(({ id, name }) => [id, name]));
}
