import * as z from 'zod';
import { total } from '../decimal.js';
import { pageInput, pageLimit, pageOf, query, type QueryOperation } from '../operation.js';
import { customQuery, hasCustom } from './custom.js';
import type { Field, FieldKind } from './field.js';
import {
  a,
  type FieldsOf,
  inputField,
  type KeyShape,
  keyShape,
  type RecordType,
  rowOf,
  type RowShape,
  type Show,
} from './record.js';
import { pathOf } from './record-operations.js';

/*
 * The list and the read of a record.
 *
 *   listOf(contact, { text: ['name', 'email'], filters: ['owner', 'status'], sorts: ['name'] })   GET /v1/crm/contacts
 *   readOf(contact)                                                                               GET /v1/crm/contacts/{id}
 *
 * - A filter of choices, persons or records takes several values, and matches nothing if it is given none; `ownerNot` matches
 *   all others, those without a value too, as `textNot` matches what does not contain a text. Of dates and
 *   figures it is a range, `validToFrom` and `validToUntil`; of a code, or of yes and no, it is one value.
 * - A field may say that it is filtered by its values, `filter: 'values'`: the periods of entries.
 * - Every list can be asked for certain records by their ids: that is how others learn what they are called.
 * - `sort` names up to three fields, `-name` in reverse; the record's id decides between equals.
 * - Every list is filtered by the tags on its records, `tags` and `tagsNot` (docs/adr/0074).
 * - Custom fields are filtered by `custom` (`region=north`, `size>=10`) and sorted by `customSort` (docs/adr/0066).
 * - `count` and `sums` are answered on demand, for they read every row that matches; sums are by currency.
 */
type Named<R, K extends FieldKind> = {
  [N in keyof FieldsOf<R>]: FieldsOf<R>[N] extends { readonly kind: K } ? N : never;
}[keyof FieldsOf<R>] &
  string;
type ByValues<R> = {
  [N in keyof FieldsOf<R>]: FieldsOf<R>[N] extends { readonly options: { readonly filter: 'values' } } ? N : never;
}[keyof FieldsOf<R>] &
  string;
type Worded = 'text' | 'note' | 'email' | 'phone' | 'code';
type Choosing = 'choice' | 'status' | 'reference' | 'person' | 'currency';
type Ranging = 'date' | 'instant' | 'money' | 'quantity' | 'percent' | 'whole';
type Single = 'code' | 'yes-no';
type None = Record<never, never>;
type Summed = 'money' | 'quantity';

const choosing: ReadonlySet<FieldKind> = new Set<Choosing>(['choice', 'status', 'reference', 'person', 'currency']);
const ranging: ReadonlySet<FieldKind> = new Set<Ranging>(['date', 'instant', 'money', 'quantity', 'percent', 'whole']);
/** How a field is filtered by. */
export const filterOf = ({ kind, options }: Pick<Field, 'kind' | 'options'>): 'choices' | 'range' | 'one' =>
  choosing.has(kind) || options.filter === 'values' ? 'choices' : ranging.has(kind) ? 'range' : 'one';
/** The input field of a filter of choices that leaves these out. */
export const notOf = <N extends string>(name: N): `${N}Not` => `${name}Not`;
/** The two input fields of a range. */
type Range = readonly [from: string, until: string];
export const rangeOf = (name: string, { ranges }: Pick<ListDeclaration, 'ranges'>): Range =>
  ranges[name] ?? [`${name}From`, `${name}Until`];

type SchemaIn<R, N> = N extends keyof FieldsOf<R> ? FieldsOf<R>[N]['schema'] : never;
type RangeNames<N extends string, B> = N extends keyof B
  ? B[N] extends Range
    ? B[N][number]
    : never
  : `${N}From` | `${N}Until`;
type Chosen<R> = Named<R, Choosing> | ByValues<R>;
type FilterShape<R, L extends string, B> = {
  [N in L as N extends Chosen<R> ? N : N extends Named<R, Ranging> ? RangeNames<N, B> : N]: z.ZodOptional<
    N extends Chosen<R> ? z.ZodArray<SchemaIn<R, N>> : SchemaIn<R, N>
  >;
};
type CustomShape<R> =
  FieldsOf<R> extends { readonly custom: unknown }
    ? { custom: z.ZodOptional<z.ZodArray<z.ZodString>>; customSort: z.ZodOptional<z.ZodString> }
    : unknown;
