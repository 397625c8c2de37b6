import {
  channelOf,
  contextNameOf,
  type Field,
  type FieldKind,
  filterOf,
  hasCustom,
  initialOf,
  personal,
  pluralOf,
  readAllOf,
  type RecordEvent,
  type RecordList,
  type RecordType,
  rowOf,
  type RowShape,
  sortKey,
} from '@daybook/kernel';
import * as z from 'zod';
import { type EventHandler, projection, type Projection, when } from './projection.js';
import { patch, put, type RowChange, type RowVisibility, tableOf, type TableDeclaration } from './table.js';

/*
 * The table of a record, and how its events change the rows.
 *
 * - Columns are the record's fields, and for each name that a list sorts by a key of it (kernel/sort-key.ts): codes and
 *   figures sort by themselves.
 * - Each list's filters and sorts have their index; custom fields have none.
 */
type CompanyShape<R> = R extends { readonly within: 'company' } ? { companyId: z.ZodUUID } : unknown;
export interface RecordTable<R extends RecordType = RecordType> extends TableDeclaration<
  z.ZodObject<RowShape<R> & CompanyShape<R>>,
  'versions'
> {
  readonly record: R;
  /** The fields that have a sort key beside them. */
  readonly sortedAsWords: readonly string[];
}

const words: ReadonlySet<FieldKind> = new Set<FieldKind>(['text', 'email', 'phone']);
/** The column that a list sorts by for this field. */
export const sortColumn = (record: RecordType, name: string): string =>
  words.has((record.fields[name] as Field).kind) ? `${name}Sort` : name;

/** `visible`: where it is not the company that the record is in: a company itself. */
export function recordTable<R extends RecordType>(
  record: R,
  lists: readonly RecordList<R>[] = [],
  visible = visibilityOf(record),
): RecordTable<R> {
  const isKept = (name: string) => record.fields[name]?.options.computed !== true;
  const sorts = lists.flatMap(({ of }) => of.list.sorts).filter(isKept);
  const filters = lists
    .flatMap(({ of }) => of.list.filters)
    .filter((name) => isKept(name) && filterOf(record.fields[name] as Field) === 'choices');
  const sortedAsWords = [...new Set(sorts)].filter((name) => sortColumn(record, name) !== name);
  const keys = record.within === 'company' ? ['companyId', record.id] : [record.id];
  const before = keys.slice(0, -1);
  const columns = [...new Set([...sorts.map((name) => sortColumn(record, name)), ...filters, ...record.seenBy])].filter(
    (name) => name !== record.id,
  );
  const kept = Object.entries<z.ZodType>(rowOf(record).shape).filter(([name]) => isKept(name));
  const row: z.ZodObject = z.object({
    ...Object.fromEntries(kept),
    ...(record.within === 'company' ? { companyId: z.uuid() } : {}),
    ...Object.fromEntries(sortedAsWords.map((name) => [`${name}Sort`, keySchema(record, name)])),
    ...(hasCustom(record) ? { customSort: keySchema(record, 'custom', customKeys) } : {}),
  });
  const table = tableOf(pluralOf(record).replaceAll('-', '_'), row, keys, {
    indexes: columns.map((name) => [...before, name, record.id]),
  });
  return { ...table, visible, record, sortedAsWords } as unknown as RecordTable<R>;
}

const visibilityOf = (record: RecordType): RowVisibility | null =>
  record.within === 'tenant' && record.seenBy.length === 0
    ? null
    : {
        ...(record.within === 'company' ? { company: 'companyId' } : {}),
        ...(record.seenBy.length === 0 ? {} : { persons: { columns: record.seenBy, all: readAllOf(record) } }),
      };

/** A key of a personal value is as personal, and compares by code point. */
function keySchema({ id, fields }: RecordType, name: string, keys: z.ZodType = z.string()): z.ZodType {
  const subject = fields[name]?.options.personal;
  const schema = keys.nullable();
  return subject === undefined ? schema : personal(schema, subject === true ? id : subject);
}

/** Of custom fields, the keys of all that is text. */
export const customKeys = z.record(z.string(), z.string());

type Row = Readonly<Record<string, unknown>>;
/** The values with the keys that they sort by. */
function withSortKeys({ record, sortedAsWords }: RecordTable, values: Row): Row {
  const keys = sortedAsWords.flatMap((name) => {
    const value = values[name];
    return value === undefined ? [] : [[`${name}Sort`, typeof value === 'string' ? sortKey(value) : null]];
  });
  const { custom } = values;
  const customSort =
    custom === undefined || !hasCustom(record) ? {} : { customSort: customKeysOf(custom as object | null) };
  return { ...values, ...Object.fromEntries(keys), ...customSort };
}

/** What a list sorts custom fields by that are text. A table by hand has them as `customSort`, a nullable `customKeys`. */
export const customKeysOf = (custom: object | null): Record<string, string> | null =>
  custom &&
  Object.fromEntries(
    Object.entries(custom).flatMap(([key, value]) => (typeof value === 'string' ? [[key, sortKey(value)]] : [])),
  );

/** How the events of a record change its row: by what they set, and to the record's version after them. */
export function rowsOf<R extends RecordType>(
  of: RecordTable<R>,
  events: readonly RecordEvent<`${R['name']}-${string}`, z.ZodType, true>[],
): EventHandler[] {
  const table = of as unknown as RecordTable;
  return events.map((event) => ({
    ...when(event, ({ data, meta }) => {
      const set = { ...event.sets?.(data as Row), version: meta.record.version };
      const key = Object.fromEntries(table.keys.map((name) => [name, (data as Row)[name]]));
      const values = withSortKeys(table, set);
      return [event.creates ? newRow(table, { ...set, ...key }) : patch(table, key, values)];
    }),
    meaning: event.meaning,
  }));
}
/** The row of a record that an event brings which is not the record's own: an import. */
export const newRow = (table: RecordTable, values: Row): RowChange =>
  put(table, { ...nothing(table), version: 1, ...withSortKeys(table, { ...initialOf(table.record), ...values }) });
const nothing = (table: RecordTable): Row =>
  Object.fromEntries(Object.keys(table.row.shape).map((name) => [name, null]));

/** The read model of a record: one table, and how its events change it. `more` handles what does not say what it sets. */
export function projectionOf<R extends RecordType>(
  table: RecordTable<R>,
  events: readonly RecordEvent<`${R['name']}-${string}`, z.ZodType, true>[],
  more: { name?: string; on?: readonly EventHandler[]; version?: number } = {},
): Projection {
  const { record } = table;
  return projection({
    name: more.name ?? `${contextNameOf(record)}-${pluralOf(record)}`,
    version: more.version ?? 1,
    tables: [table],
    on: [...rowsOf(table, events), ...(more.on ?? [])],
    channels: [channelOf(record)],
  });
}
