import type * as z from 'zod';
import type { Guard } from './guarded.js';
import type { PersonalMark } from './personal.js';

/*
 * What a schema says of a value beyond its type. Marks stand in the schema's definition, so that every copy that zod makes
 * of it (`.min()`, `.describe()`, `.extend()`) keeps them; a lost mark would be personal data in clear.
 */
export interface Marks {
  readonly personal?: PersonalMark;
  readonly guarded?: Guard;
  readonly opaque?: true;
}

type Marked = { readonly daybookMarks?: Marks };

export const marksOf = (schema: z.ZodType): Marks => (schema._zod.def as Marked).daybookMarks ?? {};

export function withMarks<S extends z.ZodType>(schema: S, marks: Marks): S {
  // With its getters as they are: a schema may contain itself.
  const def = Object.defineProperties(
    {},
    {
      ...Object.getOwnPropertyDescriptors(schema._zod.def),
      daybookMarks: { value: { ...marksOf(schema), ...marks }, enumerable: true, configurable: true },
    },
  ) as S['_zod']['def'];
  return schema.clone(def, { parent: true });
}

/** How a part of a value lies below another one; `same` is the value itself, wrapped. */
export type Part =
  | { readonly at: 'same' | 'option' | 'items' | 'values' | 'rest'; readonly schema: z.ZodType }
  | { readonly at: 'field'; readonly name: string; readonly schema: z.ZodType }
  | { readonly at: 'place'; readonly index: number; readonly schema: z.ZodType }
  /** What a pipe or a transformation takes in: which part of it ends up where in the value is not known. */
  | { readonly at: 'source'; readonly schema: z.ZodType }
  /** Where no walk over a JSON value arrives. */
  | { readonly at: 'beyond'; readonly where: string; readonly schema: z.ZodType };

interface Def {
  readonly type: string;
  readonly shape: Readonly<Record<string, z.ZodType>>;
  readonly catchall?: z.ZodType;
  readonly element: z.ZodType;
  readonly items: readonly z.ZodType[];
  readonly rest: z.ZodType | null;
  readonly keyType: z.ZodType;
  readonly valueType: z.ZodType;
  readonly options: readonly z.ZodType[];
  readonly left: z.ZodType;
  readonly right: z.ZodType;
  readonly innerType: z.ZodType;
  readonly getter: () => z.ZodType;
  readonly in: z.ZodType;
  readonly out: z.ZodType;
}
/** zod's own definition. Its type is a union of one per kind of schema, which is not exported as a whole. */
export const defOf = (schema: z.ZodType): Def => schema._zod.def as unknown as Def;

const same = (schema: z.ZodType): Part => ({ at: 'same', schema });

/** All schemas directly below one, and how a value gets to them. */
export function partsOf(schema: z.ZodType): readonly Part[] {
  const def = defOf(schema);
  switch (def.type) {
    case 'object':
      return [
        ...Object.entries(def.shape).map(([name, inner]): Part => ({ at: 'field', name, schema: inner })),
        ...(def.catchall ? [{ at: 'rest', schema: def.catchall } as const] : []),
      ];
    case 'array':
      return [{ at: 'items', schema: def.element }];
    case 'tuple':
      return [
        ...def.items.map((inner, index): Part => ({ at: 'place', index, schema: inner })),
        ...(def.rest ? [{ at: 'rest', schema: def.rest } as const] : []),
      ];
    case 'record':
      return [
        { at: 'values', schema: def.valueType },
        { at: 'beyond', where: 'the key of a record', schema: def.keyType },
      ];
    case 'union':
      return def.options.map((option): Part => ({ at: 'option', schema: option }));
    case 'intersection':
      return [same(def.left), same(def.right)];
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return [same(def.innerType)];
    case 'lazy':
      return [same(def.getter())];
    case 'pipe':
      return [{ at: 'source', schema: def.in }, same(def.out)];
    default:
      return beyond(def);
  }
}

/** Maps, sets, promises, template literals, and whatever zod may add: found by looking, so that no mark hides there. */
function beyond(def: Def): readonly Part[] {
  const found = Object.values(def).flatMap((value: unknown) =>
    (Array.isArray(value) ? (value as unknown[]) : [value]).filter(isSchema),
  );
  return found.map((schema) => ({ at: 'beyond', where: `a ${def.type.replaceAll('_', ' ')}`, schema }));
}

const isSchema = (value: unknown): value is z.ZodType => typeof value === 'object' && value !== null && '_zod' in value;
