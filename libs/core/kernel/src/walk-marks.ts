import type * as z from 'zod';
import { defOf, type Marks, marksOf, type Part, partsOf } from './marks.js';
import { allMarks, scopeOf } from './find-marks.js';

/*
 * Walks a value by its schema and stops at each marked place. The value itself stays as it is: what the walk goes through
 * is copied. A schema is compiled once; parts without a mark cost nothing.
 *
 * Where a value has alternatives (a union), all that its literal fields do not rule out count: a place is marked when any
 * of them marks it. Which one zod would take cannot be told once something in it is sealed or erased, and guessing would
 * leave something in clear.
 */
type Fields = Record<PropertyKey, unknown>;
interface Scope {
  readonly names: ReadonlySet<string>;
  readonly value: Fields;
}

/** A marked place of a value on a walk. */
export class Place {
  constructor(
    readonly marks: Marks,
    /** A JSON pointer (RFC 6901) from the walked value. */
    readonly pointer: string,
    readonly holder: object,
    readonly key: PropertyKey,
    private readonly scopes: readonly Scope[],
    /** Goes on to what stands below it. */
    readonly below: () => void,
  ) {}

  get value(): unknown {
    return (this.holder as Fields)[this.key];
  }
  put(value: unknown): void {
    (this.holder as Fields)[this.key] = value;
  }
  /** The value of a field of the nearest object around it that declares the field: whose personal data it is. */
  sibling(field: string): unknown {
    return this.scopes.find(({ names }) => names.has(field))?.value[field];
  }
}

interface Walk {
  readonly visit: (place: Place) => void;
  readonly copies: WeakSet<object>;
}
type Step = (walk: Walk, holder: object, key: PropertyKey, path: string, scopes: readonly Scope[]) => void;
export type Interest = (marks: Marks) => boolean;
export type MarkedWalk = (value: unknown, visit: (place: Place) => void) => unknown;

/** Visits the places whose marks are of interest; `visit` decides whether to go `below`. Answers the changed copy. */
export function walkerOf(interest: Interest): (schema: z.ZodType) => MarkedWalk | null {
  const compiled = new WeakMap<z.ZodType, Step | null>();
  const walks = new WeakMap<z.ZodType, MarkedWalk | null>();

  function compile(schema: z.ZodType): Step | null {
    const known = compiled.get(schema);
    if (known !== undefined) return known;
    const step = allMarks(schema).some(interest) ? make(schema) : null;
    compiled.set(schema, step);
    return step;
  }

  function make(schema: z.ZodType): Step {
    const marks = marksOf(schema);
    // Not before it is needed: a schema may contain itself.
    let inner: Step | undefined;
    const below: Step = (...where) => (inner ??= structure(schema, compile, interest))(...where);
    if (!interest(marks)) return below;
    return (walk, holder, key, path, scopes) =>
      walk.visit(new Place(marks, path, holder, key, scopes, () => below(walk, holder, key, path, scopes)));
  }

  return (schema) => {
    const known = walks.get(schema);
    if (known !== undefined) return known;
    const step = compile(schema);
    const walked: MarkedWalk | null =
      step &&
      ((value, visit) => {
        const root = { value };
        step({ visit, copies: new WeakSet() }, root, 'value', '', []);
        return root.value;
      });
    walks.set(schema, walked);
    return walked;
  };
}

function structure(schema: z.ZodType, compile: (schema: z.ZodType) => Step | null, interest: Interest): Step {
  const parts = partsOf(schema);
  const steps = parts.flatMap((part) => {
    const step = part.at === 'source' ? wholeOf(part.schema, interest) : compile(part.schema);
    return step && part.at !== 'beyond' ? [{ part, step }] : [];
  });
  const { type } = defOf(schema);
  if (type === 'object') return objectStep(steps, new Set(scopeOf(schema).keys()));
  if (type === 'array' || type === 'tuple') return listStep(steps);
  if (type === 'record') {
    return (walk, holder, key, path, scopes) => {
      const copy = copied(walk, holder, key, isFields);
      if (copy) for (const name of Object.keys(copy)) steps[0]?.step(walk, copy, name, pointer(path, name), scopes);
    };
  }
  if (type === 'union') {
    return (walk, holder, key, path, scopes) => {
      const value = (holder as Fields)[key];
      const fitting = steps.filter(({ part }) => mayBe(part.schema, value));
      // An alternative without marks that fits is one of its own; none at all is a value that no schema describes.
      const noneFits = fitting.length === 0 && !parts.some((part) => mayBe(part.schema, value));
      for (const { step } of noneFits ? steps : fitting) step(walk, holder, key, path, scopes);
    };
  }
  const names = type === 'intersection' ? new Set(scopeOf(schema).keys()) : new Set<string>();
  return (walk, holder, key, path, scopes) => {
    const value = (holder as Fields)[key];
    const inside = names.size > 0 && isFields(value) ? [{ names, value }, ...scopes] : scopes;
    for (const { step } of steps) step(walk, holder, key, path, inside);
  };
}

