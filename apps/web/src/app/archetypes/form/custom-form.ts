import * as z from 'zod';
import type { Choice } from '../../core/choices';
import { type CustomField, customName, isCustomName, yesOrNo } from '../../core/custom-fields';
import type { FormField } from './fields';

/* Custom fields in a form: after those of the operation. The server says what a value must be. */
type Row = Readonly<Record<string, unknown>>;

const kinds: Readonly<Record<CustomField['kind'], FormField['kind']>> = {
  text: 'text',
  number: 'figure',
  date: 'date',
  choice: 'choice',
  'yes-no': 'choice',
  person: 'choice',
};

/** Retired ones are not asked for. A required one that an older record lacks may stay empty. */
export const customFormFields = (fields: readonly CustomField[], row: Row | undefined): FormField[] =>
  fields
    .filter(({ status }) => status === 'active')
    .map(({ key, label, kind, choices, required }) => ({
      name: customName(key),
      label,
      kind: kinds[kind],
      required: required && (row === undefined || valueOf(row, key) !== undefined),
      width: 'half',
      hint: '',
      choices: kind === 'yes-no' ? yesOrNo : words(choices ?? [], valueOf(row, key)),
      none: '',
      start: '',
      schema: z.string(),
      to: '',
      as: 'quantity',
    }));

/** The people who can be named. */
export const customOffered = (fields: readonly CustomField[], people: readonly Choice[]) =>
  Object.fromEntries(fields.filter(({ kind }) => kind === 'person').map(({ key }) => [customName(key), people]));

const valuesOf = (row: Row): Row => (row['custom'] ?? {}) as Row;
const valueOf = (row: Row | undefined, key: string): unknown => (row === undefined ? undefined : valuesOf(row)[key]);
/** What was chosen before stays, also when the list has it no more. */
const words = (offered: readonly string[], held: unknown) =>
  [...offered, ...(typeof held === 'string' && offered.length > 0 && !offered.includes(held) ? [held] : [])].map(
    (value) => ({ value, label: value }),
  );
/** What the form begins with. */
export const customStart = (row: Row): Row =>
  Object.fromEntries(Object.entries(valuesOf(row)).map(([key, value]) => [customName(key), String(value)]));

/** Takes the custom fields out of what was typed, as the command takes them: only what differs; null for what was emptied. */
export function withCustomInput(fields: readonly CustomField[], row: Row | undefined, typed: Row): Row {
  const own = Object.fromEntries(Object.entries(typed).filter(([name]) => !isCustomName(name)));
  const before = row === undefined ? {} : valuesOf(row);
  const custom = fields
    .filter(({ status }) => status === 'active')
    .flatMap(({ key, kind }): [string, unknown][] => {
      const said = typed[customName(key)];
      const value = said === undefined ? null : kind === 'yes-no' ? said === 'true' : said;
      return value === (before[key] ?? null) ? [] : [[key, value]];
    });
  return custom.length === 0 ? own : { ...own, custom: Object.fromEntries(custom) };
}
