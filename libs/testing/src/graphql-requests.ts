import fc from 'fast-check';
import {
  getNamedType,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  isObjectType,
  isUnionType,
} from 'graphql';
import type { Documented, Schema } from './openapi-document.js';
import type { FuzzRequest } from './rest-requests.js';
import { type FuzzValues, weird } from './fuzz-values.js';

/** One field of Query or Mutation, with the document that asks it for everything. */
export interface GraphqlField {
  readonly name: string;
  readonly root: 'query' | 'mutation';
  readonly document: string;
  readonly arguments: readonly string[];
}

/** A selection of all fields below a type, to the depth that the limits allow. */
export function everythingBelow(type: GraphQLOutputType, depth = 5): string {
  const named = getNamedType(type);
  if (isUnionType(named)) {
    const members = named.getTypes().map((member) => `... on ${member.name}${everythingBelow(member, depth)}`);
    return ` { __typename ${depth > 0 ? members.join(' ') : ''} }`;
  }
  if (!isObjectType(named)) return '';
  const fields = Object.values(named.getFields())
    .filter((field) => depth > 1 || !isObjectType(getNamedType(field.type)))
    .map((field) => field.name + everythingBelow(field.type, depth - 1));
  return ` { ${['__typename', ...fields].join(' ')} }`;
}

function fieldOf(root: GraphqlField['root'], field: GraphQLField<unknown, unknown>): GraphqlField {
  const declared = field.args.map((argument) => `$${argument.name}: ${String(argument.type)}`);
  const passed = field.args.map((argument) => `${argument.name}: $${argument.name}`);
  const call = field.name + (passed.length > 0 ? `(${passed.join(', ')})` : '');
  return {
    name: field.name,
    root,
    arguments: field.args.map(({ name }) => name),
    document: `${root}${declared.length > 0 ? ` (${declared.join(', ')})` : ''} { ${call}${everythingBelow(field.type)} }`,
  };
}

export const graphqlFields = (schema: GraphQLSchema): GraphqlField[] => [
  ...Object.values(schema.getQueryType()?.getFields() ?? {}).map((field) => fieldOf('query', field)),
  ...Object.values(schema.getMutationType()?.getFields() ?? {}).map((field) => fieldOf('mutation', field)),
];

/** The whole input of an operation: what REST has in path, query string and body is one object in GraphQL. */
export function inputSchemaOf(operation: Documented): Schema {
  const fields = operation.parameters.filter(
    (one) => one.in === 'path' || (one.in === 'query' && !['min-position', 'known-at'].includes(one.name)),
  );
  const body = (operation.body?.schema ?? {}) as { properties?: Record<string, Schema>; required?: string[] };
  return {
    type: 'object',
    properties: { ...Object.fromEntries(fields.map(({ name, schema }) => [name, schema])), ...body.properties },
    required: [...fields.flatMap(({ name, required }) => (required ? [name] : [])), ...(body.required ?? [])],
  };
}

const post = (payload: string | Buffer, token: string, type = 'application/json'): FuzzRequest => ({
  method: 'POST',
  url: '/graphql',
  headers: { 'content-type': type, ...(token === '' ? {} : { authorization: `Bearer ${token}` }) },
  payload,
});

export function graphqlRequestsTo(
  field: GraphqlField,
  operation: Documented,
  values: FuzzValues,
  tokens: readonly string[],
): fc.Arbitrary<FuzzRequest> {
  const rarely = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>, weight = 8): fc.Arbitrary<T> =>
    fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: odd });
  const input = rarely<unknown>(values.fields(inputSchemaOf(operation)), weird);
  const others: Record<string, fc.Arbitrary<unknown>> = {
    key: fc.constantFrom<unknown>('k', 'schlüssel', '', '\0', 'x'.repeat(300)),
    expectedVersion: fc.constantFrom<unknown>(1, 0, -1, 2 ** 31, 1.5, 'x'),
    reason: weird,
    minPosition: fc.constantFrom<unknown>('0', 'x', '', '99999999999999999999', '-1'),
    knownAt: fc.constantFrom<unknown>(
      '1',
      'position:1',
      'x',
      '',
      '2026-01-01',
      '9999-12-31T23:59:59Z',
      '99999999999999999999',
    ),
  };
  const named = Object.entries(others).filter(([name]) => field.arguments.includes(name));
  const extra = fc.record(Object.fromEntries(named), {
    requiredKeys: field.arguments.includes('expectedVersion') ? ['expectedVersion'] : [],
  });
  const variables = fc
    .record({ input, extra: rarely(fc.constant({}), extra, 2) })
    .map((given) => ({ ...(field.arguments.includes('input') ? { input: given.input } : {}), ...given.extra }));
  return fc
    .record({ variables, token: fc.constantFrom(...tokens, ...tokens, 'x', '') })
    .map((given) => post(JSON.stringify({ query: field.document, variables: given.variables }), given.token));
}

const documents = [
  '', ' ', '{', '{}', '{ }', 'query', 'subscription { x }', '{ __typename }', '{ __schema { types { name } } }', '{ nothing }', '# only words',
  'fragment F on Query { ...F } { ...F }', 'query A { __typename } query B { __typename }', '{ a: __typename @include(if: $x) }', 'query ($x: Nothing) { __typename }',
  'mutation { identitySessionClose { closed } identitySessionClose { closed } }', '{ __type(name: "Query") { fields { name } } }', '{"kind":"Document"}', '[{"query":"{ x }"}]',
  '\0', '\ufeff{ __typename }', `{ ${'a: __typename '.repeat(50)} }`, `${'{ a '.repeat(2_000)}${'}'.repeat(2_000)}`, `{ ${'x'.repeat(60_000)} }`,
  `{ __typename ${'@skip(if: false) '.repeat(500)} }`, '{ accountingCompanyList(input: {limit: 99999999999999999999}) { items { id } } }',
  '{ accountingCompanyList(input: {cursor: "\\ud800"}) { items { id } } }', 'query ($a: Int = 99999999999999999999) { __typename }',
]; // prettier-ignore

/** Documents and bodies that are no call of an operation at all. */
export function wildGraphql(tokens: readonly string[]): fc.Arbitrary<FuzzRequest> {
  const token = fc.constantFrom(...tokens, '');
  const document = fc.oneof(
    fc.constantFrom(...documents),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({ maxLength: 60 }),
  );
  const body = fc.oneof(
    document.map((query) => JSON.stringify({ query })),
    fc.record({ query: document, variables: weird, operationName: weird, extensions: weird }).map((given) => JSON.stringify(given)),
    fc.record({ query: fc.constant('{ __typename }'), variables: weird, operationName: weird }, { requiredKeys: ['query'] }).map((given) => JSON.stringify(given)),
    weird.map((value) => JSON.stringify(value) ?? ''),
    fc.constantFrom('{', '[{"query":"{ __typename }"}]', '{"__proto__":{"query":"{ x }"}}', '{"query":{"kind":"Document","definitions":[]}}'),
  ); // prettier-ignore
  const types = ['application/json', 'application/json', 'application/json', 'application/graphql', 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'x']; // prettier-ignore
  const sent = fc
    .record({ body, token, type: fc.constantFrom(...types) })
    .map((given) => post(given.body, given.token, given.type));
  const otherwise = fc
    .record({ method: fc.constantFrom('GET', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'), query: document })
    .map(({ method, query }) => ({
      method,
      url: `/graphql?query=${query.isWellFormed() ? encodeURIComponent(query) : '%ED'}`,
      headers: {},
    }));
  return fc.oneof({ weight: 8, arbitrary: sent }, { weight: 1, arbitrary: otherwise });
}
