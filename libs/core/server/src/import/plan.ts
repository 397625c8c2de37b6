import type { CommandOperation, FieldError, RecordType } from '@daybook/kernel';
import type * as z from 'zod';
import type { CellKind } from '../export/columns.js';
import type { RowCommand } from './import.entity.js';
import type { Target } from './target.js';

/*
 * What a row becomes: a command that creates or changes a record, or nothing. Pure: what is known of the records is given. No
 * row takes anything from another, and two rows never mean the same record.
 */
export interface RowFields {
  readonly record: number;
  readonly line: number;
  /** What the row says; null where a blank empties a field. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly errors: readonly FieldError[];
}
export type KnownRow = Readonly<Record<string, unknown>>;
export interface Matching {
  readonly field: string;
  readonly creates: boolean;
  /** Records by `keyOf` the value of the field. */
  readonly known: Known;
}
export interface Known {
  readonly records: ReadonlyMap<string, readonly KnownRow[]>;
  /** Fields that roles hide or mask from the person: what they were is not known, so no row changes them. */
  readonly hidden: ReadonlySet<string>;
}
export interface PlannedRow {
  readonly command: RowCommand | null;
  /** Empty for a row that is accepted, or changes nothing. */
  readonly errors: readonly FieldError[];
}

/** A custom field is `custom.region`: one of the map that the command takes. */
const isCustom = (name: string): boolean => name.startsWith('custom.');
const fieldOf = (name: string): string => (isCustom(name) ? 'custom' : name);
const customKeyOf = (name: string): string => name.slice('custom.'.length);
export const pointerOf = (name: string): string => `/${isCustom(name) ? name.replace('.', '/') : name}`;
function whole(fields: readonly (readonly [name: string, value: unknown])[]): KnownRow {
  const custom = fields.filter(([name]) => isCustom(name)).map(([name, value]) => [customKeyOf(name), value] as const);
  const others = Object.fromEntries(fields.filter(([name]) => !isCustom(name)));
  return custom.length === 0 ? others : { ...others, custom: Object.fromEntries(custom) };
}

/** As values of a matching field are compared: addresses whatever their case. */
export const keyOf = (value: unknown): string => String(value).trim().toLowerCase();

/**
 * Records by `keyOf` a field, those with a wanted value, all for null. Of one value two are kept, which is enough to know that
 * it names none of them. `take` answers how many values there are by now.
 */
export function recordsBy(field: string, wanted: ReadonlySet<string> | null) {
  const records = new Map<string, KnownRow[]>();
  const take = (row: KnownRow): number => {
    const key = keyOf(row[field]);
    const same = records.get(key);
    if (same?.length === 1) same.push(row);
    else if (!same && (wanted === null || wanted.has(key))) records.set(key, [row]);
    return records.size;
  };
  return { records, take };
}

/** `single`: fields whose value one record alone may have, with the form in which two values are the same. */
export function planner(
  target: Target,
  kinds: ReadonlyMap<string, CellKind>,
  forAll: KnownRow,
  matching: Matching | null,
  single: ReadonlyMap<string, (value: string) => string>,
) {
  const { operation, kit } = target;
  /** Lines by what nobody else may have. */
  const lines = new Map<string, number>();
  const forms = new Map([...(matching ? [[matching.field, keyOf] as const] : []), ...single]);

  return ({ line, fields, errors }: RowFields): PlannedRow => {
    if (errors.length > 0) return { command: null, errors };
    for (const [field, form] of forms) {
      const value = form(String(fields[field] ?? ''));
      if (value === '') continue;
      const key = `${field} ${value}`;
      const first = lines.get(key) ?? line;
      lines.set(key, first);
      if (first !== line) return refused(field, 'import-twice', `Line ${first} has the same value already.`);
    }
    if (matching === null) return { command: created(operation, forAll, fields), errors: [] };
    const value = fields[matching.field];
    if (value === undefined || value === null)
      return refused(matching.field, 'import-key-missing', 'The row has no value to find its record by.');
    const [found, another] = matching.known.records.get(keyOf(value)) ?? [];
    if (another) return refused(matching.field, 'import-ambiguous', 'Several records have this value.');
    const hidden = Object.keys(fields).find((name) => matching.known.hidden.has(fieldOf(name)));
    if (found && hidden) return refused(hidden, 'import-hidden', 'You may not see this field, so no file changes it.');
    if (found && kit?.change)
      return changed(kit.change, kit.record, forAll, withoutKey(fields, matching.field), found, kinds);
    if (kit?.does === 'create' && matching.creates) return { command: created(operation, forAll, fields), errors: [] };
    return refused(matching.field, 'import-not-found', 'No record that you may see has this value.');
  };
}

