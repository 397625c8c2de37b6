import type * as z from 'zod';
import type { QueryOperation } from '../operation.js';
import {
  type ActionDeclaration,
  type ColumnDeclaration,
  type ColumnFormat,
  type FieldHint,
  type FilterDeclaration,
  type RecordDeclaration,
  type RowCondition,
  type SavedView,
  type SectionDeclaration,
  view,
  type ViewDeclaration,
} from '../view.js';
import type { Field, FieldKind } from './field.js';
import { filterOf, type ListDeclaration, notOf, rangeOf, type RecordList, type RecordRead } from './record-list.js';
import { pluralOf, type RecordCommand } from './record-operations.js';
import { hasGivenId, type RecordType, type RowOfRecord } from './record.js';

/*
 * The screen of a record: order and emphasis only. Labels, formats, filters and forms are known from the fields; a column
 * that the row lacks, or a saved view of a filter that the list lacks, does not compile.
 */
type Column<R> = keyof RowOfRecord<R> & string;

interface Screen<R extends RecordType, L extends string> extends Partial<
  Pick<ViewDeclaration, 'path' | 'title' | 'one' | 'beside' | 'channels' | 'opens' | 'find'>
> {
  readonly columns: readonly Column<R>[];
  /** What differs from the field's own format: a code that is followed by its name. */
  readonly formats?: Readonly<Partial<Record<Column<R>, Partial<ColumnDeclaration>>>>;
  /** Filters that the fields do not tell: in place of one of the same input field, or besides. */
  readonly filters?: readonly FilterDeclaration[];
  /** Headings where the field's own label would not tell: "Account" for the number of one. */
  readonly labels?: Readonly<Partial<Record<Column<R>, string>>>;
  /** Of the columns, those that a person adds if they want them. */
  readonly hidden?: readonly Column<R>[];
  readonly saved?: readonly { readonly name: string; readonly where: Readonly<Partial<Record<L, string>>> }[];
  readonly record?: Pick<RecordDeclaration, 'hero' | 'lineage'> & {
    /** By hand where it answers more than the row: the lines of an entry. */
    readonly read: RecordRead<R> | QueryOperation;
    /** The input field that takes the record's id, where `read` calls it otherwise. */
    readonly id?: string;
    /** Below the title. */
    readonly sub?: Column<R>;
    readonly facts: readonly Column<R>[];
    readonly sections?: readonly SectionDeclaration[];
  };
  readonly actions?: {
    /** A command of the record, or a page with a form of its own. */
    readonly create?: RecordCommand<R> | ViewDeclaration['actions']['create'];
    /** Commands of the record, and what is declared by hand. */
    readonly row?: readonly (RecordCommand<R> | ActionDeclaration)[];
    /** Of the row's, those that are offered for several rows at once. */
    readonly bulk?: readonly (RecordCommand<R> | ActionDeclaration)[];
  };
  readonly empty: string;
}

const views = new Map<string, ViewDeclaration>();
export interface RecordScreen {
  readonly view: ViewDeclaration;
  readonly record: RecordType;
}
const screens = new Map<string, RecordScreen>();
/** The screen of a record type, by the name that a reference says; none where the context's screens are not loaded. */
export const screenOf = (record: string): RecordScreen | undefined => screens.get(record);
/** The screen whose rows open at this address: `accounts/{number}`, the page of a record that is no declared one. */
export const screenOpening = (path: string): RecordScreen | undefined =>
  [...screens.values()].find(({ view }) => view.opens === path);

