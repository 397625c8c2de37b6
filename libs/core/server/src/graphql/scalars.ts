import { GraphQLError, GraphQLScalarType, Kind, type ValueNode, valueFromASTUntyped } from 'graphql';

/**
 * Named text (Decimal, Amount, PlainDate, AccountNumber …): text on the wire and nothing else. A number, even a whole
 * one, is refused, since JSON numbers are not exact. The rules beyond that are the operation's own, so that a wrong
 * value is answered with the same problem and pointer as in REST.
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
      throw new TypeError(`${name} must be answered as text, not ${typeof value}`);
    },
  });
}

/** Any JSON: maps with free keys, and values of unknown shape. */
export const jsonScalar = new GraphQLScalarType({
  name: 'JSON',
  description: 'Any JSON value: maps with free keys, values whose shape depends on something else',
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
});
