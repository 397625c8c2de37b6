import { GraphQLError, GraphQLScalarType, Kind, type ValueNode, valueFromASTUntyped } from 'graphql';

/**
 * Scalars that are text on the wire (Decimal, Amount, PlainDate, AccountNumber …). Numbers are rejected, even whole ones,
 * since JSON numbers are not exact. All other rules are left to the operation's schema, so that an invalid value gets the
 * same problem and pointer as in REST.
 */
export function textScalar(name: string, description: string | undefined): GraphQLScalarType {
  return new GraphQLScalarType({
    name,
    description,
    parseValue: (value) => {
      if (typeof value === 'string') return value;
      throw new GraphQLError(`${name} is text: put it in quotes.`);
    },
    parseLiteral: (node: ValueNode) => {
      if (node.kind === Kind.STRING) return node.value;
      throw new GraphQLError(`${name} is text: write it in quotes.`, { nodes: node });
    },
    serialize: (value) => {
      if (typeof value === 'string') return value;
      throw new TypeError(`${name} must be serialised from text, not ${typeof value}`);
    },
  });
}

/** Any JSON: maps with arbitrary keys, and values of unknown shape. */
export const jsonScalar = new GraphQLScalarType({
  name: 'JSON',
  description: 'Any JSON value: maps with arbitrary keys, values whose shape depends on something else',
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
});
