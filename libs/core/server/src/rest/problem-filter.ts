import { RejectionError } from '@daybook/kernel';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { type Problem, problemOf, titleOf, unexpectedProblem } from '../problem.js';
import { unavailableRejection } from '../unavailable.js';
import { sendProblem } from './replies.js';
import type { RouteTable } from './route-table.js';

const known: Readonly<Record<number, readonly [code: string, detail: string]>> = {
  400: ['platform.malformed', 'The body is not valid JSON.'],
  404: ['platform.not-found', 'There is nothing at this address.'],
  405: ['platform.method-not-allowed', 'This address does not support that method.'],
  406: ['platform.not-acceptable', 'None of the media types that you accept is available.'],
  408: ['platform.timeout', 'The request took too long to arrive.'],
  413: ['platform.too-large', 'The request body is too large.'],
  414: ['platform.too-large', 'The URL is too long.'],
  415: ['platform.unsupported-media-type', 'Send JSON, with Content-Type application/json.'],
  431: ['platform.too-large', 'The request headers are too large.'],
};

const badAddress = ['platform.malformed', 'The URL is malformed.'] as const;

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;

const statusOf = (error: unknown): number => {
  if (error instanceof HttpException) return error.getStatus();
  // The file server throws this for a path that cannot be one of its files (`//`, `..`): a 404 for us.
  if (codeOf(error) === 'FST_STATIC_FORBIDDEN_PATH') return 404;
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : 500;
};

/** The last exception filter: every error response is a problem document, never a stack trace. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly logger: Logger,
    private readonly routes: RouteTable,
    /** Answers with a page of the console if the address has one. */
    private readonly page: ((request: FastifyRequest, reply: FastifyReply) => boolean) | null,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    // A stream broke half-way: nothing more can be sent to this caller.
    if (reply.sent || reply.raw.headersSent) {
      this.logger.error({ err: error, traceId: request.id }, 'an answer broke off');
      reply.raw.destroy();
      return;
    }
    const rejection = error instanceof RejectionError ? error.rejection : unavailableRejection(error);
    if (rejection) {
      sendProblem(reply, problemOf(rejection, request.id));
      return;
    }
    let status = statusOf(error);
    // A malformed body does not matter when the address does not support the method.
    const allowed = status < 500 ? this.routes.methodsAt(request.url) : [];
    if (allowed.length > 0 && !allowed.includes(request.method)) {
      void reply.header('allow', allowed.join(', '));
      status = 405;
    } else if (status === 404 && this.page?.(request, reply)) return;
    const problem = codeOf(error) === 'FST_ERR_BAD_URL' ? badAddress : known[status];
    if (!problem) this.logger.error({ err: error, traceId: request.id, route: request.routeOptions.url }, 'unexpected');
    sendProblem(reply, problem ? documentOf(status, problem, request.id) : unexpectedProblem(request.id));
  }
}

const documentOf = (status: number, [code, detail]: readonly [string, string], traceId: string): Problem => ({
  type: `urn:daybook:problem:${code}`,
  title: titleOf(code),
  status,
  detail,
  code,
  traceId,
  details: {},
});
