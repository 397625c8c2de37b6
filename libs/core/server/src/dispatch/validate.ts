import { type FieldError, guardedWalk, isMasked, type Operation, type Rejection } from '@daybook/kernel';
import { reject } from '@daybook/kernel';
import type * as z from 'zod';

/** Deeper than any declared input. */
const maxDepth = 24;
/** Values in one input, containers included; the longest possible entry has half as many. */
const maxValues = 100_000;
/** Reported errors at most; beyond that, they repeat. */
export const maxFieldErrors = 50;

const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** Why an input is too large to validate; walks no further than needed, and without recursion. */
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

/** Whether a GraphQL request is small enough to process; its input is a few levels down. */
export const isBounded = (body: unknown): boolean => tooMuch(body, 2 * maxDepth) === null;

const typeWords: Readonly<Record<string, string>> = {
  string: 'text', number: 'a number', int: 'a whole number', boolean: 'true or false', array: 'a list', object: 'an object',
}; // prettier-ignore

/** Messages for people; a schema's own messages take precedence. */
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

/** False for what neither JSON nor PostgreSQL text can store: once recorded, it would break every reader of the event. */
export const isReadable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

function* unreadable(value: unknown, path: readonly PropertyKey[] = []): Generator<FieldError> {
  if (typeof value === 'string') {
    if (isReadable(value)) return;
    const message = 'This text contains characters that cannot be stored: NUL or an unpaired surrogate.';
    yield { pointer: pointerOf(path), code: 'unreadable-text', message };
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    yield* isReadable(name) ? unreadable(inner, [...path, name]) : unreadable(name, path);
  }
}

/** A masked value that a caller sends back: if stored, it would overwrite the actual one. */
function maskedIn({ kind, input }: Operation, raw: unknown): FieldError[] {
  const pointers = new Set<string>();
  if (kind === 'command') {
    guardedWalk(input)?.(raw, (place) => {
      if (typeof place.value === 'string' && isMasked(place.value)) pointers.add(place.pointer);
      place.below();
    });
  }
  const message = 'This value is masked for your role. Leave it out to keep it as it is.';
  return [...pointers].map((pointer) => ({ pointer, code: 'masked', message }));
}

/** All errors, lazily. */
function* wrongIn(operation: Operation, raw: unknown, issues: readonly z.core.$ZodIssue[]): Generator<FieldError> {
  yield* unreadable(raw);
  yield* maskedIn(operation, raw);
  for (const issue of issues) yield* fieldErrors(issue);
}

const strictInputs = new WeakMap<Operation, z.ZodObject>();

/** Validates raw input against the operation's schema; unknown fields are errors. */
export function validate(operation: Operation, raw: unknown): { input: Record<string, unknown> } | Rejection {
  const refused = tooMuch(raw, maxDepth);
  if (refused !== null) {
    const why =
      refused === 'deep' ? `is nested deeper than ${maxDepth} levels` : `contains more than ${maxValues} values`;
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
      : `${count} fields are invalid; the first: ${where}${first?.message}`,
    { status: 400, errors: errors.slice(0, maxFieldErrors) },
  );
}
