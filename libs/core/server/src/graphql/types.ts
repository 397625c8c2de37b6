import { pascalName, type RecordList, referenceKey, rowOf } from '@daybook/kernel';
import {
  assertInputType,
  assertOutputType,
  type FieldNode,
  getNullableType,
  GraphQLBoolean,
  GraphQLEnumType,
  type GraphQLFieldConfig,
  GraphQLFloat,
  GraphQLID,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLInt,
  GraphQLList,
  type GraphQLNamedType,
  GraphQLNonNull,
  type GraphQLNullableType,
  GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  GraphQLString,
  GraphQLUnionType,
  Kind,
} from 'graphql';
import type * as z from 'zod';
import { Definitions, idOfRef, type Io, type JsonSchema, withoutNull } from '../openapi/json-schema.js';
import { jsonScalar, textScalar } from './scalars.js';
import { enumName, type InputExtensions, unionTag } from './input.js';
import type { GraphqlContext } from './schema.js';

/*
 * zod -> JSON Schema -> GraphQL. A schema with `.meta({ id })` becomes the type of that name (inputs end in `Input`), others
 * are named by their path. A map or a value of unknown shape is JSON. A union of objects is a union type in outputs and a
 * @oneOf input in inputs. A constant is text, so that it can be selected on all members of a union.
 */
type AnyType = GraphQLNullableType;

/** In a @oneOf input the name of the field replaces the tag. */
const withoutTag = (schema: JsonSchema, tag: string): JsonSchema => ({
  ...schema,
  properties: Object.fromEntries(Object.entries(schema.properties ?? {}).filter(([name]) => name !== tag)),
  required: (schema.required ?? []).filter((name) => name !== tag),
});

/** The name in the answer of the field of the query that this is below. */
function rootOf(path: GraphQLResolveInfo['path']): string | number {
  let at = path;
  while (at.prev) at = at.prev;
  return at.key;
}
/** An id is known without reading what it names. */
const asksOnlyFor = (id: string, { fieldNodes }: GraphQLResolveInfo): boolean =>
  fieldNodes
    .flatMap(({ selectionSet }) => selectionSet?.selections ?? [])
    .every((one) => one.kind === Kind.FIELD && (one as FieldNode).name.value === id);

export class GraphqlTypes {
  readonly #byName = new Map<string, { type: GraphQLNamedType; from: string }>();
  readonly #definitions = { input: new Definitions('input'), output: new Definitions('output') };

  /** Lists by record type: an id that names such a record is a field of it. */
  constructor(private readonly lists: ReadonlyMap<string, RecordList> = new Map()) {}

  input(schema: z.ZodType, name: string): GraphQLInputType {
    return assertInputType(this.#type(this.#definitions.input.schemaOf(schema), 'input', name));
  }

  output(schema: z.ZodType, name: string): GraphQLOutputType {
    const { schema: printed, nullable } = withoutNull(this.#definitions.output.schemaOf(schema));
    const type = this.#type(printed, 'output', name);
    return assertOutputType(nullable ? type : new GraphQLNonNull(type));
  }

  #type(schema: JsonSchema, io: Io, name: string): AnyType {
    if (schema.$ref !== undefined) {
      const id = idOfRef(schema.$ref);
      const definition = this.#definitions[io].get(id);
      if (definition.type === 'string' && !definition.enum && definition.const === undefined) {
        return this.#once(id, id, () => textScalar(id, definition.description));
      }
      return this.#type(definition, io, id);
    }
    const options = schema.oneOf ?? schema.anyOf;
    if (options) return this.#union(schema, options, io, name);
    if (schema.allOf || Array.isArray(schema.type)) return jsonScalar;
    if (schema.enum?.every((value) => typeof value === 'string')) return this.#enum(schema, schema.enum, name);
    switch (schema.type) {
      case 'string':
        return schema.format === 'uuid' ? GraphQLID : GraphQLString;
      case 'integer':
        return GraphQLInt;
      case 'number':
        return GraphQLFloat;
      case 'boolean':
        return GraphQLBoolean;
      case 'array':
        return this.#list(schema, io, name);
      case 'object':
        return this.#object(schema, io, name);
      default:
        return jsonScalar;
    }
  }

  #once<T extends GraphQLNamedType>(name: string, from: unknown, make: () => T): T {
    const print = JSON.stringify(from);
    const known = this.#byName.get(name);
    if (known && known.from !== print) throw new Error(`Two schemas would make the GraphQL type ${name}`);
    if (known) return known.type as T;
    const type = make();
    this.#byName.set(name, { type, from: print });
    return type;
  }

