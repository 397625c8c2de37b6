import { reject, type Rejection } from '@daybook/kernel';
import type { MercuriusDriverConfig } from '@nestjs/mercurius';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OperationRequest } from '../dispatch/request.js';
import { type DocumentNode, type GraphQLSchema, NoSchemaIntrospectionCustomRule } from 'graphql';
import { networkOf, type RateLimits } from '../dispatch/limits.js';
import { isBounded } from '../dispatch/validate.js';
import { type Problem, problemOf } from '../problem.js';
import { flatten, formatError, isUnexpected, wordsOf } from './errors.js';
import { checkCost, checkCounts, checkRepeats, checkSource, graphqlLimits, operationOf } from './limits.js';
import { Lookups } from './lookups.js';
import { type GraphqlContext, type GraphqlDispatcher, graphqlSchema } from './schema.js';
import { readVariables } from './variables.js';

/** What the GraphQL endpoint needs. */
export interface GraphqlOptions {
  readonly dispatcher: GraphqlDispatcher;
  /** Makes the operation request of an HTTP request; called once for each. */
  readonly requestOf: (request: FastifyRequest, reply: FastifyReply) => OperationRequest;
  /** Whether introspection is allowed; the OpenAPI document shows the same operations to everybody. */
  readonly introspection?: boolean;
  readonly limits: RateLimits;
  /** Called for every error that is a bug; its message never reaches the caller. */
  readonly onUnexpected: (error: unknown, traceId: string) => void;
}

const bodyLimit = 1_000_000;
/** Every operation of a request can fail once. */
const maxErrorsInAnswer = 100;

/** Rejects what is not a single GraphQL request in JSON: GET, batches, a body without a query. */
function refusal(request: FastifyRequest): Rejection | null {
  if (request.method !== 'POST') {
    return reject('platform.method-not-allowed', 'Send GraphQL requests with POST.', { status: 405 });
  }
  const malformed = (message: string) => reject('platform.graphql-invalid', message, { status: 400 });
  const body = request.body as { query?: unknown; variables?: unknown; operationName?: unknown } | null | undefined;
  if (Array.isArray(body)) return malformed('Send one request at a time: batches are not supported.');
  if (typeof body?.query !== 'string') return malformed('Send a JSON object with the query as text in `query`.');
  if (typeof (body.variables ?? {}) !== 'object' || Array.isArray(body.variables)) {
    return malformed('`variables` must be a JSON object.');
  }
  if (typeof (body.operationName ?? '') !== 'string') return malformed('`operationName` must be text.');
  if (!isBounded(body)) return malformed('The request contains too many values, or values nested too deeply.');
  return null;
}

type Body = { query?: unknown; variables?: Record<string, unknown> | null; operationName?: unknown };

/** Mercurius passes on what `context` below makes, under a type of its own. */
const contextOf = (context: unknown): GraphqlContext => context as GraphqlContext;
const bodyOf = (context: unknown): Body => (context as { reply: FastifyReply }).reply.request.body as Body;

/** All limits of a request, checked before graphql-js validates it. */
function checkDocument(schema: GraphQLSchema, document: DocumentNode, body: Body, hideSuggestions: boolean): void {
  checkCounts(document);
  const operation = operationOf(document, body.operationName);
  if (operation) {
    const read = readVariables(schema, operation, body.variables ?? {}, {
      maxErrors: graphqlLimits.errors,
      hideSuggestions,
    });
    if ('errors' in read) throw Object.assign(new Error('Variables do not fit.'), { errors: read.errors });
    checkCost(schema, document, operation, read.values);
  }
  checkRepeats(document);
}

/** Answers, in the form of GraphQL, what never became a GraphQL request. */
async function refuse(reply: FastifyReply, problem: Problem): Promise<void> {
  const wait = problem.details['retryAfterSeconds'];
  if (typeof wait === 'number') void reply.header('retry-after', String(wait));
  await reply
    .code(problem.status)
    .header('content-type', 'application/json; charset=utf-8')
    .send({ data: null, errors: [{ message: problem.detail, extensions: { problem } }] });
}

/** A body without Content-Length counts as the largest. */
const kilobytesOf = (request: FastifyRequest): number => {
  const length = Number(request.headers['content-length'] ?? bodyLimit);
  return 1 + Math.floor((Number.isFinite(length) ? Math.min(length, bodyLimit) : bodyLimit) / 1_000);
};

export function graphqlOptions(options: GraphqlOptions): MercuriusDriverConfig {
  const schema = graphqlSchema(options.dispatcher);
  const hideSuggestions = options.introspection === false;
  return {
    schema,
    path: '/graphql',
    graphiql: false,
    ide: false,
    subscription: false,
    allowBatchedQueries: false,
    // Limits depend on the variables of each request, so validated documents cannot be cached.
    cache: false,
    graphql: {
      parseOptions: { maxTokens: graphqlLimits.tokens },
      validateOptions: { maxErrors: graphqlLimits.errors, hideSuggestions },
    },
    validationRules: hideSuggestions ? [NoSchemaIntrospectionCustomRule] : [],
    context: (of: FastifyRequest, reply: FastifyReply): GraphqlContext => {
      const request = options.requestOf(of, reply);
      return { request, lookups: new Lookups(options.dispatcher, request) };
    },
    hooks: {
      preParsing: async (_schema: unknown, source: string) => checkSource(source),
      preValidation: async (of: GraphQLSchema, document: DocumentNode, context: unknown) =>
        checkDocument(of, document, bodyOf(context), hideSuggestions),
    },
    errorFormatter: (execution, context) => {
      const { traceId } = contextOf(context).request;
      const errors = flatten(execution.errors).slice(0, maxErrorsInAnswer);
      const requestWords = hideSuggestions ? wordsOf(bodyOf(context)) : null;
      for (const error of errors) if (isUnexpected(error)) options.onUnexpected(error.originalError, traceId);
      const malformed = execution.data === undefined && errors.some((e) => hasClientStatus(e.originalError));
      return {
        statusCode: malformed ? 400 : 200,
        response: {
          data: execution.data ?? null,
          errors: errors.map((error) => formatError(error, traceId, requestWords)),
        },
      };
    },
    additionalRouteOptions: {
      bodyLimit,
      // Replaces the adapter's response schema, which serialises list indexes in a path as text.
      schema: {},
      // Before the body is read. (Mercurius reserves `onRequest`.)
      preParsing: async (request: FastifyRequest, reply: FastifyReply) => {
        const limited = options.limits.take(
          `graphql ${networkOf(request.ip)}`,
          options.limits.per.graphql,
          kilobytesOf(request),
        );
        if (limited) await refuse(reply, problemOf(limited, request.id));
      },
      preValidation: async (request: FastifyRequest, reply: FastifyReply) => {
        const refused = refusal(request);
        if (refused === null) return;
        if (refused.status === 405) reply.header('allow', 'POST');
        await refuse(reply, problemOf(refused, request.id));
      },
    },
  } as MercuriusDriverConfig;
}

/** Errors of Fastify before GraphQL runs: malformed JSON, a wrong content type, a body that is too large. */
const hasClientStatus = (error: Error | null | undefined): boolean => {
  const { statusCode, code } = (error ?? {}) as { statusCode?: number; code?: string };
  return statusCode !== undefined && statusCode < 500 && code?.startsWith('FST_') === true;
};
