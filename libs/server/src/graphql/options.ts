import { reject } from '@daybook/kernel';
import type { MercuriusDriverConfig } from '@nestjs/mercurius';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Dispatcher } from '../dispatch/dispatcher.js';
import type { OperationRequest } from '../dispatch/request.js';
import { NoSchemaIntrospectionCustomRule } from 'graphql';
import { problemOf } from '../problem.js';
import { flatten, formatError, isUnexpected, limitError } from './errors.js';
import { graphqlLimits, limitRules } from './limits.js';
import { type GraphqlContext, graphqlSchema } from './schema.js';

/** What the app hands to the GraphQL door. */
export interface GraphqlDoor {
  readonly dispatcher: Dispatcher;
  /** The operation request of an HTTP request; called once for each. */
  readonly requestOf: (request: FastifyRequest, reply: FastifyReply) => OperationRequest;
  /** Whether the schema may be asked for; the OpenAPI document says the same operations to everybody. */
  readonly introspection?: boolean;
  /** Told of every error that is a bug; its text never reaches the caller. */
  readonly onUnexpected: (error: unknown, traceId: string) => void;
}

const bodyLimit = 1_000_000;

/** Refuses what is not one GraphQL request in JSON: GET, batches, a body without a query. */
function refusal(request: FastifyRequest): { status: 400 | 405; code: string; message: string } | null {
  if (request.method !== 'POST') {
    return { status: 405, code: 'platform.method-not-allowed', message: 'GraphQL is asked by POST.' };
  }
  const malformed = (message: string) => ({ status: 400, code: 'platform.graphql-invalid', message }) as const;
  const body = request.body as { query?: unknown; variables?: unknown; operationName?: unknown } | null | undefined;
  if (Array.isArray(body)) return malformed('Send one request at a time: batches are not accepted.');
  if (typeof body?.query !== 'string') return malformed('Send a JSON object with the text of the query in `query`.');
  if (typeof (body.variables ?? {}) !== 'object' || Array.isArray(body.variables)) {
    return malformed('`variables` is a JSON object.');
  }
  if (typeof (body.operationName ?? '') !== 'string') return malformed('`operationName` is text.');
  return null;
}

/** Mercurius reads a document given as a JSON tree too; only text passes the limits, so only text is taken. */
function checkSource(source: string): void {
  if (source.length > graphqlLimits.characters) {
    const most = graphqlLimits.characters;
    throw limitError('platform.graphql-too-long', `The query has over ${most} characters. Put values into variables.`);
  }
  if (isJson(source)) throw limitError('platform.graphql-invalid', 'Give the query as GraphQL text.');
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

export function graphqlOptions(door: GraphqlDoor): MercuriusDriverConfig {
  const schema = graphqlSchema(door.dispatcher);
  return {
    schema,
    path: '/graphql',
    graphiql: false,
    ide: false,
    subscription: false,
    allowBatchedQueries: false,
    // Rules look at the variables of each request, so no verdict may be kept.
    cache: false,
    graphql: { parseOptions: { maxTokens: graphqlLimits.tokens } },
    validationRules: ({ variables }: { variables?: Record<string, unknown> | null }) => [
      ...limitRules(variables ?? {}),
      ...(door.introspection === false ? [NoSchemaIntrospectionCustomRule] : []),
    ],
    context: (request: FastifyRequest, reply: FastifyReply): GraphqlContext => ({
      request: door.requestOf(request, reply),
    }),
    hooks: {
      preParsing: async (_schema: unknown, source: string) => checkSource(source),
    },
    errorFormatter: (execution, context) => {
      const { traceId } = (context as unknown as GraphqlContext).request;
      const errors = flatten(execution.errors);
      for (const error of errors) if (isUnexpected(error)) door.onUnexpected(error.originalError, traceId);
      const malformed = execution.data === undefined && errors.some((e) => hasClientStatus(e.originalError));
      return {
        statusCode: malformed ? 400 : 200,
        response: { data: execution.data ?? null, errors: errors.map((error) => formatError(error, traceId)) },
      };
    },
    additionalRouteOptions: {
      bodyLimit,
      // Replaces the adapter's own response schema, which prints list indexes of a path as text.
      schema: {},
      preValidation: async (request: FastifyRequest, reply: FastifyReply) => {
        const refused = refusal(request);
        if (refused === null) return;
        const { traceId } = door.requestOf(request, reply);
        const problem = problemOf(reject(refused.code, refused.message, { status: 400 }), traceId);
        if (refused.status === 405) reply.header('allow', 'POST');
        await reply
          .code(refused.status)
          .header('content-type', 'application/json; charset=utf-8')
          .send({
            data: null,
            errors: [{ message: refused.message, extensions: { problem: { ...problem, status: refused.status } } }],
          });
      },
    },
  } as MercuriusDriverConfig;
}

/** Fastify's own refusals before GraphQL saw anything: broken JSON, a wrong content type, too large a body. */
const hasClientStatus = (error: Error | null | undefined): boolean => {
  const { statusCode, code } = (error ?? {}) as { statusCode?: number; code?: string };
  return statusCode !== undefined && statusCode < 500 && code?.startsWith('FST_') === true;
};
