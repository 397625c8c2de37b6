import { Option } from 'commander';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { csvOption } from './output.mjs';

/** Wrong usage: exit status 2. */
export class UsageError extends Error {
  name = 'UsageError';
}

const kebab = (field) => field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The flag of `companyId` is `--company`, unless there is a field `company` too; every other flag is named as its field. */
export const flagOf = (field, fields = []) => {
  const short = field.length > 2 && field.endsWith('Id') ? field.slice(0, -2) : field;
  return kebab(fields.includes(short) ? field : short);
};

/** The fields of an operation's input, from its schema. */
export function fieldsOf(operation) {
  const schema = z.toJSONSchema(operation.input, { io: 'input', unrepresentable: 'any' });
  const resolve = (part) => (part?.$ref ? resolve(schema.$defs[part.$ref.split('/').at(-1)]) : (part ?? {}));
  const typeOf = (part) => {
    const type = resolve(part).type;
    if (type === 'array')
      return ['object', 'array', undefined].includes(resolve(resolve(part).items).type) ? 'json' : 'list';
    return ['string', 'integer', 'number', 'boolean'].includes(type) ? type : resolve(part).enum ? 'string' : 'json';
  };
  return Object.entries(schema.properties ?? {}).map(([name, part]) => {
    const field = resolve(part);
    const type = typeOf(part);
    return {
      name,
      flag: flagOf(name, Object.keys(schema.properties)),
      type,
      items: type === 'list' ? resolve(field.items).type : undefined,
      required: (schema.required ?? []).includes(name),
      choices: field.enum ?? (type === 'list' ? resolve(field.items).enum : undefined),
      description: part.description ?? field.description ?? '',
    };
  });
}

/** The flags of an operation, on its command. */
export function addFlags(command, operation) {
  for (const { flag, type, required, choices, description } of fieldsOf(operation)) {
    const sentence = description === '' || description.endsWith('.') ? description : `${description}.`;
    const words = [sentence, choices && `(${choices.join(', ')})`, required && 'Required.'].filter(Boolean).join(' ');
    if (type === 'boolean') {
      command.option(`--${flag}`, words).option(`--no-${flag}`);
      continue;
    }
    const value = type === 'json' ? '<json>' : `<${type === 'list' ? 'value' : type}>`;
    const option = new Option(`--${flag} ${value}`, type === 'list' ? `${words} Repeatable.` : words);
    if (type === 'list') option.argParser((one, all) => [...(all ?? []), one]);
    command.addOption(option);
  }
  const own = new Set(fieldsOf(operation).map(({ flag }) => flag));
  /** A field of the input takes precedence: `--reason` of a hold is the hold's reason, and goes to the audit trail too. */
  const general = (flags, words) => {
    if (!own.has(/^--([\w-]+)/.exec(flags)[1])) command.option(flags, words);
  };
  general('--input <file>', 'the whole input as JSON, from a file or - for standard input; flags win over it');
  if (operation.kind === 'command') {
    general('--reason <text>', 'why, for the audit trail');
    if (operation.acceptsIdempotencyKey)
      general('--idempotency-key <text>', 'a command with the same key and input is done once');
    if (operation.ifMatch !== 'none') general('--if-version <number>', 'only if the record has this version');
  } else {
    general('--known-at <moment>', 'as known at an instant, a trail number or position:N');
    general('--min-position <position>', 'wait until the read models have reached this position');
    if (operation.rows && !own.has('--csv'))
      command.addOption(csvOption('rows as CSV; the whole list unless --limit is given'));
  }
}

/** The input from flags and `--input`, checked. */
export function inputOf(operation, flags) {
  const input = flags.input ? readInput(flags.input) : {};
  for (const { name, flag, type, items } of fieldsOf(operation)) {
    const given = flags[camel(flag)];
    if (given === undefined) continue;
    input[name] = type === 'list' ? given.map((one) => scalar(one, items, flag)) : scalar(given, type, flag);
  }
  return checked(operation, input);
}

/** The input, if it fits the operation's schema. What does not fit is wrong usage, reported by its flag. */
export function checked(operation, input) {
  const result = operation.input.safeParse(input);
  if (result.success) return input;
  const issues = result.error.issues.map(({ path, message }) => {
    const [first, ...rest] = path;
    const place =
      first === undefined ? 'input' : `--${flagOf(String(first))}${rest.map((part) => `/${String(part)}`).join('')}`;
    return `${place}: ${input[first] === undefined && rest.length === 0 ? 'is missing.' : message}`;
  });
  throw new UsageError(issues.join('\n'));
}

const camel = (flag) => flag.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());

/** A flag's text as the type that the field has. */
export function scalar(text, type, flag) {
  if (type === 'integer' || type === 'number') {
    if (!/^-?\d+(\.\d+)?$/.test(text)) throw new UsageError(`--${flag}: ${text} is not a number.`);
    return Number(text);
  }
  if (type !== 'json') return text;
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`--${flag}: must be JSON.`);
  }
}

function readInput(file) {
  let input;
  try {
    input = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
  } catch (error) {
    throw new UsageError(
      error instanceof SyntaxError ? `--input: ${error.message}` : `--input: ${file} cannot be read.`,
    );
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw new UsageError('--input: must be a JSON object.');
  return input;
}
