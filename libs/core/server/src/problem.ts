import type { FieldError, Rejection } from '@daybook/kernel';

/** RFC 9457 problem details, the same document in REST and in GraphQL's `extensions.problem`. */
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

/** `accounting.entry-unbalanced` -> "Entry unbalanced": the same for every occurrence of the code. */
export function titleOf(code: string): string {
  const words = code.slice(code.indexOf('.') + 1).replaceAll(/[-.]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/*
 * A problem repeats parts of the request (an unknown field, an invalid value). These limits keep a response to megabytes of
 * input short.
 */
export const problemLimits = { detail: 1_000, pointer: 300, message: 500, errors: 50, items: 200 } as const;

export const truncate = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;

/** The details for programs, with long texts and lists truncated. */
function cutAll(value: unknown): unknown {
  if (typeof value === 'string') return truncate(value, problemLimits.detail);
  if (Array.isArray(value)) return value.slice(0, problemLimits.items).map(cutAll);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, problemLimits.items)
      .map(([name, inner]) => [name, cutAll(inner)]),
  );
}

export const problemOf = (rejection: Rejection, traceId: string): Problem => ({
  type: `urn:daybook:problem:${rejection.code}`,
  title: titleOf(rejection.code),
  status: rejection.status,
  detail: truncate(rejection.message, problemLimits.detail),
  code: rejection.code,
  traceId,
  ...(rejection.errors.length > 0
    ? {
        errors: rejection.errors.slice(0, problemLimits.errors).map(({ pointer, code, message }) => ({
          pointer: truncate(pointer, problemLimits.pointer),
          code,
          message: truncate(message, problemLimits.message),
        })),
      }
    : {}),
  details: cutAll(rejection.details) as Rejection['details'],
});

/** For bugs: the caller gets the trace id and nothing else. */
export const unexpectedProblem = (traceId: string): Problem => ({
  type: 'urn:daybook:problem:platform.unexpected',
  title: 'Unexpected',
  status: 500,
  detail: 'Something went wrong on our side. It is logged under this trace id.',
  code: 'platform.unexpected',
  traceId,
  details: {},
});
