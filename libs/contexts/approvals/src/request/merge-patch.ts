import {
  type CommandOperation,
  type FieldError,
  type FieldRule,
  guardedWalk,
  reject,
  type Rejection,
} from '@daybook/kernel';

/*
 * The input of an approval request with a change applied to it (JSON Merge Patch, RFC 7396, and lists by place): what is
 * left out stays, also what the person who changes it may not see. What they may not see is lost only where they name just
 * that.
 */
type Fields = Readonly<Record<string, unknown>>;

export function applyMergePatch(
  { input: { shape } }: CommandOperation,
  before: Fields | null,
  patch: Fields,
  rules: Readonly<Record<string, FieldRule>>,
): Record<string, unknown> | Rejection {
  const errors: FieldError[] = [];
  const whole: Record<string, unknown> = { ...before };
  for (const [field, value] of Object.entries(patch)) {
    const schema = Object.hasOwn(shape, field) ? shape[field] : undefined;
    const present = ownOf(before, field);
    if (value === null && !schema?.safeParse(null).success) delete whole[field];
    else put(whole, field, merged(present, value));
    const lost = schema && hiddenIn(schema, present, rules).find((pointer) => isReplaced(present, value, pointer));
    if (lost !== undefined) errors.push({ pointer: `/${field}`, code: 'hidden', message: lostBy(field, lost) });
  }
  return errors.length === 0 ? whole : reject('platform.field-hidden', errors[0]!.message, { status: 403, errors });
}

const lostBy = (field: string, pointer: string): string =>
  `${field}${pointer.replaceAll('/', '.')} holds something that your role may not see, and this change would lose it. ` +
  'Give the places that change as an object, or withdraw the request and submit it again.';

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

/** Does the patch put something in the place of what the pointer (RFC 6901) lies in, rather than of the very place? */
function isReplaced(present: unknown, patch: unknown, pointer: string): boolean {
  let [at, to] = [present, patch];
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (!isFields(to) || (Array.isArray(at) && !arePlaces(to, at))) return true;
    if (!Object.hasOwn(to, name)) return false;
    to = to[name];
    at = (at as Fields)[name];
  }
  return false;
}

const arePlaces = (patch: Fields, list: readonly unknown[]): boolean => {
  const places = Object.keys(patch);
  return places.length > 0 && places.every((place) => /^\d{1,6}$/.test(place) && Number(place) < list.length);
};

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const ownOf = (fields: Fields | null, name: string): unknown =>
  fields !== null && Object.hasOwn(fields, name) ? fields[name] : undefined;

/** As an own field, whatever it is called: an assignment to `__proto__` would exchange the prototype. */
const put = (fields: Record<string, unknown>, name: string, value: unknown): void =>
  void Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true });

function merged(present: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  if (Array.isArray(present)) {
    // Validated against the operation afterwards, which says what is wrong with it.
    if (!arePlaces(patch, present)) return patch;
    return present.map((one: unknown, place) =>
      Object.hasOwn(patch, String(place)) ? merged(one, patch[place]) : one,
    );
  }
  const whole: Record<string, unknown> = isFields(present) ? { ...present } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete whole[field];
    else put(whole, field, merged(ownOf(whole, field), value));
  }
  return whole;
}
