import type { ColumnDeclaration, ColumnFormat } from '@daybook/kernel';

/* The input of a command as a person changes it: every plain value at its path, the shape as it is. Pure. */
export interface Leaf {
  /** `lines.0.amount` */
  readonly path: string;
  readonly label: string;
  readonly value: string | number | boolean | null;
}
type Value = Leaf['value'] | readonly Value[] | { readonly [name: string]: Value };

const wordsOf = (name: string): string => {
  if (/^\d+$/.test(name)) return String(Number(name) + 1);
  const text = name.replace(/([A-Z])/g, ' $1').toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
};
const isBranch = (value: Value): value is readonly Value[] | { readonly [name: string]: Value } =>
  typeof value === 'object' && value !== null;

/** Ids are what the command is about: they are not for changing. */
export function leavesOf(input: Readonly<Record<string, unknown>>): Leaf[] {
  const walk = (value: Value, path: readonly string[]): Leaf[] => {
    if (isBranch(value)) return Object.entries(value).flatMap(([name, inner]) => walk(inner, [...path, name]));
    const name = path.at(-1) ?? '';
    if (/Id$/.test(name)) return [];
    return [{ path: path.join('.'), label: path.map(wordsOf).join(', '), value }];
  };
  return walk(input as Value, []);
}

/** The input with one value changed; what was a number or a yes or no stays one. null when the text is none. */
export function changed(
  input: Readonly<Record<string, unknown>>,
  leaf: Leaf,
  text: string,
): Record<string, unknown> | null {
  const value =
    typeof leaf.value === 'number' ? Number(text) : typeof leaf.value === 'boolean' ? text === 'true' : text;
  if (typeof value === 'number' && (text.trim() === '' || Number.isNaN(value))) return null;
  const put = (at: unknown, path: readonly string[]): unknown => {
    const [name, ...rest] = path;
    if (name === undefined) return leaf.value === null && text === '' ? null : value;
    if (Array.isArray(at)) return at.map((one: unknown, index) => (String(index) === name ? put(one, rest) : one));
    const held = at as Readonly<Record<string, unknown>>;
    return { ...held, [name]: put(held[name], rest) };
  };
  return put(input, leaf.path.split('.')) as Record<string, unknown>;
}

/** The input to be read: plain values, and lists of objects as tables, each value in the format that its name and form imply. */
export interface Shown {
  readonly row: Readonly<Record<string, unknown>>;
  readonly facts: readonly Head[];
  readonly tables: readonly {
    readonly label: string;
    readonly heads: readonly Head[];
    readonly rows: readonly Row[];
  }[];
}
export interface Head {
  readonly name: string;
  readonly label: string;
  readonly column: ColumnDeclaration;
}
type Row = Readonly<Record<string, unknown>>;

/** Values that are words of a short list, not texts of a person. */
const listed = new Set(['side', 'kind', 'holder', 'class', 'type']);
const uuid = /^[\da-f]{8}-[\da-f-]{27}$/;
function formatOf(name: string, value: unknown): ColumnFormat {
  const text = String(value);
  if (name === 'companyId') return 'company';
  if (name === 'role') return 'role';
  if (/^(holder|person)Id$/.test(name)) return 'person';
  if (listed.has(name)) return 'status';
  if (uuid.test(text)) return 'id';
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return 'date';
  if (/^-?\d+\.\d+$/.test(text)) return 'money';
  return typeof value === 'boolean' ? 'boolean' : 'text';
}
const isGiven = (value: unknown): boolean => value !== null && value !== undefined && value !== '';
const headOf = (name: string, value: unknown): Head => {
  const label = wordsOf(name.replace(/Id$/, ''));
  const called: Readonly<Record<string, string>> = { companyId: 'Where', holder: 'Kind of holder' };
  return { name, label: called[name] ?? label, column: { as: formatOf(name, value) } };
};

export function shownOf(input: Row): Shown {
  const given = Object.entries(input).filter(([, value]) => isGiven(value));
  const isTable = (value: unknown): value is readonly Row[] =>
    Array.isArray(value) && value.some((one) => isBranch(one as Value));
  const facts = given.filter(([, value]) => !isTable(value)).map(([name, value]) => headOf(name, value));
  const tables = given.flatMap(([name, value]) => {
    if (!isTable(value)) return [];
    const names = [...new Set(value.flatMap((one) => Object.keys(one)))];
    const example = (field: string): unknown => value.map((one) => one[field]).find(isGiven);
    const heads = names.filter((field) => isGiven(example(field))).map((field) => headOf(field, example(field)));
    return [{ label: wordsOf(name), heads, rows: value }];
  });
  return { row: input, facts, tables };
}