type NotShape<R, L extends string> = {
  [N in L as N extends Chosen<R> ? `${N}Not` : never]: z.ZodOptional<z.ZodArray<SchemaIn<R, N>>>;
};
/** The compiler cannot follow the names above until the record is known. */
type Shape<T> = T extends z.ZodRawShape ? T : never;
type Sorts<S extends string> = S | `-${S}`;
type ListInput<R extends RecordType, L extends string, S extends string, B = unknown, X = unknown> = z.ZodObject<
  Shape<
    Show<
      Omit<KeyShape<R>, R['id']> &
        CustomShape<R> &
        FilterShape<R, L, B> &
        NotShape<R, L> &
        X & { [N in R['id']]: z.ZodOptional<z.ZodArray<KeyShape<R>[N & keyof KeyShape<R>]>> } & {
          text: z.ZodOptional<z.ZodString>;
          textNot: z.ZodOptional<z.ZodString>;
          sort: z.ZodDefault<z.ZodArray<z.ZodEnum<{ [N in Sorts<S>]: N }>>>;
          count: z.ZodDefault<z.ZodBoolean>;
          sums: z.ZodDefault<z.ZodBoolean>;
        } & typeof tagInput &
        typeof pageInput
    >
  >
>;
type PageShape<R> = ReturnType<typeof pageOf<z.ZodObject<RowShape<R>>>>['shape'];
type ListOutput<R extends RecordType, U extends string> = z.ZodObject<
  Show<
    PageShape<R> & {
      count: z.ZodOptional<z.ZodInt>;
      sums: z.ZodOptional<
        z.ZodArray<z.ZodObject<{ currency: z.ZodNullable<z.ZodString> } & { [N in U]: z.ZodNullable<z.ZodString> }>>
      >;
    }
  >
>;

export interface ListDeclaration {
  readonly text: readonly string[];
  readonly filters: readonly string[];
  readonly sorts: readonly string[];
  /** The order when none is asked for. */
  readonly usual: string;
  /** Input fields of ranges that are called otherwise than `rangeOf` says. */
  readonly ranges: Readonly<Record<string, Range>>;
  readonly sums: readonly string[];
}
/** The list of a record: a query, with what its table and its screen need to know of it. */
export interface RecordList<
  R extends RecordType = RecordType,
  L extends string = string,
  I extends z.ZodObject = z.ZodObject,
  O extends z.ZodType = z.ZodType,
> extends QueryOperation<`${R['name']}.list`, I, O> {
  readonly of: { readonly record: R; readonly list: ListDeclaration & { readonly filters: readonly L[] } };
}
export interface RecordRead<
  R extends RecordType = RecordType,
  I extends z.ZodObject = z.ZodObject,
  O extends z.ZodType = z.ZodType,
> extends QueryOperation<`${R['name']}.read`, I, O> {
  readonly of: { readonly record: R };
}
type Otherwise = Partial<
  Pick<QueryOperation, 'title' | 'description' | 'permission' | 'scope' | 'sensitive' | 'delegated'>
>;

export function listOf<
  R extends RecordType,
  const L extends Named<R, Choosing | Ranging | Single> | ByValues<R> = never,
  const S extends Named<R, Exclude<FieldKind, 'note' | 'reference' | 'person' | 'list' | 'custom'>> = never,
  const U extends Named<R, Summed> = never,
  const B extends { readonly [N in L]?: Range } = None,
  X extends z.ZodRawShape = None,
