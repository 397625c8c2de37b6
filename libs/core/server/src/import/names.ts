import { type CustomField, type FieldError, type RecordType } from '@daybook/kernel';
import { customCells, type CellKind } from '../export/columns.js';
import { keyOf, pointerOf, type RowFields } from './plan.js';
import { fieldKinds } from './row-input.js';
import { matchFields, type Target } from './target.js';

/*
 * Cells that say in words what a command takes as a code or an id: a choice by its label, a record by its number, code, address or
 * name, a person by address or name. Pure: what the names mean is given.
 */
export interface ImportField {
  /** `class`; of a custom field `custom.region`. */
  readonly name: string;
  readonly label: string;
  readonly kind: CellKind;
  /** Of a choice: the value of each label and each code, by `keyOf`; null for a word that several have. */
  readonly words: ReadonlyMap<string, string | null> | null;
  /** Of a choice: the labels that it has. */
  readonly labels: readonly string[];
  /** The type of the record that it names, `person` of a person. */
  readonly names: string | null;
}
/** Records that a key can mean, by `keyOf`. */
export type Named = ReadonlyMap<string, readonly Candidate[]>;
export interface Candidate {
  readonly id: string;
  /** What it is called, with what tells it from others of the name. */
  readonly label: string;
  /** How surely the key means it: 0 its id, 1 what is unique, 2 its name. */
  readonly rank: number;
}
export const person = 'person';

/** What the columns of a file can fill: fields of the commands, and the tenant's own ones. */
export function importFields(
  { operation, kit }: Target,
  custom: readonly CustomField[],
): ReadonlyMap<string, ImportField> {
  const kinds = new Map([...(kit?.change ? fieldKinds(kit.change) : []), ...fieldKinds(operation)]);
  const declared = [...kinds].flatMap(([name, kind]): ImportField[] => {
    const field = kit?.record.fields[name];
    // One by one, below.
    if (field?.kind === 'custom') return [];
    const pairs = Object.entries(field?.words ?? {}).map(([word, said]) => [word, said?.label ?? word] as const);
    const words = field?.words ? wordsOf(pairs) : null;
    const labels = pairs.map(([, label]) => label);
    const names = field?.kind === 'reference' ? field.to : field?.kind === 'person' ? person : null;
    return [{ name, label: field?.label ?? name, kind, words, labels, names }];
  });
  const own = custom.flatMap(({ key, label, kind, choices, status }): ImportField[] =>
    status === 'retired'
      ? []
      : [
          {
            name: `custom.${key}`,
            label,
            kind: customCells[kind],
            words: kind === 'choice' ? wordsOf((choices ?? []).map((one) => [one, one])) : null,
            labels: choices ?? [],
            names: kind === 'person' ? person : null,
          },
        ],
  );
  return new Map([...declared, ...own].map((field) => [field.name, field]));
}

function wordsOf(pairs: readonly (readonly [value: string, label: string])[]): ReadonlyMap<string, string | null> {
  const words = new Map<string, string | null>();
  for (const [value, label] of pairs) {
    const key = keyOf(label);
    words.set(key, words.has(key) && words.get(key) !== value ? null : value);
  }
  // A code means itself, whatever is labelled so.
  for (const [value] of pairs) words.set(keyOf(value), value);
  return words;
}

/** What cells name, by type of record. */
export function namesAsked(
  fields: ReadonlyMap<string, ImportField>,
  rows: readonly Pick<RowFields, 'fields'>[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const asked = new Map<string, Set<string>>();
  for (const { fields: values } of rows) {
    for (const [name, value] of Object.entries(values)) {
      const type = fields.get(name)?.names;
      if (typeof value !== 'string' || type == null) continue;
      const keys = asked.get(type) ?? new Set();
      asked.set(type, keys.add(keyOf(value)));
    }
  }
  return asked;
}

/** The row with what its words mean; an error for each that means nothing, or several things. */
export function withNames<R extends Pick<RowFields, 'fields' | 'errors'>>(
  fields: ReadonlyMap<string, ImportField>,
  named: ReadonlyMap<string, Named>,
  row: R,
): R {
  const errors: FieldError[] = [];
  const values = Object.entries(row.fields).map(([name, value]) => {
    const field = fields.get(name);
    if (typeof value !== 'string' || !field) return [name, value] as const;
    const meant = field.words
      ? choiceOf(field, value)
      : field.names === null
        ? value
        : recordOf(field.names, named, value);
    if (typeof meant === 'string') return [name, meant] as const;
    errors.push({ pointer: pointerOf(name), code: 'unreadable', message: meant.problem });
    return [name, undefined] as const;
  });
  // What the file says at a custom field begins with its label, as what its definition says does.
  const said = [...row.errors, ...errors].map((error) => {
    const own = fields.get(error.pointer.slice(1).replace('/', '.'));
    return own?.name.startsWith('custom.') ? { ...error, message: `${own.label}: ${error.message}` } : error;
  });
  return { ...row, fields: Object.fromEntries(values), errors: said };
}

/** Of each rank so many are kept that it is clear whether one is meant, and which; however many have the name. */
export function addCandidate(found: Map<string, Candidate[]>, key: string, one: Candidate): void {
  const same = found.get(key) ?? [];
  found.set(key, same);
  const alike = same.filter(({ rank }) => rank === one.rank);
  if (alike.length <= mostNamed && alike.every(({ id }) => id !== one.id)) same.push(one);
}

type Meant = string | { readonly problem: string };
function choiceOf({ words, labels }: ImportField, cell: string): Meant {
  const value = words?.get(keyOf(cell));
  if (typeof value === 'string') return value;
  if (value === null) return { problem: `“${cell}” is the label of several values. Use the code.` };
  return {
    problem: `“${cell}” is none of: ${labels.slice(0, mostLabels).join(', ')}${labels.length > mostLabels ? ' …' : '.'}`,
  };
}

const mostNamed = 5;
const mostLabels = 20;
function recordOf(type: string, named: ReadonlyMap<string, Named>, cell: string): Meant {
  const found = named.get(type)?.get(keyOf(cell)) ?? [];
  const surest = found.reduce((least, { rank }) => Math.min(least, rank), Infinity);
  const meant = new Map(found.filter(({ rank }) => rank === surest).map((one) => [one.id, one]));
  const [first, another] = [...meant.values()];
  const what = type === person ? 'person' : 'record';
  if (!first) return { problem: `There is no ${what} “${cell}” that you may see.` };
  if (!another) return first.id;
  const labels = [...meant.values()].slice(0, mostNamed).map(({ label }) => label);
  const more = meant.size > mostNamed ? ', and more' : '';
  return { problem: `“${cell}” is the name of several: ${labels.join(', ')}${more}. Use what tells them apart.` };
}

/** The fields by which a record is named, with their ranks. */
export function namingFields(record: RecordType): ReadonlyMap<string, number> {
  const sure = matchFields({ record }).map((field, at) => [field, Math.min(at, 1)] as const);
  return new Map([[record.calledBy, 2], ...sure]);
}
