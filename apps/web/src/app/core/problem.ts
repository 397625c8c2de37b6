import type { FieldError } from '@daybook/kernel';

/** What the server answers when it does not do what was asked (RFC 9457), or what replaces it when no answer came. */
export interface Problem {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** `context.kebab-case`; `console.offline` when no answer came at all. */
  readonly code: string;
  readonly traceId: string | null;
  readonly errors: readonly FieldError[];
  readonly details: Readonly<Record<string, unknown>>;
  /** Seconds after which the server asks to be asked again. */
  readonly retryAfter: number | null;
}

export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

export const offline: Problem = {
  title: 'No answer',
  status: 0,
  detail: 'The server cannot be reached. Nothing was written.',
  code: 'console.offline',
  traceId: null,
  errors: [],
  details: {},
  retryAfter: null,
};

/** What the console refuses by itself: the rights of the session are not enough, so nothing was asked. */
export const forbidden: Problem = { ...offline, title: '', status: 403, detail: '', code: 'platform.forbidden' };

/** What is looked for in a list that was read whole, and is not in it. */
export const missing = (one: string): Problem => ({
  ...offline,
  title: 'Not here',
  status: 404,
  detail: `There is no such ${one} here.`,
  code: 'console.not-here',
});

export async function problemOf(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null);
  const said = (typeof body === 'object' && body !== null ? body : {}) as Partial<Problem>;
  return {
    title: said.title ?? response.statusText,
    status: response.status,
    detail: said.detail ?? 'Something failed unexpectedly. Nothing was written.',
    code: said.code ?? `console.http-${response.status}`,
    traceId: said.traceId ?? response.headers.get('x-request-id'),
    errors: said.errors ?? [],
    details: said.details ?? {},
    retryAfter: Number(response.headers.get('retry-after')) || null,
  };
}

/** Any failure as a problem: bugs of the console show themselves like those of the server. */
export function asProblem(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  return {
    ...offline,
    title: 'The console failed',
    code: 'console.failed',
    detail: error instanceof Error ? error.message : String(error),
  };
}
export const wasAborted = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError';
