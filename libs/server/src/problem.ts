import type { FieldError, Rejection } from '@daybook/kernel';

/** RFC 9457 problem details, the same document in REST and in GraphQL's `extensions.problem` (DECISIONS 14). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly traceId: string;
  readonly errors?: readonly FieldError[];
  readonly details: Readonly<Record<string, unknown>>;
}

/** `accounting.entry-not-balanced` -> "Entry not balanced": the same for every occurrence of the code. */
export function titleOf(code: string): string {
  const words = code.slice(code.indexOf('.') + 1).replaceAll(/[-.]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const problemOf = (rejection: Rejection, traceId: string): Problem => ({
  type: `urn:daybook:problem:${rejection.code}`,
  title: titleOf(rejection.code),
  status: rejection.status,
  detail: rejection.message,
  code: rejection.code,
  traceId,
  ...(rejection.errors.length > 0 ? { errors: rejection.errors } : {}),
  details: rejection.details,
});

/** For bugs: the caller learns the trace id and nothing else. */
export const unexpectedProblem = (traceId: string): Problem => ({
  type: 'urn:daybook:problem:platform.unexpected',
  title: 'Unexpected',
  status: 500,
  detail: 'Something went wrong on our side. It is logged under this trace id.',
  code: 'platform.unexpected',
  traceId,
  details: {},
});
