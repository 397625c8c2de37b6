import {
  amount,
  command,
  type Operation,
  pageInput,
  pageOf,
  plainDate,
  query,
  reject,
  type Rejection,
} from '@daybook/kernel';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { getIntrospectionQuery } from 'graphql';
import * as z from 'zod';
import { type Answered, Dispatcher } from '../dispatch/dispatcher.js';
import { internalRequest, type OperationRequest } from '../dispatch/request.js';
import { graphqlLimits, graphqlOptions, serveGraphiql } from './index.js';

const part: z.ZodType = z
  .object({
    name: z.string(),
    get parts(): z.ZodType {
      return z.array(part);
    },
  })
  .meta({ id: 'Part' });
const entry = z
  .object({
    id: z.uuid(),
    date: plainDate,
    amount,
    parts: z.array(part),
    lines: z.array(z.object({ text: z.string() }).meta({ id: 'Line' })),
  })
  .meta({ id: 'Entry' });
const post = command('books.entry.post', {
  title: 'Post an entry',
  http: 'POST /v1/books/entries',
  says: 'posted',
  ifMatch: 'optional',
  input: z.object({ date: plainDate, amount, note: z.string().optional() }),
});
const list = query('books.entry.list', {
  title: 'List entries',
  http: 'GET /v1/books/entries',
  permission: 'books.entry.read',
  input: z.object({ ...pageInput }),
  output: pageOf(entry),
});

const answer = { id: '0199a9b2-0000-7000-8000-000000000000', version: 1, position: '7' };
const row = { id: answer.id, date: '2026-03-31', amount: '10.50', parts: [], lines: [{ text: 'x' }] };

class RecordingDispatcher extends Dispatcher {
  readonly operations = [post, list] as unknown as Operation[];
  calls: { name: string; input: unknown; request: OperationRequest }[] = [];
  next: Rejection | Error | null = null;
  authorise = (): never => {
    throw new Error('not asked here');
  };
  async run(operation: Operation, input: unknown, request: OperationRequest): Promise<Answered | Rejection> {
    this.calls.push({ name: operation.name, input, request });
    if (this.next instanceof Error) throw this.next;
    if (this.next) return this.next;
    return { kind: 'answered', value: operation.kind === 'command' ? answer : { items: [row], next: null } };
  }
}

