import { reject, type Rejection } from '@daybook/kernel';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { type Problem, problemOf, unexpectedProblem } from '../problem.js';
import { unavailableRejection } from '../unavailable.js';

/** The problem document of REST, in `extensions.problem`. */
export const problemError = (problem: Problem): GraphQLError =>
  new GraphQLError(problem.detail, { extensions: { problem } });

/** An exceeded limit; the formatter makes the problem document, since it knows the trace id. */
export const limitError = (code: string, message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { rejection: reject(code, message, { status: 400 }) } });

/** Bugs, which must be logged and whose message must not reach the caller. */
export const isUnexpected = (error: GraphQLError): boolean =>
  error.extensions['problem'] === undefined &&
  error.originalError !== undefined &&
  !(error.originalError instanceof GraphQLError) &&
  statusOf(error.originalError) >= 500;

const statusOf = (error: Error): number => (error as { statusCode?: number }).statusCode ?? 500;

/** Mercurius wraps all validation errors in one error with a list. */
export function flatten(errors: readonly GraphQLError[]): GraphQLError[] {
  return errors.flatMap((error) => {
    const inner = (error.originalError as { errors?: unknown } | undefined)?.errors;
    return Array.isArray(inner) && inner.length > 0 && inner.every((e) => e instanceof GraphQLError) ? inner : [error];
  });
}

/**
 * The message of graphql-js without the values it was given: one may be a password in the wrong place, and responses end up in
 * the logs of callers.
 */
export const withoutValues = (message: string): string =>
  message
    .replace(/ got invalid value .*?(?=(?: at "[\w.[\]]+")?; )/s, ' got an invalid value')
    .replace(/^(.*?cannot represent[^:]*): .*$/s, '$1.')
    .replace(/Value ".*" does not exist/s, 'This value does not exist')
    .replace(/, found .*$/s, '.')
    .replace(/(Unexpected (?:\w+ )?|Invalid character: |Unterminated )".*$/s, (_, what: string) => `${what.trim()}.`);

const unexpectedIn = ({ originalError }: GraphQLError, traceId: string): Problem => {
  const unavailable = unavailableRejection(originalError);
  return unavailable ? problemOf(unavailable, traceId) : unexpectedProblem(traceId);
};

/** Words further back in a request count as not given. */
const longestScanned = 100_000;

/** The words in a request: the only names that errors may repeat while introspection is off. */
export const wordsOf = (body: unknown): ReadonlySet<string> =>
  new Set(
    JSON.stringify(body ?? null)
      .slice(0, longestScanned)
      .match(/\w+/g),
  );

const undisclosed = 'The request does not fit the schema, which is not shown here. /openapi.json has its names.';

/**
 * The message of graphql-js without names that are not in the request. Suggestions are off, but it also names the type of a
 * field and what is missing.
 */
export function withoutNames(message: string, requestWords: ReadonlySet<string>): string {
  const short = message.replace(/ Did you mean .*$/s, '').replace(/ (?:on|of|by|in) type "[^"]*"/g, '');
  const quoted = [...short.matchAll(/"([^"]*)"/g)].flatMap(([, inner = '']) => inner.match(/\w+/g) ?? []);
  return quoted.every((word) => requestWords.has(word)) ? short : undisclosed;
}

/** In the form of the GraphQL specification; `extensions` contains only the problem. */
export function formatError(
  error: GraphQLError,
  traceId: string,
  /** The words of the request while introspection is off; null when all names may be shown. */
  requestWords: ReadonlySet<string> | null,
): GraphQLFormattedError {
  const { rejection, problem: known } = error.extensions as { rejection?: Rejection; problem?: Problem };
  const invalid = (): Rejection => {
    const message = withoutValues(error.message);
    const shown = requestWords === null ? message : withoutNames(message, requestWords);
    return reject('platform.graphql-invalid', shown, { status: 400 });
  };
  const problem = isUnexpected(error)
    ? unexpectedIn(error, traceId)
    : (known ?? problemOf(rejection ?? invalid(), traceId));
  const { locations, path } = error.toJSON();
  return {
    message: problem.detail,
    ...(locations ? { locations } : {}),
    ...(path ? { path } : {}),
    extensions: { problem },
  };
}