  #enum(schema: JsonSchema, values: readonly string[], name: string): GraphQLEnumType {
    return this.#once(name, values, () => {
      const named = Object.fromEntries(values.map((value) => [enumName(value), { value }]));
      return new GraphQLEnumType({ name, description: schema.description, values: named });
    });
  }

  #list(schema: JsonSchema, io: Io, name: string): AnyType {
    if (schema.prefixItems || !schema.items) return jsonScalar;
    const { schema: items, nullable } = withoutNull(schema.items);
    const type = this.#type(items, io, `${name}Item`);
    return new GraphQLList(nullable ? type : new GraphQLNonNull(type));
  }

  #object(schema: JsonSchema, io: Io, name: string): AnyType {
    const properties = Object.entries(schema.properties ?? {});
    if (properties.length === 0) return jsonScalar;
    const fieldsOf = () =>
      properties.map(([field, property]) => {
        if (!/^[_A-Za-z]\w*$/.test(field)) throw new Error(`${name}.${field} cannot be a GraphQL field`);
        const { schema: inner, nullable } = withoutNull(property);
        const type = this.#type(inner, io, name + pascalName(field));
        const required = schema.required?.includes(field) === true && !nullable;
        const definition = inner.$ref === undefined ? undefined : this.#definitions[io].get(idOfRef(inner.$ref));
        const description = inner.description ?? definition?.description;
        return { field, nullable, description, type: required ? new GraphQLNonNull(type) : type };
      });
    if (io === 'output') {
      return this.#once(name, schema, () => {
        const fields = () =>
          Object.fromEntries(
            fieldsOf().map(({ field, type, description }) => [
              field,
              this.#reference(field, properties) ?? { type: assertOutputType(type), description },
            ]),
          );
        return new GraphQLObjectType({ name, description: schema.description, fields });
      });
    }
    return this.#once(`${name}Input`, schema, () => {
      const nullable = properties.filter(([, property]) => withoutNull(property).nullable).map(([field]) => field);
      const extensions: InputExtensions = { nullable: new Set(nullable) };
      const fields = () =>
        Object.fromEntries(
          fieldsOf().map(({ field, type, description }) => [field, { type: assertInputType(type), description }]),
        );
      return new GraphQLInputObjectType({ name: `${name}Input`, description: schema.description, fields, extensions });
    });
  }

  /** The record that an id names, read with all others that its level of the answer names. */
  #reference(
    field: string,
    properties: readonly (readonly [string, JsonSchema])[],
  ): GraphQLFieldConfig<Readonly<Record<string, unknown>>, GraphqlContext> | null {
    const property = properties.find(([name]) => name === field)?.[1];
    const to = property && withoutNull(property).schema[referenceKey];
    const list = to === undefined ? undefined : this.lists.get(to);
    if (list === undefined) return null;
    const { record } = list.of;
    return {
      type: getNullableType(this.output(rowOf(record), record.type)) as GraphQLObjectType,
      description: `The ${record.one}; null for those who may not read ${record.many}`,
      extensions: { lookup: true },
      resolve: (source, _given, { lookups }, info) => {
        const id = source[field];
        if (typeof id !== 'string') return null;
        return asksOnlyFor(record.id, info) ? { [record.id]: id } : lookups.load(list, id, rootOf(info.path));
      },
    };
  }

  #union(schema: JsonSchema, options: readonly JsonSchema[], io: Io, name: string): AnyType {
    const resolved = options.map((option) =>
      option.$ref === undefined ? option : this.#definitions[io].get(idOfRef(option.$ref)),
    );
    const tag = unionTag(resolved);
    if (tag === null) return jsonScalar;
    const members = resolved.map((option, index) => {
      const ref = options[index]?.$ref;
      const value = String(option.properties?.[tag]?.const);
      const suffix = pascalName(value.replaceAll('_', '-'));
      if (io === 'input') return { value, type: this.#type(withoutTag(option, tag), io, name + suffix) };
      return { value, type: this.#type(option, io, ref === undefined ? name + suffix : idOfRef(ref)) };
    });
    if (io === 'output') {
      const types = members.map((member) => member.type as GraphQLObjectType);
      const nameOf = new Map(members.map((member, index) => [member.value, types[index]?.name]));
      return this.#once(name, schema, () => {
        const resolveType = (value: Record<string, unknown>) => nameOf.get(String(value[tag]));
        return new GraphQLUnionType({ name, description: schema.description, types, resolveType });
      });
    }
    return this.#once(`${name}Input`, schema, () => {
      const extensions: InputExtensions = { tag, values: new Map(members.map((m) => [enumName(m.value), m.value])) };
      const fields = Object.fromEntries(
        members.map((m) => [enumName(m.value), { type: m.type as GraphQLInputObjectType }]),
      );
      return new GraphQLInputObjectType({
        name: `${name}Input`,
        description: schema.description,
        isOneOf: true,
        fields,
        extensions,
      });
    });
  }
}