/** Marks on what a pipe takes in say it of the whole value that comes out. */
function wholeOf(schema: z.ZodType, interest: Interest): Step | null {
  const marks = allMarks(schema).filter(interest);
  if (marks.length === 0) return null;
  return (walk, holder, key, path, scopes) => {
    for (const one of marks) walk.visit(new Place(one, path, holder, key, scopes, () => undefined));
  };
}

type Steps = readonly { readonly part: Part; readonly step: Step }[];

function objectStep(steps: Steps, names: ReadonlySet<string>): Step {
  const fields = steps.flatMap(({ part, step }) => (part.at === 'field' ? [{ name: part.name, step }] : []));
  const rest = steps.find(({ part }) => part.at === 'rest')?.step;
  return (walk, holder, key, path, scopes) => {
    const copy = copied(walk, holder, key, isFields);
    if (!copy) return;
    const inside = [{ names, value: copy }, ...scopes];
    for (const { name, step } of fields)
      if (Object.hasOwn(copy, name)) step(walk, copy, name, pointer(path, name), inside);
    if (!rest) return;
    for (const name of Object.keys(copy)) if (!names.has(name)) rest(walk, copy, name, pointer(path, name), inside);
  };
}

function listStep(steps: Steps): Step {
  const all = steps.find(({ part }) => part.at === 'items' || part.at === 'rest')?.step;
  const first = new Map(steps.flatMap(({ part, step }) => (part.at === 'place' ? [[part.index, step] as const] : [])));
  return (walk, holder, key, path, scopes) => {
    const copy = copied(walk, holder, key, Array.isArray);
    copy?.forEach((_, index) => (first.get(index) ?? all)?.(walk, copy, index, `${path}/${index}`, scopes));
  };
}

/** The value at a place as a copy that may be changed; null for a value of another kind. */
function copied<T extends object>(walk: Walk, holder: object, key: PropertyKey, is: (v: unknown) => v is T): T | null {
  const value = (holder as Fields)[key];
  if (!is(value)) return null;
  if (walk.copies.has(value)) return value;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as T;
  walk.copies.add(copy);
  (holder as Fields)[key] = copy;
  return copy;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const pointer = (path: string, name: string): string =>
  `${path}/${name.includes('~') || name.includes('/') ? name.replaceAll('~', '~0').replaceAll('/', '~1') : name}`;

const kinds: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isFields,
  record: isFields,
  array: Array.isArray,
  tuple: Array.isArray,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
};

/** false where the kind of a value, or a literal field of an object, says that it is another alternative. */
function mayBe(schema: z.ZodType, value: unknown, seen = new Set<z.ZodType>()): boolean {
  // What is marked may be sealed or empty by now, and says nothing.
  if (seen.has(schema) || Object.keys(marksOf(schema)).length > 0) return true;
  seen.add(schema);
  const def = defOf(schema);
  if (kinds[def.type]?.(value) === false) return false;
  if (def.type === 'nullable' && value === null) return true;
  if (def.type === 'union') return def.options.some((option) => mayBe(option, value, new Set(seen)));
  if (def.type === 'object') {
    const fields = value as Fields;
    return Object.entries(def.shape).every(
      ([name, field]) => !isLiteral(field) || field.safeParse(fields[name]).success,
    );
  }
  const same = partsOf(schema).filter((part) => part.at === 'same');
  return same.every((part) => mayBe(part.schema, value, seen));
}

const isLiteral = (schema: z.ZodType): boolean =>
  Object.keys(marksOf(schema)).length === 0 && (defOf(schema).type === 'literal' || defOf(schema).type === 'enum');
