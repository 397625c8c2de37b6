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