const withoutKey = (fields: KnownRow, key: string): KnownRow =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => name !== key));

const refused = (field: string, code: string, message: string): PlannedRow => ({
  command: null,
  errors: [{ pointer: pointerOf(field), code: `platform.${code}`, message }],
});

/** Nothing to empty in what does not exist yet. */
const created = (operation: CommandOperation, forAll: KnownRow, fields: KnownRow): RowCommand => ({
  does: 'create',
  operation: operation.name,
  input: { ...forAll, ...whole(Object.entries(fields).filter(([, value]) => value !== null)) },
  expectedVersion: null,
  before: null,
});

function changed(
  change: CommandOperation,
  record: RecordType,
  forAll: KnownRow,
  fields: KnownRow,
  found: KnownRow,
  kinds: ReadonlyMap<string, CellKind>,
): PlannedRow {
  const was = (name: string): unknown => {
    const value = found[fieldOf(name)];
    return isCustom(name) ? (value as KnownRow | null)?.[customKeyOf(name)] : value;
  };
  // As the command would keep it: without blanks around it.
  const kept = (name: string, value: unknown): unknown =>
    (change.input.shape[name] as z.ZodType | undefined)?.safeParse(value).data ?? value;
  const differing = Object.entries(fields).filter(
    ([name, value]) => !isSame(kept(name, value), was(name), kinds.get(name)),
  );
  // What the command takes besides is no field of the record, which no list shows: it is sent, and not taken back.
  const fieldsOnly = differing.filter(([name]) => fieldOf(name) in found);
  if (differing.length === 0) return { command: null, errors: [] };
  const fixed = differing.find(([name]) => !(fieldOf(name) in change.input.shape) || name === record.id);
  if (fixed) return refused(fixed[0], 'import-fixed', 'This field is entered once and does not change.');
  const key = record.within === 'company' ? { companyId: forAll['companyId'] } : {};
  return {
    command: {
      does: 'change',
      operation: change.name,
      input: { ...key, [record.id]: found[record.id], ...whole(differing) },
      expectedVersion: change.ifMatch === 'none' ? null : Number(found['version']),
      before: whole(fieldsOnly.map(([name]) => [name, was(name) ?? null])),
    },
    errors: [],
  };
}

function isSame(value: unknown, known: unknown, kind: CellKind | undefined): boolean {
  const [one, other] = [value ?? null, known ?? null];
  if (kind !== 'decimal' || one === null || other === null) return one === other;
  const plain = (text: unknown): string =>
    String(text)
      .replace(/(\.\d*?)0+$/, '$1')
      .replace(/\.$/, '');
  return plain(one) === plain(other);
}

/** The command that takes a row back; null where there is none. */
export function compensation(
  { operation, input, before, does }: RowCommand,
  result: { readonly id: string; readonly version: number },
  named: (name: string) => CommandOperation | null,
): { readonly operation: CommandOperation; readonly input: Readonly<Record<string, unknown>> } | null {
  const done = named(operation);
  if (does === 'change' && done !== null && before !== null) return { operation: done, input: { ...input, ...before } };
  const undo = done?.undo;
  return undo ? { operation: undo.operation(), input: undo.input({ ...input }, { ...result, position: '0' }) } : null;
}
