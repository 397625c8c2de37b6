import type * as z from 'zod';
import { type Marks, marksOf, partsOf } from './marks.js';

/** A mark below a schema, and the place where it stands. */
export interface FoundMark {
  readonly marks: Marks;
  /** `contacts[].phone`, `extra.*`; empty for the schema itself. */
  readonly path: string;
  /** The whole schema of the place, of which the mark may be said of an inner part: `personal(…).nullable()`. */
  readonly place: z.ZodType;
  readonly marked: z.ZodType;
  /** Schemas of the fields of the objects around it, nearest first: where its subject is named. */
  readonly scopes: readonly ReadonlyMap<string, z.ZodType>[];
  /** Why no walk over a value gets there; null where it does. */
  readonly beyond: string | null;
  /** On what a pipe takes in, below its top: in the value it may be anywhere. */
  readonly dissolved: boolean;
}

interface Place extends Omit<FoundMark, 'marks' | 'marked'> {
  /** Within what a pipe takes in. */
  readonly source: boolean;
}

/** Every mark below a schema, once for each place; a schema that contains itself is gone through once. */
export function marksIn(schema: z.ZodType): readonly FoundMark[] {
  const found: FoundMark[] = [];
  const seen = new Map<z.ZodType, Set<string>>();
  const visit = (at: z.ZodType, place: Place): void => {
    const names = [...new Set(place.scopes.flatMap((scope) => [...scope.keys()]))].sort().join(' ');
    const state = JSON.stringify([place.beyond, place.dissolved, place.source, names]);
    const states = seen.get(at) ?? new Set<string>();
    if (states.has(state)) return;
    seen.set(at, states.add(state));
    const marks = marksOf(at);
    if (Object.keys(marks).length > 0) found.push({ ...place, marks, marked: at });
    const scope = scopeOf(at);
    const inside = scope.size > 0 ? { ...place, scopes: [scope, ...place.scopes] } : place;
    for (const part of partsOf(at)) {
      const step = (text: string, from: Place): Place => ({
        ...from,
        path: place.path === '' ? text.replace(/^\./, '') : `${place.path}${text}`,
        place: part.schema,
        dissolved: place.source || place.dissolved,
      });
      if (part.at === 'same' || part.at === 'option') visit(part.schema, scopeOf(at).size > 0 ? inside : place);
      else if (part.at === 'field') visit(part.schema, step(`.${part.name}`, inside));
      else if (part.at === 'place') visit(part.schema, step(`[${part.index}]`, place));
      else if (part.at === 'items') visit(part.schema, step('[]', place));
      else if (part.at === 'values' || part.at === 'rest') visit(part.schema, step('.*', inside));
      else if (part.at === 'beyond') visit(part.schema, { ...place, beyond: part.where });
      else if (part.at === 'source') visit(part.schema, { ...place, source: true });
    }
  };
  visit(schema, { path: '', place: schema, scopes: [], beyond: null, dissolved: false, source: false });
  return found;
}

/** The fields of an object; of an intersection those of both sides, for its value has them all. */
export function scopeOf(schema: z.ZodType, seen = new Set<z.ZodType>()): ReadonlyMap<string, z.ZodType> {
  if (seen.has(schema)) return new Map();
  seen.add(schema);
  const { type } = schema._zod.def;
  if (type === 'object') {
    return new Map(partsOf(schema).flatMap((part) => (part.at === 'field' ? [[part.name, part.schema] as const] : [])));
  }
  if (type !== 'intersection') return new Map();
  return new Map(partsOf(schema).flatMap((side) => [...sideOf(side.schema, seen)]));
}

function sideOf(schema: z.ZodType, seen: Set<z.ZodType>): ReadonlyMap<string, z.ZodType> {
  const own = scopeOf(schema, seen);
  if (own.size > 0) return own;
  return new Map(
    partsOf(schema).flatMap((part) =>
      part.at === 'same' || part.at === 'option' ? [...sideOf(part.schema, seen)] : [],
    ),
  );
}

const withMarksBelow = new WeakMap<z.ZodType, Marks[]>();

/** All marks anywhere below, without their places; remembered. */
export function allMarks(schema: z.ZodType): readonly Marks[] {
  let known = withMarksBelow.get(schema);
  if (!known) withMarksBelow.set(schema, (known = marksIn(schema).map(({ marks }) => marks)));
  return known;
}