export function viewOf<R extends RecordType, L extends string, I extends z.ZodObject, O extends z.ZodType>(
  list: RecordList<R, L, I, O>,
  declared: Screen<R, L>,
): ViewDeclaration<RecordList<R, L, I, O>> {
  const { columns, hidden = [], labels = {}, saved = [], record: page, actions = {}, empty, ...others } = declared;
  const { formats: differing = {}, filters: byHand = [], ...said } = others;
  const { record, list: asked } = list.of;
  const headings: Readonly<Record<string, string | undefined>> = labels;
  const written: Readonly<Record<string, Partial<ColumnDeclaration> | undefined>> = differing;
  const sorted = asked.usual.replace(/^-/, '');
  const grows = growing(
    record,
    columns.filter((name) => !hidden.includes(name)),
  );
  const made = view(list, {
    path: pluralOf(record),
    title: capital(record.many),
    one: record.one,
    icon: record.icon,
    ...(record.key === undefined ? {} : { key: record.key }),
    channels: [channelOf(record)],
    ...(asked.text.length > 0 ? { find: { text: `{${record.calledBy}}` } } : {}),
    ...said,
    id: record.id,
    order: { field: 'sort', asc: sorted, desc: `-${sorted}` },
    columns: Object.fromEntries(
      columns.map((name) => [
        name,
        {
          ...columnOf(record, name),
          ...(headings[name] === undefined ? {} : { label: headings[name] }),
          ...(name === grows ? { grow: true } : {}),
          ...(name === sorted ? { sort: asked.usual === sorted ? ('asc' as const) : ('desc' as const) } : {}),
          ...(hidden.includes(name) ? { hidden: true } : {}),
          ...written[name],
        },
      ]),
    ),
    filters: filtersOf(record, asked, byHand),
    views: saved as readonly SavedView[],
    record: page ? recordPage(record, page) : null,
    actions: {
      ...(actions.create ? { create: createOf(actions.create) } : {}),
      row: (actions.row ?? []).map(deedOf),
      bulk: (actions.bulk ?? []).map(deedOf),
    },
    empty,
  });
  views.set(list.name, made as unknown as ViewDeclaration);
  screens.set(record.name, { view: made as unknown as ViewDeclaration, record });
  return made;
}

/**
 * Rows of a list that belong to the record: `related(listOpportunities, { by: 'contact', … })`. The list is named, not its
 * view, so that two screens may show each other.
 */
export const related = <R extends RecordType, L extends string>(
  list: RecordList<R, L>,
  declared: { by: NoInfer<L>; label?: string; columns: readonly Column<R>[]; empty: string },
): SectionDeclaration => ({
  kind: 'rows',
  label: declared.label ?? capital(list.of.record.many),
  where: { [declared.by]: 'id' },
  columns: declared.columns,
  empty: declared.empty,
  get view() {
    const found = views.get(list.name);
    if (!found) throw new Error(`No screen shows ${list.name}.`);
    return found;
  },
});

/** Hints of changes come on it: `contacts`. */
export const channelOf = (record: RecordType): string => pluralOf(record);

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const formats: Readonly<Record<FieldKind, ColumnFormat>> = {
  text: 'text', note: 'text', email: 'text', phone: 'text', code: 'code', date: 'date', money: 'money', quantity: 'quantity',
  percent: 'percent', whole: 'count', 'yes-no': 'boolean', currency: 'code', choice: 'status', status: 'status',
  reference: 'record', person: 'person', instant: 'instant', list: 'text', custom: 'text',
}; // prettier-ignore

export function columnOf(record: RecordType, name: string): ColumnDeclaration {
  const field = record.fields[name];
  if (!field)
    return name === 'version'
      ? { as: 'count', label: 'Version', hidden: true }
      : { as: 'id', label: 'Id', hidden: true };
  return {
    as: formats[field.kind],
    label: field.label,
    ...(field.words ? { words: field.words } : {}),
    ...(field.to === null ? {} : { to: field.to }),
    ...(field.options.each === undefined ? {} : { each: field.options.each }),
    ...emphasisOf(record, name),
    ...(field.options.none === undefined ? {} : { none: field.options.none }),
  };
}

/** What a record is called whose name was erased. */
export const untitledOf = ({ fields, calledBy, one }: RecordType): string =>
  fields[calledBy]?.options.none ?? `Erased ${one}`;
/** A record that has a number of its own is opened by that. */
const emphasisOf = (record: RecordType, name: string): Partial<ColumnDeclaration> =>
  name === (hasGivenId(record) ? record.calledBy : record.id)
    ? { drill: 'record', pin: true, none: untitledOf(record) }
    : {};
/** What takes the room that is left: what the record is called, or its first words beside a code. */
function growing({ fields, calledBy }: RecordType, shown: readonly string[]): string | undefined {
  const isWords = (name: string) => ['text', 'note'].includes(fields[name]?.kind ?? '');
  return shown.includes(calledBy) && isWords(calledBy) ? calledBy : shown.find(isWords);
}