>(
  record: R,
  declared: Otherwise & {
    /** Searched by what `text` says, whatever the case. */
    text?: readonly Named<R, Worded>[];
    filters?: readonly L[];
    sorts: readonly [S, ...S[]];
    /** The order when none is asked for; by default that of the first one. */
    usual?: Sorts<NoInfer<S>>;
    sums?: readonly U[];
    /** Input fields of ranges by the words of the trade: `{ date: ['from', 'to'] }`. */
    ranges?: B;
    /** Filters of what is no field of the record: entries with a line on an account. */
    besides?: X;
    /** Always short: answered without pages. */
    whole?: true;
  },
): RecordList<R, L, ListInput<R, L, S, B, X>, ListOutput<R, U>> {
  const { text = [], filters = [], sorts, sums = [], whole = false, besides = {}, ...others } = declared;
  const { usual = sorts[0], ranges = {}, ...said } = others;
  const list: ListDeclaration = { text, filters, sorts, usual, ranges: ranges as ListDeclaration['ranges'], sums };
  const fields = sorts.flatMap((name) => [name, `-${name}`]) as [string, ...string[]];
  const { [record.id]: id, ...company } = keyShape(record) as Record<string, z.ZodType>;
  const input = z.object({
    ...company,
    ...(text.length > 0 ? { text: searched(`In ${text.join(', ')}`), textNot: searched('In none of them') } : {}),
    ...Object.fromEntries(filters.flatMap((name) => filterFields(record, name, list))),
    ...besides,
    ...(hasCustom(record) ? customQuery((schema) => markedCustom(record, schema)) : {}),
    ...tagInput,
    [record.id]: z
      .array(id as z.ZodType)
      .max(pageLimit.max)
      .optional()
      .describe('These records only'),
    sort: z.array(z.enum(fields)).min(1).max(3).default([usual]).describe('Fields to order by; -name in reverse'),
    count: z.boolean().default(false).describe('Answer how many rows match, too'),
    ...(sums.length > 0 ? { sums: z.boolean().default(false).describe('Answer sums over all that match, too') } : {}),
    ...(whole ? {} : pageInput),
  });
  const listed = query(`${record.name as R['name']}.list`, {
    title: `List the ${record.many}`,
    http: `GET ${pathOf(record)}`,
    permission: `${record.name}.read`,
    rows: 'items',
    ...said,
    ...(hasCustom(record) ? { custom: record } : {}),
    input,
    output: pageOf(rowOf(record)).extend(totalsOf(record, sums)),
  });
  const made: unknown = { ...listed, of: { record, list } };
  return made as RecordList<R, L, ListInput<R, L, S, B, X>, ListOutput<R, U>>;
}

const tags = z.array(z.uuid()).max(50).optional();
/** A list by hand takes it too, and asks for it by `taggedAs`. */
export const tagInput = {
  tags: tags.describe('With one of these tags'),
  tagsNot: tags.describe('With none of these tags'),
};
const searched = (where: string) => z.string().max(100).optional().describe(where);

/** The caller, in a filter of persons. */
export const me = 'me';
const personOrMe = z.string().max(36).regex(/^(me|[\da-fA-F]{8}(-[\da-fA-F]{4}){3}-[\da-fA-F]{12})$/, 'Give the id of a person, or me.'); // prettier-ignore

function filterFields(
  record: RecordType,
  name: string,
  list: ListDeclaration,
): readonly (readonly [string, z.ZodType])[] {
  const field = record.fields[name] as Field;
  const schema = inputField(record, name, field.kind === 'person' ? { ...field, schema: personOrMe } : field);
  if (filterOf(field) === 'range') return rangeOf(name, list).map((bound) => [bound, schema.optional()] as const);
  if (filterOf(field) === 'one') return [[name, schema.optional()]];
  const choices = z.array(schema).optional();
  return [[name, choices], [notOf(name), choices.describe('All but these, and those without a value')]]; // prettier-ignore
}

const markedCustom = <S extends z.ZodType>(record: RecordType, schema: S): S =>
  inputField(record, 'custom', { ...(record.fields['custom'] as Field), schema }) as S;

/** Sums are of one currency each; those of figures without one have null there. */
const totalsOf = (record: RecordType, sums: readonly string[]) => ({
  count: z.int().optional().describe('Rows that match, if asked for'),
  ...(sums.length === 0
    ? {}
    : {
        sums: z
          .array(
            z.object({
              currency: z.string().nullable(),
              ...Object.fromEntries(
                sums.map((name) => [name, (record.fields[name]?.kind === 'money' ? total : z.string()).nullable()]),
              ),
            }),
          )
          .optional()
          .describe(`Sums of all ${record.many} that match, if asked for`),
      }),
});

export const readOf = <R extends RecordType>(
  record: R,
  declared: Otherwise = {},
): RecordRead<R, z.ZodObject<KeyShape<R>>, z.ZodObject<RowShape<R>>> => ({
  ...query(`${record.name as R['name']}.read`, {
    title: `Read ${a(record.one)}`,
    http: `GET ${pathOf(record)}/{${record.id}}`,
    permission: `${record.name}.read`,
    ...declared,
    input: z.object(keyShape(record)) as z.ZodObject<KeyShape<R>>,
    output: rowOf(record),
  }),
  of: { record },
});
