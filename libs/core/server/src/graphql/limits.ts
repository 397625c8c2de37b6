import {
  type DocumentNode,
  getOperationAST,
  type GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { costOf } from './cost.js';
import { type Counted, countsOf, exceeded, repeatsIn } from './count.js';
import { limitError } from './errors.js';

/*
 * Limits of one GraphQL request, checked before graphql-js validates it, since some of its rules take quadratic time. They
 * bound the work of one request; rate limits are charged for each operation where it is dispatched, so that aliases cannot
 * bypass them.
 */
export const graphqlLimits = {
  /** Characters of the document; values belong in variables. */
  characters: 50_000,
  tokens: 5_000,
  /** Nested brackets, and characters of a name. */
  nesting: 60,
  name: 200,
  depth: 12,
  aliases: 30,
  definitions: 10,
  directives: 100,
  fragments: 40,
  spreads: 200,
  variables: 100,
  /** Fields and fragments, with fragments expanded. */
  selections: 5_000,
  /** Pairs of fields for the same place of the answer. */
  repeats: 5_000,
  /** Fields of Query or Mutation, each alias counted. */
  operations: 20,
  /** Estimated values returned: rows of a page by its limit, other lists as 10. */
  cost: 20_000,
  /** Reported errors; validation stops there. */
  errors: 10,
} as const;

const words: Readonly<Record<Counted, string>> = {
  aliases: 'aliases',
  definitions: 'operations',
  directives: 'directives',
  fragments: 'fragments',
  spreads: 'fragment spreads',
  variables: 'variables',
};

const tooLarge = (message: string): GraphQLError => limitError('platform.graphql-too-large', message);

/** Checks the text before it is parsed: deep nesting is rejected here, since the parser is recursive. */
export function checkSource(source: string): void {
  const { characters, tokens, nesting, name } = graphqlLimits;
  if (source.length > characters) {
    throw limitError(
      'platform.graphql-too-long',
      `The query has more than ${characters} characters. Put values into variables.`,
    );
  }
  // Mercurius also accepts a document as a JSON tree, which these limits do not cover.
  if (isJson(source)) throw limitError('platform.graphql-invalid', 'Send the query as GraphQL text.');
  switch (exceeded(source, { tokens, nesting, name })) {
    case 'tokens':
      throw tooLarge(`The query has more than ${tokens} tokens. Put values into variables, or send several requests.`);
    case 'nesting':
      throw limitError('platform.graphql-too-deep', `The query has more than ${nesting} nested brackets.`);
    case 'name':
      throw tooLarge(`The query has a name with more than ${name} characters.`);
    default:
  }
}

/** GraphQL text is never JSON: parsing fails at the first character, so this is cheap. */
function isJson(source: string): boolean {
  try {
    JSON.parse(source);
    return true;
  } catch {
    return false;
  }
}

/** Checks that do not need the schema. */
export function checkCounts(document: DocumentNode): void {
  const counts = countsOf(document);
  for (const [what, count] of Object.entries(counts) as [Counted, number][]) {
    if (count <= graphqlLimits[what]) continue;
    const message = `The request has ${count} ${words[what]}; the limit is ${graphqlLimits[what]}.`;
    throw what === 'aliases' ? limitError('platform.graphql-too-many-aliases', message) : tooLarge(message);
  }
}

/** Checks depth, operations and cost, with the values its variables will have. */
export function checkCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): void {
  const { depth, cost, operations } = graphqlLimits;
  const measured = costOf(schema, document, operation, variables);
  if (measured.depth > depth) {
    throw limitError('platform.graphql-too-deep', `The query is ${measured.depth} levels deep; the limit is ${depth}.`);
  }
  if (measured.operations > operations) {
    const message = `The request calls ${measured.operations} operations; the limit is ${operations}.`;
    throw limitError('platform.graphql-too-many-operations', message);
  }
  if (measured.cost > cost) {
    const costs = Math.round(measured.cost);
    const message = `The query can return ${costs} values; the limit is ${cost}. Ask for fewer rows or fields.`;
    throw limitError('platform.graphql-too-costly', message);
  }
}

/** Checks what graphql-js compares pair by pair. */
export function checkRepeats(document: DocumentNode): void {
  const { selections, repeats } = graphqlLimits;
  const found = repeatsIn(document, selections);
  if (found === null) {
    throw tooLarge(`With its fragments expanded, the query has more than ${selections} fields.`);
  }
  if (found > repeats) throw tooLarge('The query repeats the same fields too often. Ask for each once.');
}

/** The operation that will run; null when the request does not say which, and is rejected. */
export const operationOf = (document: DocumentNode, name: unknown): OperationDefinitionNode | null =>
  getOperationAST(document, typeof name === 'string' ? name : null) ?? null;
