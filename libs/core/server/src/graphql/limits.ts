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
 * What one GraphQL request may ask for, counted before graphql-js looks for mistakes: some of its rules take the square
 * of what they are given. Each operation it calls is limited again where operations are dispatched, so that aliases do
 * not pass rate limits; these limits bound the work of one request.
 */
export const graphqlLimits = {
  /** Characters of the document; values belong into variables. */
  characters: 50_000,
  tokens: 5_000,
  /** Brackets within brackets, and characters of a name. */
  nesting: 60,
  name: 200,
  depth: 12,
  aliases: 30,
  definitions: 10,
  directives: 100,
  fragments: 40,
  spreads: 200,
  variables: 100,
  /** Fields and fragments, with fragments written out in each place. */
  selections: 5_000,
  /** Pairs of fields for one place of the answer. */
  repeats: 5_000,
  /** Fields of Query or Mutation, aliases counted each. */
  operations: 20,
  /** Fields answered, with rows of a page counted as asked for and other lists as 10. */
  cost: 20_000,
  /** Mistakes answered; what comes after them is not looked for. */
  errors: 10,
} as const;

const words: Readonly<Record<Counted, string>> = {
  aliases: 'aliases',
  definitions: 'operations in its text',
  directives: 'directives',
  fragments: 'fragments',
  spreads: 'uses of fragments',
  variables: 'variables',
};

const tooLarge = (message: string): GraphQLError => limitError('platform.graphql-too-large', message);

/** The text alone, before it is parsed: deep nesting is refused here, as a parser calls itself for each level. */
export function checkSource(source: string): void {
  const { characters, tokens, nesting, name } = graphqlLimits;
  if (source.length > characters) {
    throw limitError(
      'platform.graphql-too-long',
      `The query has over ${characters} characters. Put values into variables.`,
    );
  }
  // Mercurius takes a document as a JSON tree where the text is none of GraphQL; only text passes these limits.
  if (isJson(source)) throw limitError('platform.graphql-invalid', 'Give the query as GraphQL text.');
  switch (exceeded(source, { tokens, nesting, name })) {
    case 'tokens':
      throw tooLarge(`The query has over ${tokens} words and signs. Put values into variables, or ask several times.`);
    case 'nesting':
      throw limitError('platform.graphql-too-deep', `The query has over ${nesting} brackets within brackets.`);
    case 'name':
      throw tooLarge(`The query has a name of over ${name} characters.`);
    default:
  }
}

/** GraphQL text is never JSON: it is refused at its first sign, so this costs nothing. */
function isJson(source: string): boolean {
  try {
    JSON.parse(source);
    return true;
  } catch {
    return false;
  }
}

/** What is counted without the schema. */
export function checkCounts(document: DocumentNode): void {
  const counts = countsOf(document);
  for (const [what, count] of Object.entries(counts) as [Counted, number][]) {
    if (count <= graphqlLimits[what]) continue;
    const code = what === 'aliases' ? 'platform.graphql-too-many-aliases' : 'platform.graphql-too-large';
    throw limitError(code, `The request has ${count} ${words[what]}; ${graphqlLimits[what]} is the most.`);
  }
}

/** What it would answer, with the values of its variables as it will run. */
export function checkCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): void {
  const { depth, cost, operations } = graphqlLimits;
  const measured = costOf(schema, document, operation, variables);
  if (measured.depth > depth) {
    throw limitError('platform.graphql-too-deep', `The query is ${measured.depth} levels deep; ${depth} is the most.`);
  }
  if (measured.operations > operations) {
    const message = `The request calls ${measured.operations} operations; ${operations} is the most.`;
    throw limitError('platform.graphql-too-many-operations', message);
  }
  if (measured.cost > cost) {
    const costs = Math.round(measured.cost);
    const message = `The query may answer ${costs} values; ${cost} is the most. Ask for fewer rows or fields.`;
    throw limitError('platform.graphql-too-costly', message);
  }
}

/** What graphql-js compares pair by pair. */
export function checkRepeats(document: DocumentNode): void {
  const { selections, repeats } = graphqlLimits;
  const found = repeatsIn(document, selections);
  if (found === null) {
    throw tooLarge(`With its fragments written out, the query has over ${selections} fields.`);
  }
  if (found > repeats) throw tooLarge('The query names the same fields too often. Ask for each once.');
}

/** The operation that will run; null where the request does not say which, as it is then refused. */
export const operationOf = (document: DocumentNode, name: unknown): OperationDefinitionNode | null =>
  getOperationAST(document, typeof name === 'string' ? name : null) ?? null;
