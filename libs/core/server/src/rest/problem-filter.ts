import { reject, RejectionError } from '@daybook/kernel';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { problemOf, unexpectedProblem } from '../problem.js';
import { unavailableRejection } from '../unavailable.js';
import { sendProblem } from './replies.js';
import type { RouteTable } from './route-table.js';

/** What is wrong with a request that no operation was found for, by its status. */
const byStatus = new Map(
  [
    reject('platform.malformed', 'The body is not valid JSON.', { status: 400 }),
    reject('platform.not-found', 'There is nothing at this address.', { status: 404 }),
    reject('platform.method-not-allowed', 'This address does not support that method.', { status: 405 }),
    reject('platform.not-acceptable', 'None of the media types that you accept is available.', { status: 406 }),
    reject('platform.timeout', 'The request took too long to arrive.', { status: 408 }),
    reject('platform.body-too-large', 'The request body is too large.', { status: 413 }),
    reject('platform.url-too-long', 'The URL is too long.', { status: 414 }),
    reject('platform.unsupported-media-type', 'Send JSON, with Content-Type application/json.', { status: 415 }),
    reject('platform.headers-too-large', 'The request headers are too large.', { status: 431 }),
  ].map((rejection) => [rejection.status as number, rejection]),
);
const badAddress = reject('platform.malformed', 'The URL is malformed.', { status: 400 });

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;

const statusOf = (error: unknown): number => {
  if (error instanceof HttpException) return error.getStatus();
  // The file server throws this for a path that cannot be one of its files (`//`, `..`): a 404 for us.
  if (codeOf(error) === 'FST_STATIC_FORBIDDEN_PATH') return 404;
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : 500;
};

/** The body broke off because its sender closed the connection, not because of what we did with it. */
const hasLeft = (error: unknown, { raw }: FastifyRequest): boolean =>
  !raw.complete && ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE'].includes(String(codeOf(error)));

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
    if (hasLeft(error, request)) {
      this.logger.info({ traceId: request.id, route: request.routeOptions.url }, 'the caller left');
      reply.raw.destroy();
      return;
    }
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
    const known = codeOf(error) === 'FST_ERR_BAD_URL' ? badAddress : byStatus.get(status);
    if (!known) this.logger.error({ err: error, traceId: request.id, route: request.routeOptions.url }, 'unexpected');
    sendProblem(reply, known ? problemOf(known, request.id) : unexpectedProblem(request.id));
  }
}
