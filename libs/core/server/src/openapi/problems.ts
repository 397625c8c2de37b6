import type { Operation } from '@daybook/kernel';
import { reject } from '@daybook/kernel';
import { problemOf } from '../problem.js';
import type { OpenApi } from './components.js';

/** What each status means, for all operations. */
const meanings: Readonly<Record<number, string>> = {
  400: 'The input does not fit its schema; `errors` names each field by JSON pointer.',
  401: 'No valid access token, or the sign-in failed.',
  403: 'Signed in, but without the permission.',
  404: 'There is no such record in this tenant.',
  409: 'A business rule said no; `detail` says which and what to do.',
  412: 'The record has another version than If-Match says.',
  413: 'The body is too large.',
  414: 'The URL is too long.',
  415: 'The body is not JSON.',
  422: 'The Idempotency-Key was used with another input.',
  428: 'If-Match is missing.',
  429: 'Too many requests; wait as Retry-After says.',
  431: 'The headers, or the URL with its query, are too large.',
  500: 'A bug on our side; the trace id finds it in the log.',
  503: 'The database does not respond, or the read models are behind or unavailable; try again as Retry-After says.',
};

/** The statuses that can occur for one operation. */
export function problemStatuses(operation: Operation): number[] {
  const hasBody = !operation.http.startsWith('GET') && !operation.http.startsWith('DELETE');
  const inPath = operation.http.includes('{');
  // A command can name another record in its input, and a query can ask for a moment before the record existed.
  const fields = Object.keys(operation.input.shape);
  const applies: Readonly<Record<number, boolean>> = {
    403: operation.permission !== null || operation.kind === 'command',
    404: inPath || operation.kind === 'query' || fields.length > 0,
    409: operation.kind === 'command',
    412: operation.kind === 'command' && operation.ifMatch !== 'none',
    413: hasBody,
    414: inPath,
    415: hasBody,
    422: operation.kind === 'command' && operation.acceptsIdempotencyKey,
    428: operation.kind === 'command' && operation.ifMatch === 'required',
  };
  return Object.keys(meanings)
    .map(Number)
    .filter((status) => applies[status] ?? true);
}

export const problemRef = (status: number): OpenApi => ({ $ref: `#/components/responses/Problem${status}` });

const headersOf = (status: number): OpenApi => {
  if (status === 429 || status === 503) {
    return always('Retry-After', 'Seconds to wait', { type: 'integer', minimum: 1 });
  }
  return status === 401 ? always('WWW-Authenticate', 'Bearer', { type: 'string' }) : {};
};
const always = (name: string, description: string, schema: OpenApi): OpenApi => ({
  headers: { [name]: { description, required: true, schema } },
});

export const problemResponses = (): OpenApi =>
  Object.fromEntries(
    Object.entries(meanings).map(([status, description]) => [
      `Problem${status}`,
      {
        description,
        ...headersOf(Number(status)),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );

export const problemSchema: OpenApi = {
  type: 'object',
  description: 'RFC 9457 problem details; the same document is in `extensions.problem` of GraphQL errors.',
  properties: {
    type: { type: 'string', description: '`urn:daybook:problem:` and the code' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'One sentence for a person: what is so, why, what to do' },
    code: { type: 'string', description: '`context.kebab-case`, for programs' },
    traceId: { type: 'string', description: 'Identifies this request in the log' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          pointer: { type: 'string', description: 'RFC 6901 JSON pointer into the input' },
          code: { type: 'string' },
          message: { type: 'string' },
        },
        required: ['pointer', 'code', 'message'],
      },
    },
    details: { type: 'object', description: 'Details of this rejection, for programs', additionalProperties: true },
  },
  required: ['type', 'title', 'status', 'detail', 'code', 'traceId', 'details'],
  examples: [
    problemOf(
      reject('accounting.entry-unbalanced', 'Credit is short by 10,00.', {
        details: { debit: '100.00', credit: '90.00', short: 'credit', missing: '10.00' },
        errors: [{ pointer: '/lines', code: 'accounting.entry-unbalanced', message: 'Credit is short by 10,00.' }],
      }),
      '4bf92f3577b34da6a3ce929d0e0e4736',
    ),
  ],
};
