import { type FieldError, reject } from '@daybook/kernel';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { type Problem, problemOf, unexpectedProblem } from '../problem.js';
import { unavailableRejection } from '../unavailable.js';

/** The problem document of REST, in `extensions.problem`. */
export const problemError = (problem: Problem): GraphQLError =>
  new GraphQLError(problem.detail, { extensions: { problem } });

/** Marks an error of a limit with its problem code until the formatter, which knows the trace id, sees it. */
export const limitError = (code: string, message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { rejectedAs: code } });

const badRequest = (code: string, message: string, traceId: string, errors: FieldError[] = []): Problem =>
  problemOf(reject(code, message, { status: 400, errors }), traceId);

/** Errors that came to be on our side and must be logged: their text is not for the caller. */
export const isUnexpected = (error: GraphQLError): boolean =>
  error.extensions['problem'] === undefined &&
  error.originalError !== undefined &&
  !(error.originalError instanceof GraphQLError) &&
  statusOf(error.originalError) >= 500;

const statusOf = (error: Error): number => (error as { statusCode?: number }).statusCode ?? 500;

/** Mercurius wraps what validation found in one error with a list. */
export function flatten(errors: readonly GraphQLError[]): GraphQLError[] {
  return errors.flatMap((error) => {
    const inner = (error.originalError as { errors?: unknown } | undefined)?.errors;
    return Array.isArray(inner) && inner.length > 0 && inner.every((e) => e instanceof GraphQLError) ? inner : [error];
  });
}

/**
 * What graphql-js found, without what it was given: it may be a password in the wrong place, and answers end in the logs of
 * whoever asked.
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

/** As the GraphQL specification prints it; `extensions` holds the problem and nothing else. */
export function formatError(error: GraphQLError, traceId: string): GraphQLFormattedError {
  const { rejectedAs, problem: known } = error.extensions as { rejectedAs?: string; problem?: Problem };
  const problem = isUnexpected(error)
    ? unexpectedIn(error, traceId)
    : (known ?? badRequest(rejectedAs ?? 'platform.graphql-invalid', withoutValues(error.message), traceId));
  const { locations, path } = error.toJSON();
  return {
    message: problem.detail,
    ...(locations ? { locations } : {}),
    ...(path ? { path } : {}),
    extensions: { problem },
  };
}
