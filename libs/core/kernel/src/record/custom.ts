import * as z from 'zod';
import { plainDate } from '../date.js';
import { decimal, scale, round } from '../decimal.js';
import { isRejection, reject, type Rejection } from '../rejection.js';
import { sortKey } from '../sort-key.js';
import { oneLine } from '../text-input.js';
import type { DecideContext } from '../decider.js';
import type { RecordType } from './record.js';

/*
 * Custom fields: what a tenant adds to records of a type that has `custom: field.custom()`. Their definitions are data of the
 * tenant; their values are one map by key, in the record's own events, rows and answers.
 *
 * - A value fits the definition that is known when the command is decided. What was entered stays as it is.
 * - A change names keys: those that are left out stay, null empties one.
 * - A retired field is neither entered nor changed, only emptied. Its values stay.
 * - A required field is asked of new records, and not emptied afterwards. Older records may lack it.
 */
export const customKinds = {
  text: 'Text',
  number: 'Number',
  date: 'Date',
  choice: 'Choice',
  'yes-no': 'Yes or no',
  person: 'Person',
} as const;
export type CustomKind = keyof typeof customKinds;

/** The definition of one field, as its registry has it. */
export interface CustomField {
  readonly key: string;
  readonly label: string;
  readonly kind: CustomKind;
  /** Of a choice: the words that can be chosen. */
  readonly choices?: readonly string[] | null | undefined;
  readonly required: boolean;
  /** Forms and lists show the fields in this order. */
  readonly position: number;
  readonly status: 'active' | 'retired';
}
/** Numbers are exact decimals, as text; a person is an id. */
export type CustomValue = string | boolean;
export type CustomValues = Readonly<Record<string, CustomValue>>;

/** In the order of forms and lists: by position, then by label, in the order of the alphabet. */
export const customFieldsInOrder = <F extends Pick<CustomField, 'position' | 'label'>>(fields: Iterable<F>): F[] =>
  [...fields]
    .map((field) => ({ field, key: sortKey(field.label) }))
    .sort((a, b) => a.field.position - b.field.position || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ field }) => field);

/** The custom fields of a tenant, by the name of the record type, in the order of their positions. */
export type CustomFieldsByType = ReadonlyMap<string, readonly CustomField[]>;
/** Of one record type, retired ones included. */
export const mostCustomFields = 100;
export const mostChoices = 100;
export const customKey = z
  .string()
  .regex(/^[a-z][A-Za-z0-9]{0,39}$/, 'Give a key like costCentre: letters and digits, the first one small.')
  // A map without it would seem to have a value: every object has these.
  .refine((key) => !(key in {}), 'Programs keep this word for themselves. Give another key.');

const value = z.union([z.string().max(500), z.boolean()], {
  error: 'Give text of at most 500 characters, or true or false. Numbers and dates are text: "12.5", "2026-03-31".',
});
const withinBounds = (values: object): boolean => Object.keys(values).length <= mostCustomFields;
export const customStored = z.record(z.string(), value);
export const customInput = z
  .record(z.string().max(40), value.nullable())
  .refine(withinBounds, `At most ${mostCustomFields} fields.`);
type Given = Readonly<Record<string, CustomValue | null>>;

const kinds: Readonly<Record<CustomKind, z.ZodType<CustomValue>>> = {
  text: oneLine(500),
  number: decimal,
  date: plainDate,
  choice: z.string(),
  'yes-no': z.boolean({ error: 'Give true or false.' }),
  person: z.uuid('Give the id of a person.'),
};

/** A value as it is kept, or why it is none of the field. */
export function customValue(
  { kind, choices, label }: CustomField,
  given: CustomValue,
): { value: CustomValue } | { problem: string } {
  if (kind === 'choice')
    return typeof given === 'string' && choices?.includes(given) === true
      ? { value: given }
      : { problem: `${label} is one of: ${(choices ?? []).join(', ')}.` };
  const { success, data, error } = kinds[kind].safeParse(given);
  return success
    ? { value: kind === 'number' ? round(String(data), scale(String(data))) : data }
    : { problem: `${label}: ${error.issues[0]?.message ?? 'this is not valid.'}` };
}

/** What takes custom fields: a record that has `custom: field.custom()`, or what a context declares by hand (`customizable`). */
export type Customizable = Pick<RecordType, 'name' | 'one' | 'many' | 'fields'>;
export const hasCustom = ({ fields }: Pick<RecordType, 'fields'>): boolean => fields['custom']?.kind === 'custom';
/** Of a command: what it enters custom fields of. */
export interface EntersCustom {
  readonly record: Customizable;
  readonly does: 'create' | 'change';
}

/**
 * What an event says of custom fields: nothing where they stay as they are, null for none. A decider by hand spreads it into the
 * data; `before` is what the record has. Rejected like `customValues`.
 */
