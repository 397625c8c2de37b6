import type { Stamp } from '@daybook/kernel';
import type { AliasedRawBuilder, Kysely, RawBuilder } from 'kysely';
import type { KnownTable, RowOf, TableDeclaration } from './table.js';

/** Columns that the engine adds to every row. */
export interface EngineColumns {
  readonly tenant: string;
  /** Position of the event that made this version of the row. */
  readonly valid_from: string;
}

/** Kysely over read-model tables that are named by `rows`, never by schema. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- no table has a fixed name: all come through rows()
export type ReadDatabase = Kysely<{}>;

/** What can be read now, whatever moment is asked for. */
export interface Present {
  /** Position of the tenant's newest event. */
  readonly newest: string;
  /** Position of the newest event of any tenant. */
  readonly position: bigint;
  /** The schemas that are read. */
  readonly schemas: readonly string[];
}

/**
 * One read in one snapshot (REPEATABLE READ, tenant set, row-level security on), now or as known at an earlier position: the same
 * query serves both, since it gets schema and position from here.
 */
export interface ReadContext {
  readonly tenant: string;
  readonly db: ReadDatabase;
  /** The last position that counts. */
  readonly position: bigint;
  /** true for a read as of an earlier moment. */
  readonly past: boolean;
  /** The trail number and position that the answer is as of; the same stamp gives the same bytes. */
  readonly stamp: Stamp;
  readonly present: Present;
  /**
   * The table for use in a query: the rows of the live schema, or the rows as known at `position`.
   * Throws RejectionError 503 `projection-parked` / `projection-building` when the rows cannot be trusted.
   */
  rows<T extends KnownTable>(table: T): RowsOf<T>;
  /** The rows as they are now, whatever moment is read: they say who sees a row. */
  latest<T extends TableDeclaration>(table: T): RowsOf<T>;
  /**
   * Rows of another tenant as they are now, whose first key is one of these ids, for any reader: names of people, who are in the
   * platform tenant. 503 `projection-parked` as for `rows`.
   */
  elsewhere<T extends TableDeclaration>(tenant: string, table: T, ids: RawBuilder<readonly string[]>): RowsOf<T>;
}

/** A read of the present: of tables without history too. */
export interface PresentRead extends ReadContext {
  /** Throws RejectionError 400 `platform.known-at-refused` for a table without history in a read as of a moment. */
  rows<T extends TableDeclaration>(table: T): RowsOf<T>;
}

export interface RowsOf<T> {
  as<A extends string>(alias: A): AliasedRawBuilder<RowOf<T> & EngineColumns, A>;
}
