import * as z from 'zod';
import type { RecordRef } from '../event.js';
import { guarded } from '../guarded.js';
import { pascalName } from '../operation.js';
import { personal } from '../personal.js';
import type { Field, Fields } from './field.js';

/*
 * A record type: what it is called, and its fields, each described once. From here come the schemas of its events, inputs and
 * rows, so that none of them lists a field again.
 */
export type RecordName = `${string}.${string}`;
export type Within = 'tenant' | 'company';

export interface RecordType<
  N extends RecordName = RecordName,
  F extends Fields = Fields,
  W extends Within = Within,
  K extends string = string,
> {
  /** `crm.contact`: context and noun. Operations, events, permissions and error codes begin with it. */
  readonly name: N;
  readonly one: string;
  readonly many: string;
  readonly icon: string;
  /** Second key of the G sequence. */
  readonly key?: string;
  /** The field that people call it by. */
  readonly calledBy: string;
  /** Of the tenant, or of one of its companies. */
  readonly within: W;
  /**
   * What identifies it: `id`, a UUID that it is given; a field that is `given` a UUID under a name of its own (`roleId`); or one
   * that is entered once (the number of an account).
   */
  readonly id: K;
  readonly fields: F;
  /**
   * Fields of persons who see the record: nobody else does, but who holds `readAllOf` it. Empty: anyone who may list the records
   * sees all.
   */
  readonly seenBy: readonly string[];
  /** What its rows are called in GraphQL and in the API document. */
  readonly type: string;
}

export function record<
  const N extends RecordName,
  const F extends Fields,
  const W extends Within = 'tenant',
  const K extends 'id' | (keyof F & string) = 'id',
>(
  name: N,
  declared: {
    one: string;
    many: string;
    icon: string;
    key?: string;
    calledBy: keyof F & string;
    within?: W;
    id?: K;
    type?: string;
    seenBy?: readonly PersonField<F>[];
    fields: F;
  },
): RecordType<N, F, W, K> {
  for (const reserved of ['id', 'version', 'companyId', 'tenant', 'tags']) {
    if (reserved in declared.fields)
      throw new Error(`${name}: every record has ${reserved}, a field cannot be called so.`);
  }
  for (const [field, { currency, kind }] of Object.entries(declared.fields)) {
    if ((kind === 'custom') !== (field === 'custom'))
      throw new Error(`${name}.${field}: the field of custom fields, and no other, is called custom.`);
    if (currency !== null && declared.fields[currency]?.kind !== 'currency')
      throw new Error(`${name}.${field} is in ${currency}, which is no currency of the record.`);
  }
  const { within = 'tenant' as W, id = 'id' as K, type = pascalName(name), seenBy = [] } = declared;
  return { ...declared, name, within, id, type, seenBy };
}
/** A new record is given its id; people do not enter it, and call the record by other words. */
export const hasGivenId = ({ id, fields }: Pick<RecordType, 'id' | 'fields'>): boolean =>
  id === 'id' || fields[id]?.options.given === true;

/** What people call it: where it is entered under a number or code, by that and its name. null where that is erased or hidden. */
export const calledIn = (
  { id, fields, calledBy }: Pick<RecordType, 'id' | 'fields' | 'calledBy'>,
  row: Readonly<Record<string, unknown>>,
): string | null => [...(hasGivenId({ id, fields }) ? [] : [row[id]]), row[calledBy]].join(' ').trim() || null;

type PersonField<F> = { [N in keyof F]: F[N] extends { readonly kind: 'person' } ? N : never }[keyof F] & string;

/** The permission to see every record of the type, and not only those that name the caller: `crm.contact.read-all`. */
export const readAllOf = <N extends string>({ name }: { readonly name: N }): `${N}.read-all` => `${name}.read-all`;
export const isReadAll = (permission: string): boolean => permission.endsWith('.read-all');

// ── schemas ──────────────────────────────────────────────────────────────────────────────────────────────
export type Show<T> = { [K in keyof T]: T[K] } & {};
type SchemaOf<X> = X extends { readonly schema: infer S extends z.ZodType } ? S : never;
type Says<X, O> = X extends { readonly options: O } ? true : false;
type IsGiven<X> = true extends Says<X, { readonly given: true }> | Says<X, { readonly computed: true }> ? true : false;
type IsComputed<X> = Says<X, { readonly computed: true }>;
type IsFixed<X> = Says<X, { readonly fixed: true }>;
type IsOptional<X> = Says<X, { readonly optional: true }>;
type HasDefault<X> = Says<X, { readonly default: unknown }>;
/** A row has none where it is optional, was erased, or is hidden. */
type MayBeNull<X> = true extends
  IsOptional<X> | Says<X, { readonly personal: true | string }> | Says<X, { readonly guarded: true }>
  ? true
  : false;

