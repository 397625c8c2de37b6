import type { Stamp } from '@daybook/kernel';
import type { AliasedRawBuilder, Kysely } from 'kysely';
import type { RowOf, TableDeclaration } from './table.js';

/** What the engine adds to every row. */
export interface EngineColumns {
  readonly tenant: string;
  /** Position of the event that made this version of the row. */
  readonly valid_from: string;
}

/** Kysely over read-model tables that are named by `rows`, never by schema. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- no table stands at a fixed name: all come through rows()
export type ReadDatabase = Kysely<{}>;

/**
 * One read, in one snapshot (REPEATABLE READ, tenant set, row-level security on). Now or as known at an earlier
 * position: the same query serves both, it takes schema and position from here and names neither.
 */
export interface ReadContext {
  readonly tenant: string;
  readonly db: ReadDatabase;
  /** The last position that counts. */
  readonly position: bigint;
  /** true when the caller asked for an earlier moment. */
  readonly past: boolean;
  /** What the answer was read at, in words of the tenant; the same stamp gives the same bytes. */
  readonly stamp: Stamp;
  /**
   * The table as a source of a query: the live schema's rows, or the rows as known at `position`.
   * Throws RejectionError 503 `projection-parked` / `projection-building` when the rows cannot be trusted.
   */
  rows<T extends TableDeclaration>(
    table: T,
  ): { as<A extends string>(alias: A): AliasedRawBuilder<RowOf<T> & EngineColumns, A> };
}
