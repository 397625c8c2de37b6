import type * as z from 'zod';

/**
 * 'versions': each change keeps the previous row in the append-only history table, so that the table can be read as known at any
 * position. 'append-only': rows are inserted once and never change; past reads filter on valid_from. 'none': only the current rows
 * are kept, for tables that no page or report reads; a read as of a moment is refused, and no query can name such a table.
 */
export type History = 'versions' | 'append-only' | 'none';

export type RowOf<T> = T extends TableDeclaration<infer S> ? z.infer<S> : never;

/**
 * A read model's table, created from the row schema of its queries. The engine adds `tenant`, `valid_from` (position of the row's
 * current version), row-level security, and a history table.
 */
export interface TableDeclaration<S extends z.ZodObject = z.ZodObject, H extends History = History> {
  readonly kind: 'table';
  /** Snake case, unique within its projection. */
  readonly name: string;
  readonly row: S;
  /** Key fields, after the tenant, which is implicit. */
  readonly keys: readonly string[];
  /** Secondary indexes as lists of fields. */
  readonly indexes: readonly (readonly string[])[];
  readonly history: H;
  /** A field that the engine fills with the tenant's running number, 1, 2, 3 …, in the order of the first inserts. */
  readonly sequence: string | null;
  /** Who sees a row; null: anyone who may ask the query. Obeyed wherever a query names the table. */
  readonly visible: RowVisibility | null;
}

/**
 * A row is seen by callers whose rights cover all of this. Today's rights decide, and today's persons, also of what is shown of a
 * past moment.
 */
export interface RowVisibility {
  /** The column of its company. A row without one is seen by those who have rights in the whole tenant. */
  readonly company?: string;
  /** The column of its party, for callers who are limited to parties. */
  readonly party?: string;
  /** The persons named in these columns see it, and anyone who holds the permission `all`. */
  readonly persons?: { readonly columns: readonly string[]; readonly all: string };
}

/** A table that can be read as of any moment. */
export type KnownTable = TableDeclaration<z.ZodObject, Exclude<History, 'none'>>;

export function tableOf<S extends z.ZodObject, H extends History = 'versions'>(
  name: string,
  row: S,
  keys: readonly (keyof z.infer<S> & string)[],
  options: {
    indexes?: readonly (readonly (keyof z.infer<S> & string)[])[];
    history?: H;
    sequence?: keyof z.infer<S> & string;
    visible?: { company?: keyof z.infer<S> & string; party?: keyof z.infer<S> & string };
  } = {},
): TableDeclaration<S, H> {
  return {
    kind: 'table',
    name,
    row,
    keys,
    indexes: options.indexes ?? [],
    history: options.history ?? ('versions' as H),
    sequence: options.sequence ?? null,
    visible: options.visible ?? null,
  };
}

/** One row-wise change: the row's key, and the new row (null removes it). Pure: no clock, randomness or I/O. */
export interface RowChange {
  readonly table: TableDeclaration;
  readonly key: Readonly<Record<string, unknown>>;
  readonly to: (row: Record<string, unknown> | null) => Record<string, unknown> | null;
}

/** One change for all rows that have the values of `where`: the first fields of an index or of the key (group-change.ts). */
export interface GroupChange {
  readonly table: TableDeclaration;
  readonly where: Readonly<Record<string, unknown>>;
  readonly set: Readonly<Record<string, unknown>>;
}
export type TableChange = RowChange | GroupChange;
export const isGroup = (change: TableChange): change is GroupChange => 'where' in change;

type KeyOf<S extends z.ZodObject> = Partial<z.infer<S>>;

/** Inserts or replaces the row. */
export const put = <S extends z.ZodObject>(table: TableDeclaration<S>, row: z.infer<S>): RowChange => ({
  table,
  key: Object.fromEntries(table.keys.map((k) => [k, (row as Record<string, unknown>)[k]])),
  to: () => row as Record<string, unknown>,
});
/** Changes some fields of an existing row; a row that does not exist is an error and parks the partition. */
export const patch = <S extends z.ZodObject>(
  table: TableDeclaration<S>,
  key: KeyOf<S>,
  fields: Partial<z.infer<S>> | ((row: z.infer<S>) => Partial<z.infer<S>>),
): RowChange => ({
  table,
  key: key as Record<string, unknown>,
  to: (row) => {
    if (row === null) throw new Error(`${table.name} has no row ${JSON.stringify(key)} to change`);
    return { ...row, ...(typeof fields === 'function' ? fields(row as z.infer<S>) : fields) };
  },
});
/** Sets fields of all rows that have these values, in one statement; no row is no error. */
export const patchAll = <S extends z.ZodObject>(
  table: TableDeclaration<S, 'versions' | 'none'>,
  where: Partial<z.infer<S>>,
  set: Partial<z.infer<S>>,
): GroupChange => ({
  table,
  where: where as Record<string, unknown>,
  set: set as Record<string, unknown>,
});
/** The general form. */
export const change = <S extends z.ZodObject>(
  table: TableDeclaration<S>,
  key: KeyOf<S>,
  to: (row: z.infer<S> | null) => z.infer<S> | null,
): RowChange => ({
  table,
  key: key as Record<string, unknown>,
  to: to as RowChange['to'],
});
export const remove = <S extends z.ZodObject>(table: TableDeclaration<S>, key: KeyOf<S>): RowChange => ({
  table,
  key: key as Record<string, unknown>,
  to: () => null,
});