type EnteredNames<F> = { [K in keyof F]: IsGiven<F[K]> extends true ? never : K }[keyof F];
/** Fields that a person enters, and those that may change afterwards. */
export type EnteredName<R> = R extends RecordType<RecordName, infer F> ? EnteredNames<F> & string : never;
type ChangeableNames<F> = { [K in EnteredNames<F>]: IsFixed<F[K]> extends true ? never : K }[EnteredNames<F>];
export type FieldName<R> = R extends RecordType<RecordName, infer F> ? keyof F & string : never;

type InputSchema<X> =
  HasDefault<X> extends true
    ? X extends { readonly options: { readonly default: 'caller' } }
      ? z.ZodOptional<SchemaOf<X>>
      : z.ZodDefault<SchemaOf<X>>
    : DataSchema<X>;
type DataSchema<X> = IsOptional<X> extends true ? z.ZodOptional<SchemaOf<X>> : SchemaOf<X>;
type PatchSchema<X> =
  IsOptional<X> extends true ? z.ZodOptional<z.ZodNullable<SchemaOf<X>>> : z.ZodOptional<SchemaOf<X>>;
type RowFieldSchema<X> = MayBeNull<X> extends true ? z.ZodNullable<SchemaOf<X>> : SchemaOf<X>;

export type InputShape<F> = Show<{ [K in keyof F]: InputSchema<F[K]> }>;
export type DataShape<F> = Show<{ [K in keyof F]: DataSchema<F[K]> }>;

type CompanyShape<W> = W extends 'company' ? { companyId: z.ZodUUID } : unknown;
type IdShape<F, K extends string> = { [N in K]: N extends keyof F ? SchemaOf<F[N]> : z.ZodUUID };
type KeyShapeOf<R> =
  R extends RecordType<RecordName, infer F, infer W, infer K> ? CompanyShape<W> & IdShape<F, K> : never;
export type FieldsOf<R> = R extends RecordType<RecordName, infer F> ? F : never;

export type DataOfRecord<R> = Show<{ [K in EnteredNames<FieldsOf<R>>]: DataSchema<FieldsOf<R>[K]> }>;

/** What names one record: its id or number, and its company where it is of one. */
export type KeyShape<R> = Show<KeyShapeOf<R>>;
export type CreateShape<R> =
  R extends RecordType<RecordName, infer F, infer W>
    ? Show<CompanyShape<W> & { [K in EnteredNames<F>]: InputSchema<F[K]> }>
    : never;
export type ChangeShape<R> = Show<KeyShapeOf<R> & { [K in ChangeableNames<FieldsOf<R>>]: PatchSchema<FieldsOf<R>[K]> }>;
export type CreatedShape<R> = Show<KeyShapeOf<R> & { [K in EnteredNames<FieldsOf<R>>]: DataSchema<FieldsOf<R>[K]> }>;
export type RowShape<R> = Show<
  (R extends RecordType<RecordName, Fields, Within, infer K>
    ? K extends 'id'
      ? { id: z.ZodUUID }
      : unknown
    : never) & {
    [K in keyof FieldsOf<R>]: RowFieldSchema<FieldsOf<R>[K]>;
  } & { version: z.ZodInt }
>;
/** A record as its list answers it. */
export type RowOfRecord<R> = z.output<z.ZodObject<RowShape<R>>>;
/** The fields that are kept: what decisions and events know. */
export type StoredShape<R> = Show<
  Pick<RowShape<R>, keyof RowShape<R> & ('id' | 'version')> & {
    [K in keyof FieldsOf<R> as IsComputed<FieldsOf<R>[K]> extends true ? never : K]: RowFieldSchema<FieldsOf<R>[K]>;
  }
>;
export type StateOfRecord<R> = z.output<z.ZodObject<StoredShape<R>>>;
/** What a person may enter, all of it optional. */
export type PatchOf<R> = Partial<{ [K in FieldName<R>]: RowOfRecord<R> extends Record<K, infer V> ? V : never }>;

const uuid = z.uuid();
const shapeOf = (
  fields: readonly (readonly [string, Field])[],
  schema: (name: string, field: Field) => z.ZodType,
): Record<string, z.ZodType> => Object.fromEntries(fields.map(([name, field]) => [name, schema(name, field)]));

const entries = (record: RecordType) => Object.entries(record.fields);
export const storedFields = (record: RecordType) => entries(record).filter(([, { options }]) => !options.computed);
/** A record before its first event. */
export const emptyOf = (record: RecordType): Readonly<Record<string, unknown>> =>
  Object.fromEntries(storedFields(record).map(([name]) => [name, null]));
export const enteredFields = (record: RecordType) => storedFields(record).filter(([, { options }]) => !options.given);
export const changeableFields = (record: RecordType) =>
  enteredFields(record).filter(([name, { options }]) => !options.fixed && name !== record.id);

/** The field's schema with what it says of privacy. Marks belong to the value, so they go inside `optional`. */
function marked(record: RecordType, name: string, { label, options }: Field, schema: z.ZodType): z.ZodType {
  const { personal: subject, guarded: isGuarded, hint } = options;
  const described = hint === undefined ? schema : schema.describe(hint);
  const sealed = subject === undefined ? described : personal(described, subject === true ? record.id : subject);
  return isGuarded ? guarded(sealed, `${record.name}.${name}`, `${label} of ${a(record.one)}`) : sealed;
}

