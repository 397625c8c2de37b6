import { getNullableType, GraphQLInputObjectType, type GraphQLInputType, isListType } from 'graphql';
import type { JsonSchema } from '../openapi/json-schema.js';

/** How to convert a GraphQL input to what the operation's schema expects. */
export type InputExtensions =
  | { readonly nullable: ReadonlySet<string> }
  /** A @oneOf input: the name of its only field is the value of the tag. */
  | { readonly tag: string; readonly values: ReadonlyMap<string, string> };

/** `not-sealed` is `not_sealed` in GraphQL, whose enum values are names. */
export const enumName = (value: string): string => value.replaceAll(/\W/g, '_').replace(/^(\d|$)/, '_$1');

/** The discriminator of a union, a different constant in each option; null when there is none. */
export function unionTag(options: readonly JsonSchema[]): string | null {
  for (const name of Object.keys(options[0]?.properties ?? {})) {
    const values = options.map((option) => option.properties?.[name]?.const);
    if (values.every((v) => typeof v === 'string') && new Set(values).size === options.length) return name;
  }
  return null;
}

/** GraphQL types extensions as an object of anything; those of our input types are ours. */
const extensionsOf = ({ extensions }: { readonly extensions: unknown }) => extensions as InputExtensions;

/**
 * The operation's input as in REST: @oneOf inputs get their tag back, and `null` for a field that is optional but not
 * nullable counts as left out, since that is how GraphQL clients leave fields out.
 */
export function toPlain(type: GraphQLInputType, value: unknown): unknown {
  const bare = getNullableType(type);
  if (value === null || value === undefined) return value;
  if (isListType(bare)) return (value as unknown[]).map((item) => toPlain(bare.ofType as GraphQLInputType, item));
  if (!(bare instanceof GraphQLInputObjectType)) return value;
  const how = extensionsOf(bare);
  const fields = bare.getFields();
  const entries = Object.entries(value as Record<string, unknown>);
  if ('tag' in how) {
    const [option, inner] = entries[0] ?? ['', {}];
    const field = fields[option];
    return { ...(field ? (toPlain(field.type, inner) as object) : {}), [how.tag]: how.values.get(option) };
  }
  return Object.fromEntries(
    entries
      .filter(([name, inner]) => inner !== null || how.nullable.has(name))
      .map(([name, inner]) => [name, fields[name] ? toPlain(fields[name].type, inner) : inner]),
  );
}
