import type { FieldError, Operation, Rejection } from '@daybook/kernel';
import { reject } from '@daybook/kernel';
import type * as z from 'zod';

/** Deeper JSON than any declared input, and no reason to walk it. */
const maxDepth = 24;

const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

const depthOf = (value: unknown, level = 0): number => {
  if (level > maxDepth || typeof value !== 'object' || value === null) return level;
  return Math.max(level, ...Object.values(value).map((inner) => depthOf(inner, level + 1)));
};

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
      return `Unknown field ${issue.keys.map((k) => `"${k}"`).join(', ')}.`;
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

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const code = issue.code.replaceAll('_', '-');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ pointer: pointerOf([...issue.path, key]), code, message: 'Unknown field.' }));
  }
  return [{ pointer: pointerOf(issue.path), code, message: words(issue) }];
}

/** What neither JSON nor a text of PostgreSQL can hold: once recorded, it would stop every reader of the event. */
export const isReadable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

function unreadable(value: unknown, path: readonly PropertyKey[] = []): FieldError[] {
  if (typeof value === 'string') {
    if (isReadable(value)) return [];
    const message = 'This text holds characters that cannot be kept: NUL, or half of a surrogate pair.';
    return [{ pointer: pointerOf(path), code: 'unreadable-text', message }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    isReadable(name) ? unreadable(inner, [...path, name]) : unreadable(name, path),
  );
}

const strictInputs = new WeakMap<Operation, z.ZodObject>();

/** Checks raw input against the operation's schema; a field it does not know is an error, not a silent nothing. */
export function validate(operation: Operation, raw: unknown): { input: Record<string, unknown> } | Rejection {
  if (depthOf(raw) > maxDepth) {
    return reject('platform.invalid-input', `The input is nested deeper than ${maxDepth} levels.`, { status: 400 });
  }
  let schema = strictInputs.get(operation);
  if (!schema) strictInputs.set(operation, (schema = operation.input.strict()));
  const parsed = schema.safeParse(raw ?? {}, { reportInput: true });
  const errors = [...unreadable(raw), ...(parsed.error?.issues.flatMap(fieldErrors) ?? [])];
  if (parsed.success && errors.length === 0) return { input: parsed.data };
  const [first] = errors;
  const where = first && first.pointer !== '' ? `${first.pointer.slice(1).replaceAll('/', '.')}: ` : '';
  return reject(
    'platform.invalid-input',
    errors.length === 1
      ? `${where}${first?.message}`
      : `${errors.length} fields are not right; the first is ${where}${first?.message}`,
    { status: 400, errors },
  );
}
