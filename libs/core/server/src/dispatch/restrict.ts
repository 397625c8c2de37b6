import {
  type FieldError,
  type FieldRule,
  guardedWalk,
  guardsIn,
  isOpaque,
  masked,
  type Marks,
  reject,
  type Rejection,
} from '@daybook/kernel';
import type * as z from 'zod';

/** Field rules (a role hides or masks a field), by the name that `guarded` gives. */
export type FieldRules = Readonly<Record<string, FieldRule>>;

/** A copy of the value with hidden fields null and masked ones shown in part. */
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

/** Whether the rules hide or mask anything that has this schema. */
export const isRestricted = (schema: z.ZodType, rules: FieldRules): boolean =>
  guardsIn(schema).some(({ name }) => name in rules) || (isOpaque(schema) && Object.keys(rules).length > 0);

/** Called only when there are rules, so the caller may not see everything, and opaque values are hidden. */
const ruleOf = ({ opaque, guarded }: Marks, rules: FieldRules): FieldRule | undefined =>
  opaque ? 'hide' : guarded && rules[guarded.name];

/**
 * A field that is hidden cannot be filtered by either, since the answer would reveal its value. Queries only: people who may
 * not read what others wrote may still write.
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
    return [{ pointer: `/${field}`, code: 'hidden', message: `Your role does not let you see this: ${guard.title}.` }];
  });
  return errors.length === 0
    ? null
    : reject('platform.field-hidden', 'Your role does not let you see a field that you filter by. Leave it out.', {
        status: 403,
        errors,
      });
}