export function customSaid(
  { record, does }: EntersCustom,
  said: Given | null | undefined,
  before: CustomValues | null,
  { customFields = [] }: Pick<DecideContext, 'customFields'>,
): { readonly custom?: CustomValues | null } | Rejection {
  if (said === undefined && does === 'change') return {};
  const given = said ?? (said === null ? Object.fromEntries(Object.keys(before ?? {}).map((key) => [key, null])) : {});
  const after = customValues(record, customFields, given, does === 'create' ? null : (before ?? {}));
  if (isRejection(after)) return after;
  if (sameCustom(before, after.values)) return {};
  return { custom: Object.keys(after.values).length === 0 ? null : after.values };
}

/**
 * The values of a record after a command gave some of them; `before` is null for a new record. Rejected with the fields that
 * are wrong: 409 `crm.contact-invalid`, at `/custom/<key>`.
 */
export function customValues(
  record: Pick<RecordType, 'name' | 'one'>,
  fields: readonly CustomField[],
  given: Given,
  before: CustomValues | null,
): { readonly values: CustomValues } | Rejection {
  const known = new Map(fields.map((field) => [field.key, field]));
  const after = new Map<string, CustomValue>(Object.entries(before ?? {}));
  const problems = new Map<string, string>();
  for (const [key, said] of Object.entries(given)) {
    const field = known.get(key);
    if (said === null) after.delete(key);
    else if (said === after.get(key)) continue;
    else if (field === undefined) problems.set(key, unknownField(record, key, fields));
    else if (field.status === 'retired')
      problems.set(key, `${field.label} is retired. Leave it out, or restore the field first.`);
    else {
      const kept = customValue(field, said);
      if ('problem' in kept) problems.set(key, kept.problem);
      else after.set(key, kept.value);
    }
  }
  for (const { key, label, required, status } of fields) {
    const isAsked = before === null || Object.hasOwn(given, key);
    if (required && status === 'active' && isAsked && !after.has(key) && !problems.has(key))
      problems.set(key, `${label} is missing: every new ${record.one} has it.`);
  }
  return problems.size > 0 ? refused(record, problems) : { values: sorted(after) };
}

const unknownField = ({ one }: Pick<RecordType, 'one'>, key: string, fields: readonly CustomField[]): string => {
  const keys = fields.filter(({ status }) => status === 'active').map((field) => field.key);
  const way = keys.length === 0 ? 'It has none.' : `There are: ${keys.sort().join(', ')}.`;
  return `No custom field of ${/^[aeiou]/i.test(one) ? 'an' : 'a'} ${one} is called ${key}. ${way}`;
};

function refused({ name }: Pick<RecordType, 'name'>, problems: ReadonlyMap<string, string>): Rejection {
  const code = `${name}-invalid`;
  const errors = [...problems].map(([key, message]) => ({ pointer: `/custom/${key}`, code, message }));
  return reject(code, errors.map(({ message }) => message).join(' '), { errors });
}

/** In the order of the keys, so that equal values are equal text. */
const sorted = (values: ReadonlyMap<string, CustomValue>): CustomValues =>
  Object.fromEntries([...values].sort(([one], [other]) => (one < other ? -1 : 1)));
const sameCustom = (one: CustomValues | null, other: CustomValues): boolean =>
  JSON.stringify(sorted(new Map(Object.entries(one ?? {})))) === JSON.stringify(other);

// ── lists ─────────────────────────────────────────────────────────────────────────────────────────────────
const condition = /^([a-z][A-Za-z0-9]{0,39})(=|>=|<=)(.{1,500})$/su;
/** `region=north`, `size>=10`: one condition on a custom field; several of `=` on one field match any of them. */
export const customFilter = z
  .string()
  .regex(condition, 'Give a condition on a custom field, like region=north or size>=10.');
export const customSort = z.string().regex(/^-?[a-z][A-Za-z0-9]{0,39}$/, 'Name a custom field, or -name in reverse.');
/** What a list is asked of custom fields; `mark` says who may ask it. */
export const customQuery = (mark: <S extends z.ZodType>(schema: S) => S = (schema) => schema) => ({
  custom: mark(z.array(customFilter).max(20))
    .optional()
    .describe('Conditions on custom fields: region=north, size>=10, until<=2026-12-31'),
  customSort: mark(customSort)
    .optional()
    .describe('A custom field to order by, before the fields of sort; -name in reverse'),
});
export interface CustomCondition {
  readonly key: string;
  readonly is: '=' | '>=' | '<=';
  readonly value: string;
}
export function customCondition(text: string): CustomCondition {
  const [, key = '', is = '=', value = ''] = condition.exec(text) ?? [];
  return { key, is: is as CustomCondition['is'], value };
}
