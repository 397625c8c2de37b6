import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import fastifyCookie from '@fastify/cookie';
import fastifyHelmet from '@fastify/helmet';
import fastifyStatic from '@fastify/static';
import { Listener } from '@daybook/postgres';
import { type DynamicModule, Global, Module, type Type } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from './config.js';
import { Authenticator } from './dispatch/access.js';
import { Bindings } from './dispatch/bindings.js';
import { Dispatcher } from './dispatch/dispatcher.js';
import { RateLimits } from './dispatch/limits.js';
import { ApiJobs } from './export/api-jobs.js';
import { ExportsController } from './export/exports.controller.js';
import { ImportsController } from './import/imports.controller.js';
import { graphqlOptions, serveGraphiql } from './graphql/index.js';
import { HealthController } from './health/health.controller.js';
import { nestLogger } from './health/logger.js';
import { listenForHints, LiveHub } from './live/hub.js';
import { LiveController } from './live/live.controller.js';
import { LogMonitor } from './log/log-monitor.js';
import { ShutdownHooks } from './nest/shutdown-hooks.js';
import { contextsIn } from './nest/context.module.js';
import { CoreModule } from './nest/core.module.js';
import type { CoreOptions } from './nest/core-options.js';
import { provider } from './nest/provider.js';
import { CONFIG, LOGGER, READS } from './nest/tokens.js';
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
import { controllerFor } from './rest/operation-controller.js';
import { ProblemFilter } from './rest/problem-filter.js';
import { sendProblem } from './rest/replies.js';
import { RouteTable } from './rest/route-table.js';
import { consoleFiles, consoleIn, consolePage } from './static/console.js';
import { bareHeaders, securityHeaders } from './static/security.js';

/** Largest JSON body; an append takes 1 MB of events, and their input is no larger. */
const bodyLimit = 2_000_000;

/**
 * A route keeps the error handler that was set when it was registered. Nest sets its handler after all routes, too late
 * for errors of Fastify itself (a body that cannot be parsed), so ours is set first and stays.
 */
class ApiAdapter extends FastifyAdapter {
  override setErrorHandler(): ReturnType<FastifyAdapter['setErrorHandler']> {
    return this.getInstance();
  }
}

/** What the API serves: a route per operation, GraphQL, files, live updates and health. */
@Module({})
class EndpointsModule {
  static of(bindings: Bindings): DynamicModule {
    return {
      module: EndpointsModule,
      global: true,
      controllers: [
        ...bindings.operations.map(controllerFor),
        LiveController,
        FilesController,
        ExportsController,
        ImportsController,
        HealthController,
      ],
      providers: [Dispatcher],
      exports: [Dispatcher],
    };
  }
}

/** Live updates, fed by notifications from other processes. */
@Module({
  providers: [
    provider(
      LiveHub,
      { listener: Listener, reads: READS, log: LogMonitor, logger: LOGGER, shutdown: ShutdownHooks },
      ({ listener, reads, log, logger, shutdown }) => {
        const hub = new LiveHub();
        const position = () => reads.position();
        shutdown.add(listenForHints({ listener, position, logger }, hub), (stop) => stop());
        // Open pages still show data of the previous log.
        log.whenReplaced(
          () =>
            void position().then(
              (at) => hub.restart(at),
              () => hub.restart(0n),
            ),
        );
        return hub;
      },
    ),
  ],
  exports: [LiveHub],
})
@Global()
class LiveModule {}

/** Jobs that read with the rights of who started them. */
@Module({ providers: [ApiJobs] })
class ApiJobsModule {}

const graphqlModule = (): DynamicModule =>
  GraphQLModule.forRootAsync<MercuriusDriverConfig>({
    driver: MercuriusDriver,
    inject: [Dispatcher, CONFIG, LOGGER, RateLimits, Authenticator],
    useFactory: (
      dispatcher: Dispatcher,
      { environment }: Config,
      logger: Logger,
      limits: RateLimits,
      authenticator: Authenticator,
    ) =>
      graphqlOptions({
        dispatcher,
        introspection: environment !== 'production',
        limits,
        requestOf: (request, reply) => plainRequest(request, reply, authenticator, 'graphql'),
        onUnexpected: (error, traceId) => logger.error({ err: error, traceId }, 'unexpected in GraphQL'),
      }),
  });

