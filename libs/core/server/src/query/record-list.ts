import {
  channelOf,
  type Field,
  filterOf,
  guardsIn,
  isRejection,
  me,
  notOf,
  recordNotFound,
  rangeOf,
  type RecordList,
  type RecordRead,
  type RecordType,
  reject,
  RejectionError,
  rowOf,
  type RowOfRecord,
  toMoney,
} from '@daybook/kernel';
import { anyOf, type RecordAnswer, type RecordTable, sortColumn, type TableDeclaration } from '@daybook/projections';
import { type RawBuilder, sql } from 'kysely';
import { answer, type AnswerBinding, type Caller, type QueryContext } from '../binding.js';
import { Bindings } from '../dispatch/bindings.js';
import { type AskedCustom, customAsked } from './custom-fields.js';
import { isBehind, isNull, type Key, orderBy, type Sort, textOf } from './keyset.js';
import type { Injected, Injections } from '../nest/tokens.js';
import { type Joined, type JoinedTable, joinedTable, withColumns } from './joined-fields.js';
import { maxExportRows } from './query-context.js';
import { taggedAs } from './tagged.js';
import { recordIdIn } from './visible-rows.js';

/*
 * Answers the list and the read of a record from its table (kernel/record/record-list.ts says what a list can do).
 *
 * - What a role hides from the caller is not searched, summed or sorted by: the order alone would tell it. The usual order does
 *   without it; another one that is asked for is refused.
 * - Rows without a value come last, in reverse too, and a filter and its negation have every row between them.
 * - A page begins behind the last row of the one before. Where the first sort column may be null, the rows with a value and
 *   those without are two ranges of its index.
 */
type Row = Record<string, unknown>;
type Input = Readonly<Record<string, unknown>>;
type Condition = RawBuilder<boolean>;

export const answerOf = ({ operation, table, compute, ahead }: RecordAnswer): AnswerBinding =>
  bound(
    operation,
    {},
    async () => table,
    (input, read) => {
      if (read.forNames && table.record.calledBy in table.row.shape) return async (rows) => rows;
      const early = ahead(read, input);
      // Where the rows fail, nobody waits for it.
      early.catch(() => undefined);
      return async (rows) => compute(rows, read, input, await early);
    },
  );

/** The same where the list is filtered, searched and sorted by fields that are computed: `joined` says them (joined-fields.ts). */
export const answerJoined = <R extends RecordType, const I extends Injections>(
  operation: RecordList<R> | RecordRead<R>,
  of: RecordTable<R>,
  inject: I,
  joined: Joined<Injected<I>>,
  /** What else the answer says of a row. */
  shownAs: (row: RowOfRecord<R>, given: Injected<I>) => RowOfRecord<R> = (row) => row,
): AnswerBinding =>
  bound(
    operation as unknown as RecordAnswer['operation'],
    inject,
    async (input, read, given) => {
      const wanted = input[of.record.id];
      const ids = wanted === undefined ? null : ([wanted].flat() as string[]);
      return joinedTable(of as unknown as RecordTable, await joined(ids, read, given as Injected<I>), read);
    },
    (_input, _read, given) => async (rows) => rows.map((row) => shownAs(row as RowOfRecord<R>, given as Injected<I>)),
  );

/** The same where computed fields are columns of other tables: `from` joins them, and asks what the list takes besides its fields. */
export const answerFrom = <R extends RecordType>(
  operation: RecordList<R>,
  of: TableDeclaration & Pick<RecordTable<R>, 'record' | 'sortedAsWords'>,
  from: (read: QueryContext, input: Input) => RawBuilder<unknown>,
  compute: (rows: readonly unknown[], read: QueryContext, input: Input) => ReturnType<RecordAnswer['compute']>,
): AnswerBinding =>
  bound(
    operation as unknown as RecordList,
    {},
    async (input, read) => withColumns(of as unknown as RecordTable, from(read, input)),
    (input, read) => (rows) => compute(rows, read, input),
  );

type Given = Readonly<Record<string, unknown>>;
type TableFor = (input: Input, read: QueryContext, given: Given) => Promise<RecordTable>;
type Compute = (rows: readonly unknown[]) => ReturnType<RecordAnswer['compute']>;
/** Is called before the rows are asked for. */
type Computing = (input: Input, read: QueryContext, given: Given) => Compute;

