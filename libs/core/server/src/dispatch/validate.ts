import { type FieldError, guardedWalk, isMasked, type Operation, type Rejection } from '@daybook/kernel';
import { reject } from '@daybook/kernel';
import type * as z from 'zod';

/** Deeper JSON than any declared input, and no reason to walk it. */
const maxDepth = 24;
/** Values in one input, with everything that holds others; the longest entry has half as many. */
const maxValues = 100_000;
/** Mistakes that are named; whoever makes more of them makes the same one again and again. */
export const maxFieldErrors = 50;

const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** Why an input is refused before anybody looks into it; walks no further than it must, and without calling itself. */
function tooMuch(value: unknown, depth: number): 'deep' | 'many' | null {
  let values = 1;
  let level: unknown[] = [value];
  for (let at = 0; level.length > 0; at += 1) {
    const below: unknown[] = [];
    for (const holder of level) {
      if (typeof holder !== 'object' || holder === null) continue;
      if (at >= depth) return 'deep';
      const inner: unknown[] = Array.isArray(holder) ? holder : Object.values(holder);
      if ((values += inner.length) > maxValues) return 'many';
      for (const one of inner) below.push(one);
    }
    level = below;
  }
  return null;
}

/** Whether a request is small enough to be looked into; one of GraphQL has its input a few levels down. */
export const isBounded = (body: unknown): boolean => tooMuch(body, 2 * maxDepth) === null;

const typeWords: Readonly<Record<string, string>> = {
  string: 'text', number: 'a number', int: 'a whole number', boolean: 'true or false', array: 'a list', object: 'an object',
}; // prettier-ignore

/** What a person reads; a schema's own words win over these. */
function words(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.startsWith('Invalid input')
        ? issue.input === undefined
          ? 'This is required.'
          : `Expected ${typeWords[issue.expected] ?? issue.expected}.`
        : issue.message;
    case 'unrecognized_keys':
      return 'Unknown field.';
    case 'invalid_value':
      return issue.message.startsWith('Invalid')
        ? `Expected one of: ${issue.values.map(String).join(', ')}.`
        : issue.message;
    case 'too_small':
      return issue.message.startsWith('Too small')
        ? issue.origin === 'string' || issue.origin === 'array'
          ? `At least ${issue.minimum} ${issue.origin === 'string' ? 'characters' : 'items'}.`
          : `At least ${issue.minimum}.`
        : issue.message;
    case 'too_big':
      return issue.message.startsWith('Too big')
        ? issue.origin === 'string' || issue.origin === 'array'
          ? `At most ${issue.maximum} ${issue.origin === 'string' ? 'characters' : 'items'}.`
          : `At most ${issue.maximum}.`
        : issue.message;
    default:
      return issue.message;
  }
}

function* fieldErrors(issue: z.core.$ZodIssue): Generator<FieldError> {
  const code = issue.code.replaceAll('_', '-');
  if (issue.code !== 'unrecognized_keys') yield { pointer: pointerOf(issue.path), code, message: words(issue) };
  else {
    for (const key of issue.keys) yield { pointer: pointerOf([...issue.path, key]), code, message: 'Unknown field.' };
  }
}

/** What neither JSON nor a text of PostgreSQL can hold: once recorded, it would stop every reader of the event. */
export const isReadable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

function* unreadable(value: unknown, path: readonly PropertyKey[] = []): Generator<FieldError> {
  if (typeof value === 'string') {
    if (isReadable(value)) return;
    const message = 'This text holds characters that cannot be kept: NUL, or half of a surrogate pair.';
    yield { pointer: pointerOf(path), code: 'unreadable-text', message };
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    yield* isReadable(name) ? unreadable(inner, [...path, name]) : unreadable(name, path);
  }
}

/** What a role was shown of a guarded field, sent back: stored, it would take the place of what the field holds. */
function maskedIn({ kind, input }: Operation, raw: unknown): FieldError[] {
  const pointers = new Set<string>();
  if (kind === 'command') {
    guardedWalk(input)?.(raw, (place) => {
      if (typeof place.value === 'string' && isMasked(place.value)) pointers.add(place.pointer);
      place.below();
    });
  }
  const message = 'This was masked for your role. Leave it out, and it stays as it is.';
  return [...pointers].map((pointer) => ({ pointer, code: 'masked', message }));
}

/** Everything that is wrong, as it is found. */
function* wrongIn(operation: Operation, raw: unknown, issues: readonly z.core.$ZodIssue[]): Generator<FieldError> {
  yield* unreadable(raw);
  yield* maskedIn(operation, raw);
  for (const issue of issues) yield* fieldErrors(issue);
}

const strictInputs = new WeakMap<Operation, z.ZodObject>();

/** Checks raw input against the operation's schema; a field it does not know is an error, not a silent nothing. */
export function validate(operation: Operation, raw: unknown): { input: Record<string, unknown> } | Rejection {
  const refused = tooMuch(raw, maxDepth);
  if (refused !== null) {
    const why = refused === 'deep' ? `is nested deeper than ${maxDepth} levels` : `holds over ${maxValues} values`;
    return reject('platform.invalid-input', `The input ${why}.`, { status: 400 });
  }
  let schema = strictInputs.get(operation);
  if (!schema) strictInputs.set(operation, (schema = operation.input.strict()));
  const parsed = schema.safeParse(raw ?? {}, { reportInput: true });
  const errors = [...wrongIn(operation, raw, parsed.error?.issues ?? []).take(maxFieldErrors + 1)];
  if (parsed.success && errors.length === 0) return { input: parsed.data };
  const [first] = errors;
  const where = first && first.pointer !== '' ? `${first.pointer.slice(1).replaceAll('/', '.')}: ` : '';
  const count = errors.length > maxFieldErrors ? `Over ${maxFieldErrors}` : String(errors.length);
  return reject(
    'platform.invalid-input',
    errors.length === 1
      ? `${where}${first?.message}`
      : `${count} fields are not right; the first is ${where}${first?.message}`,
    { status: 400, errors: errors.slice(0, maxFieldErrors) },
  );
}
