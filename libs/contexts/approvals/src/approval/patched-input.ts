import {
  type CommandOperation,
  type FieldError,
  type FieldRule,
  guardedWalk,
  reject,
  type Rejection,
} from '@daybook/kernel';

/*
 * The input of a waiting command with what a change says of it (JSON Merge Patch, RFC 7396, and lists by place): what is
 * left out stays, also what the person who changes it may not see.
 */
type Fields = Readonly<Record<string, unknown>>;

export function patchedInput(
  { input: { shape } }: CommandOperation,
  before: Fields | null,
  patch: Fields,
  rules: Readonly<Record<string, FieldRule>>,
): Record<string, unknown> | Rejection {
  const errors: FieldError[] = [];
  const whole: Record<string, unknown> = { ...before };
  for (const [field, value] of Object.entries(patch)) {
    const schema = Object.hasOwn(shape, field) ? shape[field] : undefined;
    const present = before?.[field];
    if (value === null && !schema?.safeParse(null).success) delete whole[field];
    else whole[field] = merged(present, value);
    const [lost] = Array.isArray(value) && schema ? hiddenIn(schema, present, rules) : [];
    if (lost !== undefined) errors.push({ pointer: `/${field}`, code: 'hidden', message: lostBy(field, lost) });
  }
  return errors.length === 0 ? whole : reject('platform.field-hidden', errors[0]!.message, { status: 403, errors });
}

const lostBy = (field: string, pointer: string): string =>
  `${field}${pointer.replaceAll('/', '.')} holds something that your role may not see, and a new list would lose it. ` +
  'Give the places that change as an object, or withdraw the command and ask anew.';

/** Places within a present value that the person may not see. */
function hiddenIn(
  schema: Parameters<typeof guardedWalk>[0],
  present: unknown,
  rules: Readonly<Record<string, FieldRule>>,
): string[] {
  const found: string[] = [];
  guardedWalk(schema)?.(present, (place) => {
    const { guarded } = place.marks;
    const held = place.value !== null && place.value !== undefined && place.value !== '';
    if (held && guarded && rules[guarded.name] !== undefined) found.push(place.pointer);
    place.below();
  });
  return found;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function merged(present: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  if (Array.isArray(present)) {
    const places = Object.keys(patch);
    const fits =
      places.length > 0 && places.every((place) => /^\d{1,6}$/.test(place) && Number(place) < present.length);
    // Validated against the operation afterwards, which says what is wrong with it.
    if (!fits) return patch;
    return present.map((one: unknown, place) =>
      Object.hasOwn(patch, String(place)) ? merged(one, patch[place]) : one,
    );
  }
  const whole: Record<string, unknown> = isFields(present) ? { ...present } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete whole[field];
    else whole[field] = merged(whole[field], value);
  }
  return whole;
}
