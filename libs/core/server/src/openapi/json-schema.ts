import { type referenceKey } from '@daybook/kernel';
import * as z from 'zod';

/*
 * zod schemas as JSON Schema 2020-12, from which GraphQL types and the OpenAPI document are made. Schemas with
 * `.meta({ id })` are in the definitions once; two different schemas with one id are a bug.
 */
export interface JsonSchema {
  readonly $ref?: string;
  readonly id?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema | false;
  readonly prefixItems?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  /** Of an id in a row: the type of the record that it names. */
  readonly [referenceKey]?: string;
}

/** What a caller sends (fields with a default are optional), or what is returned. */
export type Io = 'input' | 'output';

const omitted = new Set(['$schema', '$defs', 'id']);

/** Removes the bounds that zod adds to every integer, and `additionalProperties: false`, since v1 may add fields. */
function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return value;
  const isProperties = (key: string): boolean => key === 'properties';
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, v]) => !omitted.has(key) && !(key === 'additionalProperties' && v === false))
      .filter(([, v]) => !(typeof v === 'number' && Math.abs(v) === Number.MAX_SAFE_INTEGER))
      .map(([key, v]) => [
        key,
        isProperties(key)
          ? Object.fromEntries(Object.entries(v as object).map(([name, inner]) => [name, clean(inner)]))
          : clean(v),
      ]),
  );
}

export class Definitions {
  readonly #byId = new Map<string, JsonSchema>();

  constructor(readonly io: Io) {}

  /** The JSON Schema, with references `#/$defs/<id>` into these definitions. */
  schemaOf(schema: z.ZodType): JsonSchema {
    const printed = z.toJSONSchema(schema, { io: this.io, unrepresentable: 'any' }) as JsonSchema & {
      $defs?: Record<string, JsonSchema>;
    };
    for (const [id, definition] of Object.entries(printed.$defs ?? {}))
      this.#define(id, clean(definition) as JsonSchema);
    return clean(printed) as JsonSchema;
  }

  get(id: string): JsonSchema {
    const found = this.#byId.get(id);
    if (!found) throw new Error(`No schema has the id ${id}`);
    return found;
  }

  entries(): [string, JsonSchema][] {
    return [...this.#byId].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #define(id: string, definition: JsonSchema): void {
    if (id.startsWith('__')) throw new Error(`A recursive schema needs a name: add .meta({ id })`);
    const known = this.#byId.get(id);
    if (known && JSON.stringify(known) !== JSON.stringify(definition)) {
      throw new Error(`Two schemas have the id ${id}: ${JSON.stringify(known)} and ${JSON.stringify(definition)}`);
    }
    this.#byId.set(id, definition);
  }
}

const refPrefix = '#/$defs/';
export const idOfRef = (ref: string): string => ref.slice(refPrefix.length);

/** A schema without its `null`, and whether it had one. */
export function withoutNull(schema: JsonSchema): { schema: JsonSchema; nullable: boolean } {
  if (schema.anyOf) {
    const some = schema.anyOf.filter((option) => option.type !== 'null');
    const nullable = some.length < schema.anyOf.length;
    const [first] = some;
    if (!nullable) return { schema, nullable: false };
    const { anyOf: _, ...rest } = schema;
    return { schema: some.length === 1 && first ? { ...first, ...rest } : { ...rest, anyOf: some }, nullable };
  }
  if (Array.isArray(schema.type) && schema.type.includes('null')) {
    const types = schema.type.filter((type: string) => type !== 'null');
    return { schema: { ...schema, type: types.length === 1 ? types[0] : types }, nullable: true };
  }
  // `z.unknown()` has no type in JSON Schema: null is one of its values.
  const says = ['type', '$ref', 'oneOf', 'allOf', 'enum', 'const'].some((key) => key in schema);
  return { schema, nullable: !says || schema.type === 'null' };
}
