import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallOf, CommandOperation, Operation, OutputOf } from '@daybook/kernel';
import { type Content, type TestDatabase, testDatabase } from '@daybook/postgres/testing/database';
import { AppModule, migrations, ProjectorModule } from '@daybook/app';
import type { Context } from '@daybook/server';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import request from 'supertest';
import { createApi } from '@daybook/server/api';
import { type Config, readConfig } from '@daybook/server/config';
import { RateLimits } from '@daybook/server/dispatch/limits';
import { createLogger } from '@daybook/server/health/logger';
import { moduleOf } from '@daybook/server/nest/context.module';
import { createProjector, BackgroundWork } from '@daybook/server/projector';
import { FakeClock } from './fake-clock.js';
import { type Account, accountOf, setUpPeople, type TestRole, type TestTenant } from './people.js';
import { afterProjection, caughtUp, readYourWrites } from './read-your-writes.js';
import { routeOf } from '@daybook/server/rest/operation-controller';
import { type AppInternals, internalsOf } from './app-internals.js';

/*
 * The whole product in this process, for `*.e2e.spec.ts` of every context: a fresh migrated database, API, projections
 * and jobs, two tenants (`north`, `south`) with an Admin, an Accountant, an Auditor, a Staff and a Vendor each.
 *
 *   let app: TestApp;
 *   beforeAll(async () => { app = await startApp(); });
 *   afterAll(() => app.close());
 *   const books = await app.client('Accountant');            // signed in over REST, tenant north
 *   const { id } = await books.execute(createCompany, { name: 'Fjord AS', currency: 'NOK' });
 *   const { items } = await books.ask(listCompanies, {});    // waits for what was written before
 *   await app.settle();                                      // for what is read elsewhere: projections have reached the head
 *   await books.get('/v1/…').expect(403);                    // plain Supertest with the token
 */
export { testTenants, testVendor, type Account, type TestRole, type TestTenant } from './people.js';

export interface CallOptions {
  readonly key?: string;
  readonly version?: number;
  readonly knownAt?: string;
  readonly minPosition?: string;
  /** Status expected; 200 by default. Another answer fails the spec with the problem in its message. */
  readonly status?: number;
}

export class TestClient {
  constructor(
    private readonly app: NestFastifyApplication,
    readonly token: string,
    readonly tenant: string,
  ) {}

  get = (path: string): request.Test => this.signed(request(this.app.getHttpServer()).get(path));
  post = (path: string, body: object = {}): request.Test =>
    this.signed(request(this.app.getHttpServer()).post(path)).send(body);
  put = (path: string, body: object = {}): request.Test =>
    this.signed(request(this.app.getHttpServer()).put(path)).send(body);
  patch = (path: string, body: object = {}): request.Test =>
    this.signed(request(this.app.getHttpServer()).patch(path)).send(body);
  graphql = (query: string, variables: object = {}): request.Test =>
    this.signed(request(this.app.getHttpServer()).post('/graphql'), !/\bmutation\b/.test(query)).send({
      query,
      variables,
    });

  /** Sends a command over REST and answers its result; with another `status`, the problem. */
  execute<O extends CommandOperation>(operation: O, input: CallOf<O>, options: CallOptions = {}): Promise<OutputOf<O>> {
    return this.call(operation, input as Record<string, unknown>, options);
  }

  /** Asks a query over REST. */
  ask<O extends Operation>(operation: O, input: CallOf<O>, options: CallOptions = {}): Promise<OutputOf<O>> {
    return this.call(operation, input as Record<string, unknown>, options);
  }

  async upload(name: string, content: string | Buffer): Promise<{ sha256: string; size: number; name: string }> {
    const answer = await this.signed(request(this.app.getHttpServer()).post('/v1/files'))
      .query({ name })
      .set('content-type', 'application/octet-stream')
      .send(content);
    return expectStatus(answer, 200, 'upload');
  }

  private async call<O extends Operation>(
    operation: O,
    input: Record<string, unknown>,
    options: CallOptions,
  ): Promise<OutputOf<O>> {
    const { method, path } = routeOf(operation);
    const rest = { ...input };
    const address = path.replaceAll(/:(\w+)/g, (_, name: string) => {
      const value = String(rest[name]);
      delete rest[name];
      return encodeURIComponent(value);
    });
    const verb = method.toLowerCase() as Lowercase<typeof method>;
    let test = this.signed(request(this.app.getHttpServer())[verb](address));
    if (options.key !== undefined) test = test.set('idempotency-key', options.key);
    if (options.version !== undefined) test = test.set('if-match', `"${options.version}"`);
    const marks = { 'known-at': options.knownAt, 'min-position': options.minPosition };
    test = method === 'GET' ? test.query({ ...rest, ...marks }) : test.send(rest);
    return expectStatus(await test, options.status ?? 200, operation.name) as OutputOf<O>;
  }

  private signed(test: request.Test, reads?: boolean): request.Test {
    return afterProjection(this.app, test.set('authorization', `Bearer ${this.token}`), reads);
  }
}

function expectStatus<T>(answer: request.Response, status: number, what: string): T {
  if (answer.status !== status)
    throw new Error(`${what} answered ${answer.status} instead of ${status}: ${answer.text}`);
  return answer.body as T;
}

