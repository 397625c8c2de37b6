import fc from 'fast-check';
import * as z from 'zod';

/*
 * Schemas of every shape with marked texts in them, and values of each: for properties that must hold wherever a mark
 * stands. All marked texts contain `secret`, all others do not.
 */
export interface Marked {
  readonly schema: z.ZodType;
  readonly value: unknown;
  /** For the message of a failure. */
  readonly shape: string;
}
type Mark = (schema: z.ZodType) => z.ZodType;

const secret = fc.stringMatching(/^[a-z]{0,3}$/).map((end) => `secret${end}`);

/** One wrapper of a schema per name; each keeps a value that `Marked` of the inner schema has, or puts it into a larger one. */
const wrappers: Readonly<Record<string, (inner: Marked) => Omit<Marked, 'shape'>>> = {
  array: ({ schema, value }) => ({ schema: z.array(schema), value: [value, value] }),
  object: ({ schema, value }) => ({ schema: z.object({ a: z.string(), b: schema }), value: { a: 'x', b: value } }),
  strictObject: ({ schema, value }) => ({ schema: z.strictObject({ b: schema }), value: { b: value } }),
  catchall: ({ schema, value }) => ({
    schema: z.object({ a: z.string() }).catchall(schema),
    value: { a: 'x', c: value, __proto: value },
  }),
  record: ({ schema, value }) => ({ schema: z.record(z.string(), schema), value: { 'k/~': value, l: value } }),
  tuple: ({ schema, value }) => ({ schema: z.tuple([z.string(), schema]), value: ['x', value] }),
  rest: ({ schema, value }) => ({ schema: z.tuple([z.string()], schema), value: ['x', value, value] }),
  union: ({ schema, value }) => ({
    schema: z.union([z.object({ other: z.number() }), z.object({ b: schema }), z.string()]),
    value: { b: value },
  }),
  sameShape: ({ schema, value }) => ({ schema: z.union([z.object({ b: z.unknown() }), z.object({ b: schema })]), value: { b: value } }), // prettier-ignore
  discriminated: ({ schema, value }) => ({
    schema: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('p'), b: z.unknown() }),
      z.object({ kind: z.literal('q'), b: schema }),
    ]),
    value: { kind: 'q', b: value },
  }),
  intersection: ({ schema, value }) => ({
    schema: z.intersection(z.object({ a: z.string() }), z.object({ b: schema })),
    value: { a: 'x', b: value },
  }),
  optional: ({ schema, value }) => ({ schema: schema.optional(), value }),
  nullable: ({ schema, value }) => ({ schema: schema.nullable(), value }),
  defaulted: ({ schema, value }) => ({ schema: schema.default(value), value }),
  prefault: ({ schema, value }) => ({ schema: schema.prefault(value), value }),
  readonly: ({ schema, value }) => ({ schema: schema.readonly(), value }),
  caught: ({ schema, value }) => ({ schema: schema.catch(value), value }),
  lazy: ({ schema, value }) => ({ schema: z.lazy(() => schema), value }),
  piped: ({ schema, value }) => ({ schema: z.unknown().pipe(schema), value }),
  preprocessed: ({ schema, value }) => ({ schema: z.preprocess((given) => given, schema), value }),
  refined: ({ schema, value }) => ({ schema: schema.refine(() => true), value }),
  described: ({ schema, value }) => ({ schema: schema.describe('said'), value }),
  recursive: ({ schema, value }) => {
    const node = z.object({
      b: schema,
      get below() {
        return z.array(node);
      },
    });
    return { schema: node, value: { b: value, below: [{ b: value, below: [{ b: value, below: [] }] }] } };
  },
};

/** On the marked text itself, where the mark must outlive what comes after it. */
const leaves: Readonly<Record<string, (marked: z.ZodType) => z.ZodType>> = {
  plain: (marked) => marked,
  transformed: (marked) => marked.transform((text) => text),
  piped: (marked) => marked.pipe(z.unknown()),
  refined: (marked) => marked.refine(() => true),
  nullable: (marked) => marked.nullable(),
  described: (marked) => marked.describe('said'),
};

export function markedSchemas(mark: Mark): fc.Arbitrary<Marked> {
  const leaf = fc
    .tuple(fc.constantFrom(...Object.entries(leaves)), secret)
    .map(([[shape, make], value]): Marked => ({ schema: make(mark(z.string().nullable())), value, shape }));
  return fc
    .tuple(leaf, fc.array(fc.constantFrom(...Object.entries(wrappers)), { maxLength: 6 }))
    .map(([inner, around]) =>
      around.reduce<Marked>((made, [shape, wrap]) => ({ ...wrap(made), shape: `${shape}(${made.shape})` }), inner),
    );
}
