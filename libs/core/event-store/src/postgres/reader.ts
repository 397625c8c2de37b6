import type { EventMeta } from '@daybook/kernel';
import { literal, queryInTenant } from '@daybook/postgres';
import type { Pool } from 'pg';
import type { StoredEvent } from '../port.js';
import { asRecordedAt } from './group-commit.js';

interface EventRow {
  readonly position: string;
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  readonly recorded_at: string;
  readonly data: unknown;
  readonly meta: EventMeta;
  readonly available: string;
}

/** A range of the log: of one stream by revision, or of all streams by position. */
export interface Slice {
  readonly stream?: string;
  readonly tenant?: string;
  /** Exclusive bounds of revision or position. */
  readonly after?: bigint;
  readonly before?: bigint;
  readonly backwards: boolean;
}

/** The most events and bytes per batch; a larger event comes alone. */
export const batchLimits = { events: 500, bytes: 8_000_000 };

export interface Batch {
  readonly events: StoredEvent[];
  /** There were no more events at the time of reading. */
  readonly last: boolean;
}

/**
 * Reads one bounded batch in one round trip. Sizes are in a column, so that events beyond the limit are not fetched. `scope` is the
 * tenant of the transaction; with null the projector sees everything and the API's role nothing.
 */
export async function readBatch(pool: Pool, scope: string | null, slice: Slice, limit: number): Promise<Batch> {
  const key = slice.stream === undefined ? 'position' : 'revision';
  const order = `${key} ${slice.backwards ? 'desc' : 'asc'}`;
  const where = (
    [
      ['stream = ', slice.stream],
      ['tenant = ', slice.tenant],
      [`${key} > `, slice.after],
      [`${key} < `, slice.before],
    ] as const
  ).flatMap(([condition, value]) => (value === undefined ? [] : [condition + literal(value)]));
  const text = `
    select position, stream, revision, id, type, recorded_at, data, meta, available
    from (
      select *, count(*) over () as available, row_number() over (order by ${order}) as place,
             sum(bytes) over (order by ${order} rows between unbounded preceding and 1 preceding) as bytes_before
      from (
        select * from store.events ${where.length > 0 ? `where ${where.join(' and ')}` : ''}
        order by ${order} limit ${limit + 1}
      ) as slice
    ) as measured
    where place <= ${limit} and coalesce(bytes_before, 0) < ${batchLimits.bytes}
    order by ${order}`;
  const rows = await queryInTenant<EventRow>(pool, scope, text, { readOnly: true });
  return { events: rows.map(asStored), last: rows.length === 0 || Number(rows[0]!.available) === rows.length };
}

const asStored = (row: EventRow): StoredEvent => ({
  id: row.id,
  type: row.type,
  stream: row.stream,
  revision: row.revision,
  position: BigInt(row.position),
  recordedAt: asRecordedAt(row.recorded_at),
  data: row.data,
  meta: row.meta,
});