describe('the GraphQL door', () => {
  const dispatcher = new RecordingDispatcher();
  const bugs: unknown[] = [];
  let app: NestFastifyApplication;

  beforeAll(async () => {
    const requestOf = () =>
      internalRequest({
        tenant: 't',
        actor: { kind: 'person', id: 'p' },
        channel: 'graphql',
        traceId: 'trace-1',
      });
    const options = graphqlOptions({ dispatcher, requestOf, onUnexpected: (error) => bugs.push(error) });
    @Module({
      imports: [GraphQLModule.forRoot<MercuriusDriverConfig>({ driver: MercuriusDriver, ...options })],
    })
    class App {}
    app = await NestFactory.create<NestFastifyApplication>(App, new FastifyAdapter(), { logger: false });
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
  });
  afterAll(() => app.close());
  beforeEach(() => {
    dispatcher.calls = [];
    dispatcher.next = null;
    bugs.length = 0;
  });

  const ask = async (payload: unknown, headers: Record<string, string> = { 'content-type': 'application/json' }) => {
    const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
    const response = await app.inject({ method: 'POST', url: '/graphql', payload: body, headers });
    return { status: response.statusCode, body: response.json() };
  };
  const codeOf = (body: { errors?: { extensions?: { problem?: { code: string } } }[] }) =>
    body.errors?.[0]?.extensions?.problem?.code;

  it('dispatches a mutation with key, version and reason, and answers what the operation answers', async () => {
    const { status, body } = await ask({
      query: `mutation ($input: BooksEntryPostInput!) {
        booksEntryPost(input: $input, key: "k1", expectedVersion: 3, reason: "because") { id version position }
      }`,
      variables: { input: { date: '2026-03-31', amount: '10.50', note: null } },
    });
    expect({ status, body }).toEqual({ status: 200, body: { data: { booksEntryPost: answer } } });
    expect(dispatcher.calls[0]).toMatchObject({
      name: 'books.entry.post',
      input: { date: '2026-03-31', amount: '10.50' },
      request: { idempotencyKey: 'k1', expectedVersion: 3, reason: 'because', channel: 'graphql' },
    });
  });

  it('passes the position to wait for and the moment to read at', async () => {
    const { body } = await ask({
      query: '{ booksEntryList(input: { limit: 5 }, minPosition: "9", knownAt: "12") { items { amount } next } }',
    });
    expect(body).toEqual({ data: { booksEntryList: { items: [{ amount: '10.50' }], next: null } } });
    expect(dispatcher.calls[0]?.request).toMatchObject({ minPosition: '9', knownAt: '12' });
  });

  it('dispatches each alias on its own, so that limits per operation count each', async () => {
    await ask({ query: '{ a: booksEntryList { next } b: booksEntryList { next } c: booksEntryList { next } }' });
    expect(dispatcher.calls).toHaveLength(3);
  });

  it('answers a rejection with HTTP 200 and the problem document in the extensions', async () => {
    dispatcher.next = reject('books.period-closed', 'March 2026 is closed.', { details: { period: 3 } });
    const { status, body } = await ask({ query: '{ booksEntryList { next } }' });
    expect(status).toBe(200);
    expect(body.data).toBeNull();
    expect(body.errors[0]).toMatchObject({
      message: 'March 2026 is closed.',
      path: ['booksEntryList'],
      extensions: {
        problem: {
          type: 'urn:daybook:problem:books.period-closed',
          title: 'Period closed',
          status: 409,
          detail: 'March 2026 is closed.',
          code: 'books.period-closed',
          traceId: 'trace-1',
          details: { period: 3 },
        },
      },
    });
  });

  it('hides the text of a bug, logs it, and names the trace id', async () => {
    dispatcher.next = new Error('password is hunter2');
    const { status, body } = await ask({ query: '{ booksEntryList { next } }' });
    expect(status).toBe(200);
    expect(codeOf(body)).toBe('platform.unexpected');
    expect(JSON.stringify(body)).not.toContain('hunter2');
    expect(bugs).toHaveLength(1);
  });

  it('refuses JSON numbers where amounts are exact', async () => {
    const literal = await ask({
      query: 'mutation { booksEntryPost(input: { date: "2026-03-31", amount: 10.5 }) { id } }',
    });
    expect(codeOf(literal.body)).toBe('platform.graphql-invalid');
    const variable = await ask({
      query: 'mutation ($a: Amount!) { booksEntryPost(input: { date: "2026-03-31", amount: $a }) { id } }',
      variables: { a: 10 },
    });
    expect(codeOf(variable.body)).toBe('platform.graphql-invalid');
    expect(dispatcher.calls).toHaveLength(0);
  });

  it('answers a query that is not valid with a problem and HTTP 200', async () => {
    for (const query of ['{ nothing }', '{ booksEntryList { ', 'subscription { x }']) {
      const { status, body } = await ask({ query });
      expect([status, codeOf(body), body.data]).toEqual([200, 'platform.graphql-invalid', null]);
    }
  });

  it('answers introspection', async () => {
    const { body } = await ask({ query: getIntrospectionQuery() });
    const types = body.data.__schema.types.map((t: { name: string }) => t.name);
    expect(types).toEqual(expect.arrayContaining(['Entry', 'BooksEntryPostInput', 'CommandResult']));
    expect(body.data.__schema.subscriptionType).toBeNull();
  });

  it('refuses GET, batches, JSON trees, other content types and broken JSON', async () => {
    const got = await app.inject({ method: 'GET', url: '/graphql?query={booksEntryList{next}}' });
    expect([got.statusCode, got.headers['allow']]).toEqual([405, 'POST']);
    const q = { query: '{ booksEntryList { next } }' };
    expect((await ask([q, q])).status).toBe(400);
    expect((await ask({ query: '{"kind":"Document","definitions":[]}' })).body.errors[0].message).toContain('text');
    expect((await ask('{ booksEntryList { next } }', { 'content-type': 'text/plain' })).status).toBe(400);
    expect((await ask('{"query":')).status).toBe(400);
    expect((await ask({ variables: {} })).status).toBe(400);
    expect(dispatcher.calls).toHaveLength(0);
  });

  it('limits depth, also through fragments', async () => {
    const deep = (n: number): string => (n === 0 ? 'name' : `parts { ...deeper${n} }`);
    const fragments = (n: number): string =>
      Array.from({ length: n }, (_, i) => `fragment deeper${i + 1} on Part { ${deep(i)} }`).join(' ');
    const query = (n: number) => `{ booksEntryList { items { ${deep(n)} } } } ${fragments(n)}`;
    expect((await ask({ query: query(1) })).body.errors).toBeUndefined();
    expect(codeOf((await ask({ query: query(12) })).body)).toBe('platform.graphql-too-deep');
    const introspect = (n: number): string => (n === 0 ? 'name' : `fields { type { ${introspect(n - 1)} } }`);
    const { body } = await ask({ query: `{ __schema { types { ${introspect(8)} } } }` });
    expect(codeOf(body)).toBe('platform.graphql-invalid');
  });

  it('limits aliases and the number of operations, also through fragments', async () => {
    const many = (n: number) => Array.from({ length: n }, (_, i) => `a${i}: booksEntryList { next }`).join(' ');
    expect(codeOf((await ask({ query: `{ ${many(graphqlLimits.operations + 1)} }` })).body)).toBe(
      'platform.graphql-too-many-operations',
    );
    const fields = Array.from({ length: graphqlLimits.aliases + 1 }, (_, i) => `a${i}: next`).join(' ');
    expect(codeOf((await ask({ query: `{ booksEntryList { ${fields} } }` })).body)).toBe(
      'platform.graphql-too-many-aliases',
    );
    const doubled = Array.from({ length: 25 }, (_, i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} }`).join(
      ' ',
    );
    const started = performance.now();
    const bomb = await ask({ query: `{ ...f0 } ${doubled} fragment f25 on Query { booksEntryList { next } }` });
    expect(codeOf(bomb.body)).toBe('platform.graphql-too-many-operations');
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(dispatcher.calls).toHaveLength(0);
  });

  it('limits the cost, counting the rows a page asks for', async () => {
    const wide = Array.from({ length: 20 }, (_, i) => `l${i}: lines { text }`).join(' ');
    const query = `query ($n: Int) { booksEntryList(input: { limit: $n }) { items { ${wide} } } }`;
    expect((await ask({ query, variables: { n: 20 } })).body.errors).toBeUndefined();
    expect(codeOf((await ask({ query, variables: { n: 200 } })).body)).toBe('platform.graphql-too-costly');
  });

  it('limits the length of the query', async () => {
    const { body } = await ask({ query: `{ booksEntryList { next } } # ${'x'.repeat(graphqlLimits.characters)}` });
    expect(codeOf(body)).toBe('platform.graphql-too-long');
  });

  it('knows no GraphiQL unless it is served', async () => {
    expect((await app.inject({ url: '/graphiql' })).statusCode).toBe(404);
  });
});

describe('GraphiQL in development', () => {
  it('comes whole from this server, without inline scripts', async () => {
    const adapter = new FastifyAdapter();
    const server = adapter.getInstance();
    serveGraphiql(server as never);
    const page = await server.inject({ url: '/graphiql' });
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
    expect(page.payload).not.toMatch(/https?:\/\/|<script(?![^>]*src=)[^>]*>/);
    for (const [, url] of page.payload.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
      expect([url, (await server.inject({ url: String(url) })).statusCode]).toEqual([url, 200]);
    }
    expect((await server.inject({ url: '/graphiql/assets/none.js' })).statusCode).toBe(404);
    await server.close();
  });
});
