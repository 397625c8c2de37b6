import type { ColumnFormat, FieldHint, NumberForm } from '@daybook/kernel';
import { instantInZone, parseFigure } from '@daybook/kernel';
import * as z from 'zod';
import { type Choice, fixedChoices } from '../../core/choices';
import { parseDate } from '../../core/dates';
import { choicesOf, defaultOf, innerType, isList, isRequired } from '../../core/schema';
import { words } from '../../core/values';

/** A field of a generated form: what the operation's schema says, and the hint beside it. */
export interface FormField {
  readonly name: string;
  readonly label: string;
  /** `many` ticks choices, `list` takes one value a line: both are lists, typed as lines. */
  readonly kind:
    'text' | 'long' | 'figure' | 'date' | 'choice' | 'boolean' | 'secret' | 'number' | 'many' | 'list' | 'record';
  readonly required: boolean;
  readonly width: 'narrow' | 'half' | 'full';
  readonly hint: string;
  readonly choices: readonly Choice[];
  /** What choosing nothing is called. */
  readonly none: string;
  readonly start: string | boolean;
  readonly schema: z.ZodType;
  /** Of a record: its type. */
  readonly to: string;
  /** Of a figure: how it is written. */
  readonly as: ColumnFormat;
}

function kindOf(schema: z.ZodType, hint: FieldHint): FormField['kind'] {
  if (hint.as === 'secret') return 'secret';
  if (hint.as === 'record') return 'record';
  if (isList(schema)) return hint.as === 'choice' ? 'many' : 'list';
  if (['choice', 'company', 'role', 'person', 'status'].includes(hint.as ?? '') || choicesOf(schema) !== null)
    return 'choice';
  if (hint.as === 'date') return 'date';
  if (hint.as === 'money' || hint.as === 'amount' || hint.as === 'quantity' || hint.as === 'percent') return 'figure';
  const inner = innerType(schema);
  if (inner instanceof z.ZodBoolean) return 'boolean';
  if (inner instanceof z.ZodNumber) return 'number';
  return inner instanceof z.ZodString && (inner.maxLength ?? 0) > 400 ? 'long' : 'text';
}

/** The fields of an operation's input that a person fills in, in the order of the hints. */
export function fieldsOf(input: z.ZodObject, ask: Readonly<Record<string, FieldHint>>): FormField[] {
  const shape = input.shape as Record<string, z.ZodType>;
  return Object.entries(ask).map(([name, hint]) => {
    const schema = shape[name];
    if (schema === undefined) throw new Error(`The operation's input has no field ${name} to ask for.`);
    const kind = kindOf(schema, hint);
    const start = defaultOf(schema);
    const offered = fixedChoices(hint.choices);
    return {
      name,
      label: hint.label,
      kind,
      required: hint.required ?? isRequired(schema),
      none: hint.as === 'company' ? 'Whole tenant' : '',
      width: hint.width ?? (['long', 'many', 'list'].includes(kind) ? 'full' : 'half'),
      hint: hint.hint ?? '',
      choices:
        offered.length > 0 ? offered : (choicesOf(schema) ?? []).map((value) => ({ value, label: words(value) })),
      start:
        kind === 'boolean'
          ? start === true
          : typeof start === 'string' || typeof start === 'number'
            ? String(start)
            : '',
      schema,
      to: hint.to ?? '',
      as: hint.as === 'quantity' ? 'quantity' : 'money',
    };
  });
}

/** What was typed as the operation wants it; `problem` in words when it cannot be that. */
export function readField(
  field: FormField,
  typed: string | boolean,
  today: string,
  form: NumberForm,
  zone = 'UTC',
): { value?: unknown; problem?: string } {
  if (typeof typed === 'boolean') return { value: typed };
  const text = typed.trim();
  if (text === '') return field.required ? { problem: `${field.label} is missing.` } : {};
  if (field.kind === 'date') {
    const date = parseDate(text, today);
    if (date === null) return { problem: 'Not a date. Write it like 31 Mar 2026, 153 or m.' };
    // Where the operation takes a moment, a day means its end, in the zone of the books.
    const isMoment = !field.schema.safeParse(date).success;
    return checked(field, isMoment ? instantInZone(date, '23:59:59', zone) : date);
  }
  if (field.kind === 'many' || field.kind === 'list') return checked(field, text.split(/\s*\n\s*/));
  if (field.kind === 'number') {
    const whole = Number(text.replaceAll(/\s/g, ''));
    return Number.isInteger(whole) ? checked(field, whole) : { problem: 'Not a whole number. Write it like 12.' };
  }
  const value = field.kind === 'figure' ? parseFigure(text, form) : text;
  return value === null ? { problem: 'Not a figure. Write it like 1\u00a0234,50.' } : checked(field, value);
}
function checked(field: FormField, value: unknown): { value?: unknown; problem?: string } {
  const { success, error } = field.schema.safeParse(value, { error: inWords });
  return success ? { value } : { problem: error.issues[0]?.message ?? notValid };
}
const notValid = 'This is not a valid value.';
/** For a person, where the schema has no words of its own. */
const inWords: z.core.$ZodErrorMap = (issue) => {
  const of = issue.code === 'too_big' || issue.code === 'too_small' ? ` ${units[issue.origin] ?? ''}`.trimEnd() : '';
  if (issue.code === 'too_big') return `At most ${issue.maximum}${of}.`;
  if (issue.code === 'too_small') return `At least ${issue.minimum}${of}.`;
  return notValid;
};
const units: Readonly<Record<string, string>> = { string: 'characters', array: 'of them' };

/** An empty list is as little as none. */
const orNull = (value: unknown): unknown => (Array.isArray(value) && value.length === 0 ? null : (value ?? null));

/**
 * What was typed into fields that start with what a row says, as a change carries it: what was not touched is left out, what
 * was emptied is null, or an empty text or list, where the operation takes that.
 */
export function changedFrom(
  row: Readonly<Record<string, unknown>>,
  from: Readonly<Record<string, string>>,
  ask: Readonly<Record<string, unknown>>,
  input: z.ZodObject,
  typed: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const changed: Record<string, unknown> = { ...typed };
  for (const [field, column] of Object.entries(from)) {
    const schema = (input.shape as Record<string, z.ZodType>)[field];
    if (!(field in ask) || schema === undefined) continue;
    const [was, is] = [orNull(row[column]), orNull(typed[field])];
    const untouched = JSON.stringify(was) === JSON.stringify(is);
    const staysWhenLeftOut = !(schema instanceof z.ZodDefault) && schema.safeParse(undefined).success;
    if (untouched && staysWhenLeftOut) delete changed[field];
    else if (!untouched && is === null && schema.safeParse(null).success) changed[field] = null;
    else if (!untouched && is === null && schema.safeParse('').success) changed[field] = '';
    else if (!untouched && is === null && schema.safeParse([]).success) changed[field] = [];
  }
  return changed;
}