export interface ApiOptions extends Omit<CoreOptions, 'role'> {
  readonly bounds?: ConnectionBounds;
}

/** The API on Fastify, initialised and ready for `listen` or `inject`. `root` imports the contexts. */
export function createApi(root: Type | DynamicModule, options: ApiOptions): Promise<NestFastifyApplication> {
  const shutdown = new ShutdownHooks();
  const bindings = new Bindings(contextsIn(root));
  const core = CoreModule.forRoot({ ...options, role: 'api' }, bindings, shutdown);
  return shutdown.orElse(createEndpoints([core, LiveModule, ApiJobsModule, root], bindings, options));
}

/** The endpoints over any core module: the real one, or the test doubles in specs of this library. */
export async function createEndpoints(
  modules: readonly (Type | DynamicModule)[],
  bindings: Bindings,
  { config, logger, bounds = connectionBounds }: Pick<ApiOptions, 'config' | 'logger' | 'bounds'>,
): Promise<NestFastifyApplication> {
  const routes = new RouteTable();
  const page = consoleIn(config.consoleDir) ? consolePage(config.consoleDir) : null;

  const filter = new ProblemFilter(logger, routes, page);

  @Module({
    imports: [...modules, EndpointsModule.of(bindings), graphqlModule()],
    providers: [{ provide: APP_FILTER, useValue: filter }],
  })
  class ApiModule {}

  const adapter = new ApiAdapter({
    bodyLimit,
    // Only a trusted proxy may set the client address (X-Forwarded-For).
    trustProxy: (address) => config.proxies.trusts(address),
    genReqId: traceIdOf,
    requestIdHeader: false,
    routerOptions: { maxParamLength: 300, ignoreTrailingSlash: true },
    forceCloseConnections: 'idle',
    ...connectionOptions(bounds),
    // What Node cannot parse as HTTP never reaches a route either.
    clientErrorHandler: answerUnreadable,
    // Errors of the router never reach the error handler.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      filter.answer(error, request, reply.headers(bareHeaders)),
  });
  const fastify = adapter.getInstance<FastifyInstance>();
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
        // The route pattern: the actual path may contain a name, or a token sent to the wrong address.
        path: request.is404 ? null : request.routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'request',
    );
  });
  if (consoleIn(config.consoleDir)) await fastify.register(fastifyStatic, consoleFiles(config.consoleDir));
  const app = await NestFactory.create<NestFastifyApplication>(ApiModule, adapter, {
    logger: nestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  serveOpenApi(fastify, openApiDocument(bindings.operations, bindings.contexts));
  servePublicKeys(fastify, app.get(Authenticator, { strict: false }));
  if (config.environment === 'development') serveGraphiql(fastify);
  await app.init();
  await fastify.ready();
  return app;
}

/** Public keys (JWKS, RFC 7517) for programs that verify our tokens themselves. */
function servePublicKeys(fastify: FastifyInstance, authenticator: Authenticator): void {
  if (!authenticator.publicKeys) return;
  fastify.get('/.well-known/jwks.json', async (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').send(await authenticator.publicKeys?.()),
  );
}

/** The W3C trace id that the caller sent, if any, so that one id leads through all systems. */
function traceIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const parent = request.headers['traceparent'];
  const given =
    typeof parent === 'string' ? /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(parent)?.[1] : undefined;
  return given !== undefined && !/^0+$/.test(given) ? given : randomBytes(16).toString('hex');
}

/** Accepts JSON (an empty body counts as none) and raw bytes for uploads, as a stream; any other type is a 415. */
function readBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  const json = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.length === 0) done(null, undefined);
    else json(request, body as string, done);
  });
  fastify.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));
}
