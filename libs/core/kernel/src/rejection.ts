/**
 * A business rule said no. A value, not an exception: exceptions are bugs. `code` is `context.kebab-case`, and always has the
 * same status.
 */
export interface Rejection {
  readonly kind: 'rejection';
  readonly code: string;
  /** One sentence for a person: what is so, why, what to do. */
  readonly message: string;
  /** HTTP status of the answer; 409 unless the rule is about something else (404 not here, 412 stale version). */
  readonly status: 400 | 401 | 403 | 404 | 405 | 406 | 408 | 409 | 412 | 413 | 414 | 415 | 422 | 428 | 429 | 431 | 503;
  /** Details for programs: the way out, the numbers of the message, a JSON pointer per field. */
  readonly details: Readonly<Record<string, unknown>>;
  readonly errors: readonly FieldError[];
}

/** What is wrong with one field. `pointer` is an RFC 6901 JSON pointer into the input. */
export interface FieldError {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

export function reject(
  code: string,
  message: string,
  more: { status?: Rejection['status']; details?: Rejection['details']; errors?: FieldError[] } = {},
): Rejection {
  return {
    kind: 'rejection',
    code,
    message,
    status: more.status ?? 409,
    details: more.details ?? {},
    errors: more.errors ?? [],
  };
}

export function isRejection(value: unknown): value is Rejection {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'rejection';
}

/** Carries a rejection out of asynchronous code (a job, a query) to the one place that turns it into a problem document. */
export class RejectionError extends Error {
  override readonly name = 'RejectionError';
  constructor(readonly rejection: Rejection) {
    super(rejection.message);
  }
}
