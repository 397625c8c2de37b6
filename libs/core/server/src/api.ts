import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import fastifyCookie from '@fastify/cookie';
import fastifyHelmet from '@fastify/helmet';
import fastifyStatic from '@fastify/static';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { CommandBus, CqrsModule, QueryBus } from '@nestjs/cqrs';
import { GraphQLModule } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator } from './dispatch/access.js';
import { Dispatcher } from './dispatch/dispatcher.js';
import { AskHandler, CORE, ExecuteHandler } from './dispatch/handlers.js';
import { OperationDispatcher } from './dispatch/operation-dispatcher.js';
import { graphqlOptions, serveGraphiql } from './graphql/index.js';
import { CHECKS, HealthController } from './health/health.controller.js';
import { nestLogger } from './health/logger.js';
import { Metrics } from './health/metrics.js';
import { LiveHub } from './live/hub.js';
import { LiveController } from './live/live.controller.js';
import { openApiDocument, serveOpenApi } from './openapi/index.js';
import { problemOf } from './problem.js';
import { FilesController } from './rest/files.controller.js';
import {
  answerUnreadable,
  boundConnections,
  connectionBounds,
  type ConnectionBounds,
  connectionOptions,
} from './rest/connections.js';
import { crossSite } from './rest/cross-site.js';
import { plainRequest, tenantOf } from './rest/http-request.js';
import { AUTHENTICATOR, controllerFor } from './rest/operation-controller.js';
import { ProblemFilter } from './rest/problem-filter.js';
import { sendProblem } from './rest/replies.js';
import { RouteTable } from './rest/route-table.js';
import { observerOf, type Runtime } from './runtime.js';
import { consoleFiles, consoleIn, consolePage } from './static/console.js';
import { bareHeaders, securityHeaders } from './static/security.js';

/** Largest JSON body; an append takes 1 MB of events, and their input is no larger. */
const bodyLimit = 2_000_000;

@Module({})
class ApiModule {}

/**
 * A route takes over the error handler that is set when it is made. Nest sets its own after all routes, too late for
 * errors of Fastify itself (a body that cannot be read); ours is set first and stays.
 */
class ApiAdapter extends FastifyAdapter {
  override setErrorHandler(): ReturnType<FastifyAdapter['setErrorHandler']> {
    return this.getInstance();
  }
}

/** Operations, live updates, files and health as one global module, so that GraphQL finds the dispatcher. */
function apiModule(runtime: Runtime): DynamicModule {
  return {
    module: ApiModule,
    global: true,
    imports: [CqrsModule.forRoot()],
    controllers: [
      ...runtime.core.bindings.operations.map(controllerFor),
      LiveController,
      FilesController,
      HealthController,
    ],
    providers: [
      { provide: CORE, useValue: runtime.core },
      { provide: AUTHENTICATOR, useValue: runtime.authenticator },
      { provide: CHECKS, useValue: runtime.checks },
      { provide: LiveHub, useValue: runtime.hub },
      { provide: Metrics, useValue: runtime.metrics },
      ExecuteHandler,
      AskHandler,
      {
        provide: Dispatcher,
        inject: [CommandBus, QueryBus],
        useFactory: (commands: CommandBus, queries: QueryBus) =>
          new OperationDispatcher(
            runtime.core,
            commands,
            queries,
            observerOf(runtime),
            runtime.limits,
            runtime.config.environment !== 'production',
          ),
      },
    ],
    exports: [Dispatcher],
  };
}

const graphqlModule = (runtime: Runtime): DynamicModule =>
  GraphQLModule.forRootAsync<MercuriusDriverConfig>({
    driver: MercuriusDriver,
    inject: [Dispatcher],
    useFactory: (dispatcher: Dispatcher) =>
      graphqlOptions({
        dispatcher,
        introspection: runtime.config.environment !== 'production',
        limits: runtime.limits,
        requestOf: (request, reply) => plainRequest(request, reply, runtime.authenticator, 'graphql'),
        onUnexpected: (error, traceId) => runtime.logger.error({ err: error, traceId }, 'unexpected in GraphQL'),
      }),
  });

/** The API on Fastify, initialised and ready for `listen` or `inject`. Closing it does not close the runtime. */
export async function createApi(
  runtime: Runtime,
  bounds: ConnectionBounds = connectionBounds,
): Promise<NestFastifyApplication> {
  const { config, logger } = runtime;
  const routes = new RouteTable();
  const page = consoleIn(config.consoleDir) ? consolePage(config.consoleDir) : null;

  const filter = new ProblemFilter(logger, routes, page);

  @Module({
    imports: [apiModule(runtime), graphqlModule(runtime)],
    providers: [{ provide: APP_FILTER, useValue: filter }],
  })
  class AppModule {}

  const adapter = new ApiAdapter({
    bodyLimit,
    // Only a proxy that is known may say where a request came from.
    trustProxy: (address) => config.proxies.trusts(address),
    genReqId: traceIdOf,
    requestIdHeader: false,
    routerOptions: { maxParamLength: 300, ignoreTrailingSlash: true },
    forceCloseConnections: true,
    ...connectionOptions(bounds),
    // Nor does what Node cannot read as HTTP.
    clientErrorHandler: answerUnreadable,
    // What the router cannot read never comes to the error handler.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      filter.answer(error, request, reply.headers(bareHeaders)),
  });
  const fastify = adapter.getInstance() as unknown as FastifyInstance;
  boundConnections(fastify, bounds, config.proxies);
  routes.attach(fastify);
  readBodies(fastify);
  fastify.setErrorHandler((error, request, reply) => filter.answer(error, request, reply));
  await fastify.register(fastifyCookie);
  await fastify.register(fastifyHelmet, securityHeaders);
  fastify.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
    const refused = crossSite(request);
    if (refused) await sendProblem(reply, problemOf(refused, request.id));
  });
  fastify.addHook('onResponse', async (request, reply) => {
    logger.info(
      {
        traceId: request.id,
        tenant: tenantOf(request),
        method: request.method,
        // As it is declared: what stands in its place may be anybody's name, or a token that came to the wrong address.
        path: request.is404 ? null : request.routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'request',
    );
  });
  if (consoleIn(config.consoleDir)) await fastify.register(fastifyStatic, consoleFiles(config.consoleDir));
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, adapter, {
    logger: nestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  serveOpenApi(fastify, openApiDocument(runtime.core.bindings.operations, runtime.contexts));
  servePublicKeys(fastify, runtime.authenticator);
  if (config.environment === 'development') serveGraphiql(fastify);
  await app.init();
  await fastify.ready();
  return app;
}

/** Whoever verifies our tokens himself reads the keys here (RFC 7517). */
function servePublicKeys(fastify: FastifyInstance, authenticator: Authenticator): void {
  if (!authenticator.publicKeys) return;
  fastify.get('/.well-known/jwks.json', async (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').send(await authenticator.publicKeys?.()),
  );
}

/** The W3C trace id of the caller where he sends one, so that one id leads through all systems. */
function traceIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const parent = request.headers['traceparent'];
  const given =
    typeof parent === 'string' ? /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(parent)?.[1] : undefined;
  return given !== undefined && !/^0+$/.test(given) ? given : randomBytes(16).toString('hex');
}

/** JSON, where an empty body is none; raw bytes as a stream for uploads; every other type is 415. */
function readBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  const json = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.length === 0) done(null, undefined);
    else json(request, body as string, done);
  });
  fastify.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));
}
