import { type FieldError, type FieldRule, guardOf, isOpaque, masked, reject, type Rejection } from '@daybook/kernel';
import * as z from 'zod';

/*
 * Field rules (a role hides or masks a field) applied to a value by its schema. A schema is walked once and remembered as
 * the function that changes values; schemas without a guarded field cost nothing.
 */
export type FieldRules = Readonly<Record<string, FieldRule>>;
type Restrict = (value: unknown, rules: FieldRules) => unknown;

const known = new WeakMap<z.ZodType, Restrict | null>();

/** The value with hidden fields null and masked ones shown in part; the value itself stays as it is. */
export function restrict(schema: z.ZodType, value: unknown, rules: FieldRules): unknown {
  if (Object.keys(rules).length === 0) return value;
  return restrictorOf(schema)?.(value, rules) ?? value;
}

/**
 * A field that may not be seen may not be asked about either: a filter on it would tell what it holds. Commands are not
 * asked this: who may not read the texts of others may still write his own.
 */
export function restrictedInput(
  schema: z.ZodObject,
  input: Record<string, unknown>,
  rules: FieldRules,
): Rejection | null {
  if (Object.keys(rules).length === 0) return null;
  const errors = Object.entries(schema.shape).flatMap(([field, inner]): FieldError[] => {
    const guard = input[field] === undefined ? undefined : guardsIn(inner as z.ZodType).find(({ name }) => rules[name]);
    if (guard === undefined) return [];
    return [{ pointer: `/${field}`, code: 'hidden', message: `Your role may not see this: ${guard.title}.` }];
  });
  return errors.length === 0
    ? null
    : reject('platform.field-hidden', 'Your role may not see a field that this asks for. Leave it out.', {
        status: 403,
        errors,
      });
}

function restrictorOf(schema: z.ZodType): Restrict | null {
  const found = known.get(schema);
  if (found !== undefined) return found;
  known.set(schema, null); // a schema that holds itself has no guarded field of its own twice
  const made = make(schema);
  known.set(schema, made);
  return made;
}

function make(schema: z.ZodType): Restrict | null {
  // Rules are not asked for where there are none: whoever comes here may not see everything.
  if (isOpaque(schema)) return () => null;
  const guard = guardOf(schema);
  if (guard) {
    return (value, rules) => {
      const rule = rules[guard.name];
      if (rule === undefined || value === null || value === undefined) return value;
      return rule === 'mask' && typeof value === 'string' ? masked(value) : null;
    };
  }
  if (schema instanceof z.ZodObject) return objectOf(schema.shape as Record<string, z.ZodType>);
  if (schema instanceof z.ZodArray) {
    const item = restrictorOf(schema.element as z.ZodType);
    return item && ((value, rules) => (Array.isArray(value) ? value.map((one) => item(one, rules)) : value));
  }
  if (schema instanceof z.ZodRecord) {
    const item = restrictorOf(schema.valueType as z.ZodType);
    return (
      item &&
      ((value, rules) =>
        isFields(value) ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, item(v, rules)])) : value)
    );
  }
  if (schema instanceof z.ZodUnion) {
    const options = (schema.options as z.ZodType[]).map((option) => ({ option, restrictor: restrictorOf(option) }));
    if (options.every(({ restrictor }) => restrictor === null)) return null;
    return (value, rules) => {
      const fits = options.find(({ option }) => option.safeParse(value).success);
      return fits?.restrictor ? fits.restrictor(value, rules) : value;
    };
  }
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return restrictorOf(schema.unwrap() as z.ZodType);
  }
  return null;
}

function objectOf(shape: Record<string, z.ZodType>): Restrict | null {
  const fields = Object.entries(shape).flatMap(([field, inner]) => {
    const restrictor = restrictorOf(inner);
    return restrictor ? [{ field, restrictor }] : [];
  });
  if (fields.length === 0) return null;
  return (value, rules) => {
    if (!isFields(value)) return value;
    const changed = { ...value };
    for (const { field, restrictor } of fields)
      if (field in changed) changed[field] = restrictor(changed[field], rules);
    return changed;
  };
}

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** All guarded fields below a schema, by name: what the role editor offers. */
export function guardsIn(schema: z.ZodType, seen = new Set<z.ZodType>()): { name: string; title: string }[] {
  if (seen.has(schema)) return [];
  seen.add(schema);
  const guard = guardOf(schema);
  if (guard) return [guard];
  if (schema instanceof z.ZodObject) {
    return Object.values(schema.shape as Record<string, z.ZodType>).flatMap((inner) => guardsIn(inner, seen));
  }
  if (schema instanceof z.ZodArray) return guardsIn(schema.element as z.ZodType, seen);
  if (schema instanceof z.ZodRecord) return guardsIn(schema.valueType as z.ZodType, seen);
  if (schema instanceof z.ZodUnion) return (schema.options as z.ZodType[]).flatMap((option) => guardsIn(option, seen));
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return guardsIn(schema.unwrap() as z.ZodType, seen);
  }
  return [];
}