const bound = (
  operation: RecordAnswer['operation'],
  inject: Injections,
  tableFor: TableFor,
  computing: Computing,
): AnswerBinding =>
  isList(operation)
    ? (answer(operation, { ...inject, bindings: Bindings }, async (input, read, given) => {
        const compute = computing(input, read, given);
        const table = await tableFor(input, read, given);
        const custom = await customAsked(given.bindings.customFields, operation.custom, input, read);
        const of = { type: table.record.name, id: recordIdIn(table, 't') };
        const asked = { custom, tagged: taggedAs(given.bindings.recordTags, of, input, read) };
        return list(operation, table, compute, input, read, asked);
      }) as AnswerBinding)
    : answer(operation, inject, async (input: Input, read, given) => {
        const compute = computing(input, read, given);
        const table = await tableFor(input, read, given);
        const found = await select(read, table, keyed(table, input, [...table.keys])).execute(read.db);
        const rows = await compute(found.rows.map((row) => shown(table, row)));
        if (isRejection(rows)) return rows;
        return rows[0] ?? recordNotFound(table.record, input);
      });

/** Hints that rows of the table changed are for those who may list them. */
export const channelsOf = (answers: readonly RecordAnswer[]): Readonly<Record<string, RecordList>> =>
  Object.fromEntries(answers.flatMap(({ operation: one }) => (isList(one) ? [[channelOf(one.of.record), one]] : [])));

const isList = (operation: RecordList | RecordRead): operation is RecordList => 'list' in operation.of;

async function list(
  operation: RecordList,
  table: RecordTable,
  compute: Compute,
  input: Input,
  read: QueryContext,
  { custom, tagged }: { readonly custom: AskedCustom; readonly tagged: readonly Condition[] },
) {
  const { limit, cursor, count, sums, ...filtered } = input as Input & { limit?: number; cursor?: string };
  const hidden = hiddenFields(table, read.caller);
  const unseen = hidden.has('custom') && (custom.where.length > 0 || custom.sort !== null);
  if (unseen) throw new RejectionError(sortHidden(table.record.fields['custom'] as Field));
  const where = [
    ...keyed(table, input, table.keys.slice(0, -1)),
    ...filters(operation, input, read.caller, hidden),
    ...custom.where,
    ...tagged,
  ];
  const sort = sortOf(operation, filtered['sort'] as readonly string[], hidden);
  const order = [...(custom.sort ? [custom.sort] : []), ...orderOf(table, sort)];
  // A list that is always short has no pages, and is never cut.
  const page = await read.page<Row>(
    { limit: limit ?? maxExportRows, cursor },
    { ...filtered, sort },
    (row) => order.map(({ of }) => textOf(of(row))),
    async (after, most) => {
      const found = await pageOf(read, table, where, order, after, most).execute(read.db);
      return found.rows;
    },
  );
  const items = await compute(page.items.map((row) => shown(table, row)));
  if (isRejection(items)) return items;
  return {
    items,
    next: page.next,
    ...(count === true ? { count: await countOf(read, table, where) } : {}),
    ...(sums === true ? { sums: await sumsOf(read, operation, table, where, hidden) } : {}),
  };
}

// ── what matches ──────────────────────────────────────────────────────────────────────────────────────────
const ref = (column: string): RawBuilder<unknown> => sql.ref(`t.${column}`);
const all = (conditions: readonly Condition[]): Condition =>
  conditions.length === 0 ? sql<boolean>`true` : sql<boolean>`(${sql.join(conditions, sql` and `)})`;

const keyed = (table: RecordTable, input: Input, keys: readonly string[]): Condition[] =>
  keys.map((name) => sql<boolean>`${ref(name)} = ${input[name]}`);

function filters({ of }: RecordList, input: Input, caller: Caller, hidden: ReadonlySet<string>): Condition[] {
  const conditions = of.list.filters.flatMap((name) => filterBy(name, of, input, caller));
  const ids = input[of.record.id];
  if (Array.isArray(ids)) conditions.push(sql<boolean>`${ref(of.record.id)} = ${anyOf(ids)}`);
  const searched = of.list.text.filter((name) => !hidden.has(name));
  const { text, textNot } = input;
  if (typeof text === 'string') conditions.push(contains(text, searched));
  if (typeof textNot === 'string') conditions.push(sql<boolean>`not ${contains(textNot, searched)}`);
  return conditions;
}