export const a = (noun: string): string => `${/^[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}`;

/** Schemas of fields that a command asks, or an event says, besides the record's own. */
export const inputShape = <F extends Fields>(record: RecordType, fields: F): InputShape<F> =>
  shapeOf(Object.entries(fields), (name, field) => filled(inputField(record, name, field), field)) as InputShape<F>;
export const dataShape = <F extends Fields>(record: RecordType, fields: F): DataShape<F> =>
  shapeOf(Object.entries(fields), (name, field) => {
    const schema = marked(record, name, field, field.stored);
    return field.options.optional ? schema.optional() : schema;
  }) as DataShape<F>;

function filled(schema: z.ZodType, { options: { default: start, optional } }: Field): z.ZodType {
  if (start === 'caller' || optional) return schema.optional();
  return start === undefined ? schema : schema.default(start);
}

const companyShape = ({ within }: RecordType): Record<string, z.ZodType> =>
  within === 'company' ? { companyId: uuid } : {};
export const keyShape = <R extends RecordType>(record: R): KeyShape<R> =>
  ({ ...companyShape(record), [record.id]: record.fields[record.id]?.schema ?? uuid }) as KeyShape<R>;

export const createShape = <R extends RecordType>(record: R): CreateShape<R> =>
  ({
    ...companyShape(record),
    ...inputShape(record, Object.fromEntries(enteredFields(record))),
  }) as CreateShape<R>;

export const changeShape = <R extends RecordType>(record: R): ChangeShape<R> =>
  ({
    ...keyShape(record),
    ...shapeOf(changeableFields(record), (name, field) => {
      const schema = inputField(record, name, field);
      return (field.options.optional ? schema.nullable() : schema).optional();
    }),
  }) as ChangeShape<R>;

/** An input has no subject yet: only roles matter there, for a masked value is no input. */
export const inputField = (record: RecordType, name: string, field: Field): z.ZodType =>
  marked(record, name, { ...field, options: { ...field.options, personal: undefined } }, field.schema);

export const createdShape = <R extends RecordType>(record: R): CreatedShape<R> =>
  ({
    ...keyShape(record),
    ...dataShape(record, Object.fromEntries(enteredFields(record))),
  }) as CreatedShape<R>;

export const changedShape = <R extends RecordType>(record: R): ChangeShape<R> =>
  ({
    ...keyShape(record),
    ...shapeOf(changeableFields(record), (name, field) =>
      marked(record, name, field, field.options.optional ? field.stored.nullable() : field.stored).optional(),
    ),
  }) as ChangeShape<R>;

const rows = new WeakMap<RecordType, z.ZodObject>();
/** In the JSON Schema of a row: the record type that a reference names. */
export const referenceKey = 'x-daybook-record';
/** Of an id in a row that is made by hand: the type of the record that it names, which GraphQL answers in its place. */
export const refersTo = <S extends z.ZodType>(type: string, schema: S): S => schema.meta({ [referenceKey]: type });
const referring = ({ to }: Field, schema: z.ZodType): z.ZodType => (to === null ? schema : refersTo(to, schema));

/** The row that lists and reads answer. One schema per record, so that the API document names it once. */
export function rowOf<R extends RecordType>(record: R): z.ZodObject<RowShape<R>> {
  const known = rows.get(record);
  if (known) return known as z.ZodObject<RowShape<R>>;
  const made = z
    .object({
      ...(record.id === 'id' ? { id: uuid } : {}),
      ...shapeOf(entries(record), (name, field) =>
        referring(field, marked(record, name, field, mayBeNull(field) ? field.stored.nullable() : field.stored)),
      ),
      version: z.int(),
    })
    .meta({ id: record.type });
  rows.set(record, made);
  return made as unknown as z.ZodObject<RowShape<R>>;
}
const mayBeNull = ({ options }: Field): boolean =>
  options.optional === true || options.guarded === true || options.personal !== undefined;

/** `crm`, `contact`: the context's name, and the noun. */
export const contextNameOf = ({ name }: Pick<RecordType, 'name'>): string => name.slice(0, name.indexOf('.'));
export const nounOf = ({ name }: Pick<RecordType, 'name'>): string => name.slice(name.indexOf('.') + 1);

/** What is entered of a record, as events keep it, without what names it: for an event that brings several. */
export const dataOf = <R extends RecordType>(record: R): z.ZodObject<DataOfRecord<R>> =>
  z.object(dataShape(record, Object.fromEntries(enteredFields(record)))) as unknown as z.ZodObject<DataOfRecord<R>>;

/** The record that data is about: `{company}/{number}` where it is of a company and has no id of its own. */
export const refOf = (record: RecordType, data: Readonly<Record<string, unknown>>): RecordRef => ({
  type: record.name,
  id:
    record.within === 'company' && record.id !== 'id'
      ? `${String(data['companyId'])}/${String(data[record.id])}`
      : String(data[record.id]),
});
