import type { EventMeta } from '@daybook/kernel';
import { literal, queryEachInTenant } from '@daybook/postgres';
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

interface Asked {
  readonly slice: Slice;
  readonly limit: number;
  readonly resolve: (batch: Batch) => void;
  readonly reject: (error: unknown) => void;
}
/** Of reads that share a round trip: the most, and the most events that one of them may ask for. */
const shared = { reads: 250, events: 200 };

/**
 * Reads bounded batches, each in one round trip; those of a few events that are asked for in one turn of the event loop share it.
 * The scope of a read is the tenant of its transaction; with null the projector sees everything and the API's role nothing.
 */
export class Reader {
  private readonly waiting = new Map<string | null, Asked[]>();

  constructor(private readonly pool: Pool) {}

  read(scope: string | null, slice: Slice, limit: number): Promise<Batch> {
    return new Promise((resolve, reject) => {
      const asked = { slice, limit, resolve, reject };
      if (limit > shared.events) return void this.send(scope, [asked]);
      const waiting = this.waiting.get(scope) ?? [];
      if (waiting.push(asked) === 1) process.nextTick(() => this.sendAll(scope));
      this.waiting.set(scope, waiting);
    });
  }

  private sendAll(scope: string | null): void {
    const waiting = this.waiting.get(scope) ?? [];
    this.waiting.delete(scope);
    while (waiting.length > 0) void this.send(scope, waiting.splice(0, shared.reads));
  }

  private async send(scope: string | null, asked: readonly Asked[]): Promise<void> {
    try {
      const bytes = Math.floor(batchLimits.bytes / asked.length);
      const statements = asked.map(({ slice, limit }) => sliceSql(slice, { events: limit, bytes }));
      const found = await queryEachInTenant<EventRow>(this.pool, scope, statements, { readOnly: true });
      for (const [at, rows] of found.entries()) {
        const last = rows.length === 0 || Number(rows[0]!.available) === rows.length;
        asked[at]!.resolve({ events: rows.map(asStored), last });
      }
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  }
}

/** Sizes are in a column, so that events beyond the limit are not fetched. */
function sliceSql(slice: Slice, limit: typeof batchLimits): string {
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
  return `
    select position, stream, revision, id, type, recorded_at, data, meta, available
    from (
      select *, count(*) over () as available, row_number() over (order by ${order}) as place,
             sum(bytes) over (order by ${order} rows between unbounded preceding and 1 preceding) as bytes_before
      from (
        select * from store.events ${where.length > 0 ? `where ${where.join(' and ')}` : ''}
        order by ${order} limit ${limit.events + 1}
      ) as slice
    ) as measured
    where place <= ${limit.events} and coalesce(bytes_before, 0) < ${limit.bytes}
    order by ${order}`;
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