/** Never null: what has no value contains nothing. */
function contains(text: string, names: readonly string[]): Condition {
  const pattern = `%${text.replace(/[\\%_]/g, String.raw`\$&`)}%`;
  if (names.length === 0) return sql<boolean>`false`;
  return sql<boolean>`coalesce(${sql.join(names.map((name) => sql`${ref(name)} ilike ${pattern}`), sql` or `)}, false)`; // prettier-ignore
}

function filterBy(name: string, { record, list }: RecordList['of'], input: Input, caller: Caller): Condition[] {
  const field = record.fields[name] as Field;
  const value = input[name];
  switch (filterOf(field)) {
    case 'range': {
      const [from, until] = rangeOf(name, list).map((bound) => input[bound]);
      return [
        ...(from === undefined ? [] : [sql<boolean>`${ref(name)} >= ${from}`]),
        ...(until === undefined ? [] : [sql<boolean>`${ref(name)} <= ${until}`]),
      ];
    }
    case 'one':
      return value === undefined ? [] : [sql<boolean>`${ref(name)} = ${value}`];
    case 'choices': {
      const isOne = (of: unknown) =>
        sql<boolean>`${ref(name)} = ${anyOf(field.kind === 'person' ? persons(of as string[], caller) : (of as string[]))}`; // prettier-ignore
      const others = input[notOf(name)];
      return [
        ...(value === undefined ? [] : [isOne(value)]),
        ...(others === undefined ? [] : [sql<boolean>`(${ref(name)} is null or not ${isOne(others)})`]),
      ];
    }
  }
}

/** Nobody, for a program that asks for what is its own. */
const persons = (wanted: readonly string[], { actor, onBehalfOf }: Caller): string[] => {
  const caller = [onBehalfOf, actor].find((one) => one?.kind === 'person')?.id;
  return wanted.flatMap((id) => (id === me ? (caller ?? []) : id));
};

const hiddenFields = ({ record }: RecordTable, { fields = {} }: Caller): ReadonlySet<string> => {
  const shape = rowOf(record).shape as Readonly<Record<string, Parameters<typeof guardsIn>[0]>>;
  return new Set(
    Object.entries(shape)
      .filter(([name, schema]) =>
        [`${record.name}.${name}`, ...guardsIn(schema).map((guard) => guard.name)].some((one) => one in fields),
      )
      .map(([name]) => name),
  );
};

// ── order and pages ───────────────────────────────────────────────────────────────────────────────────────
/** The names that are sorted by; of the usual order, those that the caller may see. */
function sortOf(
  { of: { record, list } }: RecordList,
  asked: readonly string[],
  hidden: ReadonlySet<string>,
): readonly string[] {
  const isUsual = asked.length === 1 && asked[0] === list.usual;
  if (isUsual) return asked.filter((name) => !hidden.has(name));
  const unseen = asked.map((name) => name.replace(/^-/, '')).find((name) => hidden.has(name));
  if (unseen !== undefined) throw new RejectionError(sortHidden(record.fields[unseen] as Field));
  return asked;
}

function orderOf(table: RecordTable, asked: readonly string[]): readonly Sort[] {
  const { record } = table;
  const order = asked.map((name) => ({
    column: sortColumn(record, name.replace(/^-/, '')),
    down: name.startsWith('-'),
  }));
  const known = new Set<string>();
  const first = order.filter(({ column }) => !known.has(column) && known.add(column));
  const last = table.sequence ?? record.id;
  const whole = known.has(last) ? first : [...first, { column: last, down: order[0]?.down ?? false }];
  return whole.map(({ column, down }) => ({
    expression: ref(column),
    of: (row) => row[column],
    down,
    nullable: table.row.shape[column]?.safeParse(null).success === true,
  }));
}

const sortHidden = ({ label }: Field) =>
  reject('platform.field-hidden', `Your role does not let you see this, so you cannot sort by it: ${label}.`, {
    status: 403,
    errors: [{ pointer: '/sort', code: 'hidden', message: `Your role does not let you see this: ${label}.` }],
  });

function pageOf(
  read: QueryContext,
  table: RecordTable,
  where: Condition[],
  order: readonly Sort[],
  after: Key | null,
  most: number,
) {
  const limited = (range: Condition[]) =>
    sql<Row>`${select(read, table, [...where, ...range])} order by ${orderBy(order, true)} limit ${most}`;
  const [only, ...others] = after === null ? wholeOf(order) : rangesAfter(order, after);
  if (only === undefined || others.length === 0) return limited(only ?? []);
  const ranges = [only, ...others].map((range) => sql`(${limited(range)})`);
  return sql<Row>`select * from (${sql.join(ranges, sql` union all `)}) t order by ${orderBy(order)} limit ${most}`;
}

