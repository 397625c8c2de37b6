import {
  type FieldError,
  type FieldRule,
  guardedWalk,
  guardsIn,
  masked,
  type Marks,
  reject,
  type Rejection,
} from '@daybook/kernel';
import type * as z from 'zod';

/** Field rules (a role hides or masks a field), by the name that `guarded` gives. */
export type FieldRules = Readonly<Record<string, FieldRule>>;

/** The value with hidden fields null and masked ones shown in part; the value itself stays as it is. */
export function restrict(schema: z.ZodType, value: unknown, rules: FieldRules): unknown {
  if (Object.keys(rules).length === 0) return value;
  const walk = guardedWalk(schema);
  if (walk === null) return value;
  return walk(value, (place) => {
    const rule = ruleOf(place.marks, rules);
    if (rule === undefined) return place.below();
    if (place.value === null || place.value === undefined) return;
    place.put(rule === 'mask' && typeof place.value === 'string' ? masked(place.value) : null);
  });
}

/** Rules are not asked for where there are none: whoever comes here may not see everything, so nothing opaque. */
const ruleOf = ({ opaque, guarded }: Marks, rules: FieldRules): FieldRule | undefined =>
  opaque ? 'hide' : guarded && rules[guarded.name];

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
    const guard =
      input[field] === undefined
        ? undefined
        : guardsIn(inner as z.ZodType).find(({ name }) => rules[name] !== undefined);
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
