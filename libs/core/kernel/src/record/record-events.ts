import * as z from 'zod';
import { event, type EventDeclaration } from '../event.js';
import type { Fields } from './field.js';
import {
  changedShape,
  type ChangeShape,
  createdShape,
  dataShape,
  type DataShape,
  type CreatedShape,
  keyShape,
  type KeyShape,
  type PatchOf,
  type RecordType,
  refOf,
} from './record.js';

/*
 * The events of a record. An event says what it sets: from that follow the state that decisions are made on and the row that
 * is shown. One that says nothing of it is folded by hand.
 */
export interface RecordEvent<
  T extends string = string,
  S extends z.ZodType = z.ZodType,
  Sets extends boolean = boolean,
> extends EventDeclaration<T, S> {
  /** The fields that the event sets, from its data; null for one that is folded by hand. */
  readonly sets: ((data: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>) | null;
  /** For the compiler: whether `sets` is given. */
  readonly foldsItself: Sets;
  /** It is the first of its record. */
  readonly creates: boolean;
  /** What `sets` is made of, as text: read models that follow the event are rebuilt when it changes. */
  readonly meaning: string;
}

type ObjectOf<Shape extends z.ZodRawShape> = z.ZodObject<Shape>;

/** What a new record has before anything is said of it: the first word of a status, and the defaults of what events set. */
export const initialOf = (record: RecordType): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(record.fields).flatMap(([name, { kind, words, options }]): [string, unknown][] =>
      kind === 'status'
        ? [[name, Object.keys(words ?? {})[0]]]
        : options.given && options.default !== undefined
          ? [[name, options.default]]
          : [],
    ),
  );

/** `crm.contact-created`: what a person entered. A status has its first word. */
export const created = <R extends RecordType, const V extends string = 'created'>(
  record: R,
  { verb = 'created' as V, isCompany = false }: { verb?: V; isCompany?: boolean } = {},
): RecordEvent<`${R['name']}-${V}`, ObjectOf<CreatedShape<R>>, true> => {
  const first = initialOf(record);
  const meaning = JSON.stringify(first);
  return made(record, verb, createdShape(record), (data) => ({ ...first, ...data }), { creates: true, isCompany, meaning }); // prettier-ignore
};

/** `crm.contact-changed`: only what changed; null where a field was emptied. */
export const changed = <R extends RecordType, const V extends string = 'changed'>(
  record: R,
  declared: { verb?: V } = {},
): RecordEvent<`${R['name']}-${V}`, ObjectOf<ChangeShape<R>>, true> =>
  made(record, declared.verb ?? ('changed' as V), changedShape(record), (data) => data, {});

/**
 * What else happens to a record: `eventOf(contact, 'archived', { sets: { status: 'archived' } })`. `data` is what it says
 * besides the record's id; `sets` may be made from it. `creates`: there was no such record before, though nobody entered its fields.
 */
export function eventOf<
  R extends RecordType,
  const V extends string,
  const D extends Fields = Record<never, never>,
  const P extends PatchOf<R> | ((data: z.output<z.ZodObject<KeyShape<R> & DataShape<D>>>) => PatchOf<R>) | undefined =
    undefined,
>(
  record: R,
  verb: V,
  declared: { readonly data?: D; readonly sets?: P; readonly version?: number; readonly creates?: true } = {},
): RecordEvent<`${R['name']}-${V}`, ObjectOf<KeyShape<R> & DataShape<D>>, P extends undefined ? false : true> {
  const { sets } = declared;
  const to = typeof sets === 'function' ? sets : sets === undefined ? null : () => sets;
  const shape = { ...keyShape(record), ...dataShape(record, declared.data ?? {}) } as KeyShape<R> & DataShape<D>;
  const meaning = typeof sets === 'function' ? String(sets) : JSON.stringify(sets ?? null);
  const whole: unknown = made(record, verb, shape, to as RecordEvent['sets'], {
    meaning,
    version: declared.version,
    creates: declared.creates ?? false,
  });
  return whole as RecordEvent<
    `${R['name']}-${V}`,
    ObjectOf<KeyShape<R> & DataShape<D>>,
    P extends undefined ? false : true
  >;
}

function made<R extends RecordType, V extends string, Shape extends z.ZodRawShape>(
  record: R,
  verb: V,
  shape: Shape,
  sets: RecordEvent['sets'],
  more: { creates?: boolean; isCompany?: boolean; meaning?: string; version?: number },
): RecordEvent<`${R['name']}-${V}`, z.ZodObject<Shape>, true> {
  const { creates = false, isCompany = false, meaning = '', version } = more;
  const refOfData = (data: unknown) => refOf(record, data as Readonly<Record<string, unknown>>);
  const declared = event(`${record.name as R['name']}-${verb}`, {
    data: z.object(shape),
    record: refOfData,
    // A company belongs to itself; others name theirs.
    ...(isCompany ? { company: (data: unknown): string => refOfData(data).id } : {}),
    ...(version === undefined ? {} : { version }),
  });
  return { ...declared, sets, foldsItself: true, creates, meaning };
}