/** Upwards an index has the nulls last by itself. */
function wholeOf([first]: readonly Sort[]): Condition[][] {
  if (!first?.nullable || !first.down) return [[]];
  return [[sql<boolean>`${first.expression} is not null`], [isNull(first)]];
}

/** Each is one range of the index of the first column: what is behind and not null, and the nulls. */
function rangesAfter(order: readonly Sort[], after: Key): Condition[][] {
  const [first] = order as readonly [Sort];
  const value = after[0] ?? null;
  const behind = isBehind(order, after);
  if (value === null) return [[isNull(first), behind]];
  const column = first.expression;
  const from = first.down ? sql<boolean>`${column} <= ${value}` : sql<boolean>`${column} >= ${value}`;
  return first.nullable ? [[from, behind], [isNull(first)]] : [[from, behind]];
}

// ── rows ──────────────────────────────────────────────────────────────────────────────────────────────────
const select = (read: QueryContext, table: RecordTable, where: readonly Condition[]) => {
  const columns = sql.join(Object.keys(table.row.shape).map((name) => ref(name)));
  return sql<Row>`select ${columns} from ${rowsIn(read, table)} where ${all(where)}`;
};
const rowsIn = (read: QueryContext, table: RecordTable | JoinedTable): RawBuilder<unknown> =>
  'from' in table ? sql`${table.from} as t` : sql`${read.rows(table).as('t')}`;
/** What an answer has of a row: no sort keys, and no company, which the caller named. */
const shown = ({ record, row }: RecordTable, values: Row): Row => {
  const names = Object.keys(row.shape).filter((name) => name in record.fields || name === 'id' || name === 'version');
  return Object.fromEntries(names.map((name) => [name, written(record.fields[name], values[name], values)]));
};

/** Amounts have the decimals of their currency, other figures those that they need. */
function written(field: Field | undefined, value: unknown, row: Row): unknown {
  if (typeof value !== 'string') return value ?? null;
  const currency = row[field?.currency ?? ''];
  if (field?.kind === 'money' && typeof currency === 'string') return toMoney(value, currency);
  return field?.kind === 'quantity' || field?.kind === 'percent' ? plain(value) : value;
}
const plain = (figure: string): string => (figure.includes('.') ? figure.replace(/\.?0+$/, '') : figure);

async function countOf(read: QueryContext, table: RecordTable, where: readonly Condition[]): Promise<number> {
  const found = await sql<{ count: string }>`select count(*) as count from ${rowsIn(read, table)} where ${all(where)}`.execute(read.db); // prettier-ignore
  return Number(found.rows[0]?.count ?? 0);
}

type Sum = { currency: string | null } & Record<string, string | null>;

/** One query for each field that says a currency; figures without one are summed together. */
async function sumsOf(
  read: QueryContext,
  { of: { record, list: asked } }: RecordList,
  table: RecordTable,
  where: readonly Condition[],
  hidden: ReadonlySet<string>,
): Promise<Sum[]> {
  const fields = asked.sums.filter((name) => !hidden.has(name));
  const byCurrency = Map.groupBy(fields, (name) => record.fields[name]?.currency ?? null);
  const none = Object.fromEntries(asked.sums.map((name) => [name, null]));
  const sums = new Map<string | null, Sum>();
  for (const [currency, names] of byCurrency) {
    const of = currency === null ? sql`null::text` : ref(currency);
    const summed = sql.join(names.map((name) => sql`sum(${ref(name)})::text as ${sql.ref(name)}`));
    const found = await sql<Sum>`select ${of} as currency, ${summed} from ${rowsIn(read, table)} where ${all(where)}
      group by 1 order by 1`.execute(read.db);
    for (const { currency: code, ...summed } of found.rows) {
      const values = Object.entries(summed).map(([name, sum]) => [name, sum === null ? null : code === null ? plain(sum) : toMoney(sum, code)]); // prettier-ignore
      sums.set(code, { currency: code, ...none, ...sums.get(code), ...Object.fromEntries(values) } as Sum);
    }
  }
  return [...sums.values()];
}