const choicesOf = ({ kind, words }: Field): FilterDeclaration['choices'] =>
  kind === 'yes-no'
    ? [{ value: 'true', label: 'Yes' }, { value: 'false', label: 'No' }] // prettier-ignore
    : words
      ? Object.entries(words).map(([value, word]) => ({
          value,
          label: word?.label ?? capital(value.replaceAll('-', ' ')),
        }))
      : undefined;

function filtersOf(
  record: RecordType,
  list: ListDeclaration,
  byHand: readonly FilterDeclaration[],
): FilterDeclaration[] {
  const declared = list.filters.map((name) => filterDeclared(record, name, list));
  const others = byHand.filter((one) => !declared.some(({ field }) => field === one.field));
  return [...declared.map((one) => ({ ...one, ...byHand.find(({ field }) => field === one.field) })), ...others];
}

function filterDeclared(record: RecordType, name: string, list: ListDeclaration): FilterDeclaration {
  const field = record.fields[name] as Field;
  const choices = choicesOf(field);
  return {
    field: filterOf(field) === 'range' ? rangeOf(name, list) : name,
    ...(filterOf(field) === 'choices' ? { not: notOf(name) } : {}),
    label: field.label,
    as: formats[field.kind],
    ...(field.to === null ? {} : { to: field.to }),
    ...(choices ? { choices } : {}),
  };
}

const recordPage = (
  record: RecordType,
  { read, id = record.id, sub, facts, sections = [], ...said }: NonNullable<Screen<RecordType, string>['record']>,
): RecordDeclaration => ({
  query: read,
  id,
  title: record.calledBy,
  untitled: untitledOf(record),
  ...said,
  ...(sub === undefined ? {} : { sub }),
  fields: Object.fromEntries(facts.map((name) => [name, columnOf(record, name)])),
  sections,
  history: record.name,
  ...(record.within === 'company' && record.id !== 'id' ? { historyId: `{companyId}/{${record.id}}` } : {}),
});

const createOf = (create: RecordCommand | NonNullable<ViewDeclaration['actions']['create']>) =>
  'of' in create ? { label: create.of.label, action: actionOf(create) } : create;

const deedOf = (one: RecordCommand | ActionDeclaration): ActionDeclaration => ('of' in one ? actionOf(one) : one);

/** A command as a deed of the console: its form from the fields it asks, starting with what the row says. */
export function actionOf(operation: RecordCommand): ActionDeclaration {
  const { record, does, label, icon, when, fields, destructive } = operation.of;
  const names = Object.keys(fields).filter((name) => name !== 'custom');
  const conditions = Object.entries(when).map(([field, value]): RowCondition => ({
    field,
    is: [value].flat().map(String),
  }));
  return {
    operation,
    label,
    ...(icon === null ? {} : { icon }),
    ...(does === 'change' ? { key: 'E' } : {}),
    ...(destructive ? { destructive } : {}),
    ...(conditions.length > 0 ? { when: conditions } : {}),
    ...(does === 'create' ? {} : { from: fromRow(record, does === 'change' ? names : []) }),
    ...(names.length > 0
      ? { ask: Object.fromEntries(names.map((name) => [name, hintOf(fields[name] as Field, does)])) }
      : {}),
  };
}
const fromRow = ({ id }: RecordType, names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries([id, ...names].map((name) => [name, name]));

const hintOf = (field: Field, does: RecordCommand['of']['does']): FieldHint => {
  const { kind, label, options } = field;
  const choices = choicesOf(field);
  const isText = kind === 'text' || kind === 'email' || kind === 'phone' || kind === 'note';
  return {
    label,
    ...(kind === 'choice' ? { as: 'choice' as const } : isText ? {} : { as: formats[kind] }),
    ...(field.to === null ? {} : { to: field.to }),
    ...(kind === 'note' ? { width: 'full' as const } : {}),
    ...(options.hint === undefined ? {} : { hint: options.hint }),
    ...(choices && kind === 'choice' ? { choices } : {}),
    // A change may leave out everything, and still cannot empty what the record must have.
    ...(does === 'change' && !options.optional && kind !== 'yes-no' ? { required: true as const } : {}),
  };
};