export interface TestApp {
  readonly app: NestFastifyApplication;
  /** Inside the API. */
  readonly api: AppInternals;
  /** Inside the projector: engine and jobs run in this process too. */
  readonly projector: AppInternals;
  readonly work: BackgroundWork;
  readonly config: Config;
  /** Supertest without a token. */
  readonly anonymous: ReturnType<typeof request>;
  client(role: TestRole, tenant?: TestTenant): Promise<TestClient>;
  account(role: TestRole, tenant?: TestTenant): Account;
  /** Waits until read models and processes have reached the event store's head, and what follows from that is done too. */
  settle(): Promise<void>;
  /** Waits until a job has ended; answers its state as the API shows it. */
  jobEnded(client: TestClient, jobId: string): Promise<{ state: string; error: unknown; result: unknown }>;
  /** The clock of request and mail limits, and of what waits for a moment. Limits of requests hold only while it is frozen. */
  readonly clock: FakeClock;
  /** Lines of both processes' logs so far. */
  readonly log: readonly string[];
  close(): Promise<void>;
}

export interface AppOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** How to the database: an address by way of a proxy. */
  readonly databaseUrl?: (url: string) => string | Promise<string>;
  /** Modules of contexts that the product does not have: the example of docs/developer.md. */
  readonly modules?: readonly (Type | DynamicModule)[];
  /** One with tables only, where the people are still to be set up; the caller drops it. */
  readonly database?: TestDatabase;
  /** Contexts that are there for a spec, beside those of the product. */
  readonly contexts?: readonly Context[];
}

@Module({})
class ExtendedModule {}
const withModules = (product: Type, modules: readonly (Type | DynamicModule)[]): Type | DynamicModule =>
  modules.length === 0 ? product : { module: ExtendedModule, imports: [product, ...modules] };

/** Limits hold while the clock is frozen: how fast a machine asks must not decide a spec. */
class LimitsOfFrozenClock extends RateLimits {
  constructor(private readonly clock: FakeClock) {
    super({ now: clock.now });
  }
  override take(...asked: Parameters<RateLimits['take']>): ReturnType<RateLimits['take']> {
    return this.clock.isFrozen ? super.take(...asked) : null;
  }
}

/** People are set up once per run: every product after the first starts on a copy, including read models. */
const people: Content = {
  name: 'people',
  fill: async (database) => (await startApp({ database })).close(),
};

export async function startApp(options: AppOptions = {}): Promise<TestApp> {
  // Closed in reverse order, also when starting fails half-way: Jest would wait for open handles.
  const undo: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const step of undo.reverse().splice(0)) await step();
  };
  try {
    return await startParts(options, undo, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function startParts(options: AppOptions, undo: (() => unknown)[], close: () => Promise<void>): Promise<TestApp> {
  // What is in a log of their own is in no copy.
  const isEmpty = options.database !== undefined || options.env?.['EVENTSTORE_URL'] !== undefined;
  const database = options.database ?? (await testDatabase(migrations, isEmpty ? undefined : people));
  if (!options.database) undo.push(() => database.drop());
  const dataDir = mkdtempSync(join(tmpdir(), 'daybook-app-'));
  undo.push(() => rmSync(dataDir, { recursive: true, force: true }));
  const config = readConfig({
    NODE_ENV: 'test',
    DATABASE_URL: (await options.databaseUrl?.(database.adminUrl)) ?? database.adminUrl,
    DAYBOOK_SECRET: database.secret,
    DAYBOOK_DATA: dataDir,
    DAYBOOK_PORT: '0',
    DAYBOOK_LOG_LEVEL: 'info',
    ...options.env,
  });
  const log: string[] = [];
  const logger = createLogger(config.logLevel, 'test', { write: (line) => void log.push(line) });
  const clock = new FakeClock();
  const modules = [...(options.modules ?? []), ...(options.contexts ?? []).map(moduleOf)];
  const projecting = await createProjector(withModules(ProjectorModule, modules), {
    config,
    logger,
    jobConcurrency: 3,
    now: clock.wall,
  });
  undo.push(() => projecting.close());
  await projecting.init();
  const projector = internalsOf(projecting);
  const work = projecting.get(BackgroundWork);
  const app = await createApi(withModules(AppModule, modules), {
    config,
    logger,
    limits: new LimitsOfFrozenClock(clock),
    now: clock.wall,
  });
  undo.push(() => app.close());
  const api = internalsOf(app);
  if (isEmpty) await setUpPeople(api);

  const progress = {
    position: async () => {
      const [models, processes] = await Promise.all([projector.reads.position(), work.engine.processes.position()]);
      return models < processes ? models : processes;
    },
    head: () => projector.store.head(),
  };
  const settle = (): Promise<void> =>
    caughtUp(progress).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${log.slice(-5).join('')}`);
    });
  await settle();
  readYourWrites(app, { ...progress, stopped: () => work.engine.stopped });
  const clients = new Map<string, Promise<TestClient>>();
  const account = (role: TestRole, tenant: TestTenant = 'north'): Account => accountOf(role, tenant);
  const signIn = async ({ email, password, tenantId }: Account): Promise<TestClient> => {
    const answer = await request(app.getHttpServer())
      .post('/v1/identity/session')
      .send({ email, password, tenant: tenantId });
    const { accessToken } = expectStatus<{ accessToken: string }>(answer, 200, `signing in as ${email}`);
    return new TestClient(app, accessToken, tenantId);
  };
  return {
    app,
    api,
    projector,
    work,
    config,
    clock,
    log,
    anonymous: request(app.getHttpServer()),
    account,
    client: (role, tenant = 'north') => {
      const name = `${tenant} ${role}`;
      const known = clients.get(name) ?? signIn(account(role, tenant));
      clients.set(name, known);
      return known;
    },
    settle,
    jobEnded: async (client, jobId) => {
      for (let waited = 0; waited < 120_000; waited += 50) {
        const { body } = await client.get(`/v1/platform/jobs/${jobId}`).expect(200);
        if (!['waiting', 'running'].includes(body.state)) return body;
        await sleep(50);
      }
      throw new Error(`The job ${jobId} does not end:\n${log.slice(-5).join('')}`);
    },
    close,
  };
}
