import { createCompany, listCompanies } from '@daybook/accounting';
import { databaseProxy, type DatabaseProxy } from '@daybook/postgres/testing/proxy';
import type { Response } from 'supertest';
import { startApp, type TestApp, type TestClient } from '@daybook/testing/app';
import { readYourWrites } from '@daybook/testing/read-your-writes';

/** Each way in, and what the same call answers while the database is there. */
const doors: Readonly<Record<string, (books: TestClient) => PromiseLike<Response>>> = {
  'a read over REST': (books) => books.get('/v1/accounting/companies'),
  'a command over REST': (books) => books.post('/v1/accounting/companies', { name: 'Fjord AS', currency: 'NOK' }),
  'a file to read': (books) => books.get(`/v1/files/${'0'.repeat(64)}`),
  'a file to store': (books) =>
    books.post('/v1/files?name=a.txt').set('content-type', 'application/octet-stream').send('abc'),
  'live updates': (books) => books.get('/v1/live'),
  'signing in': (books) =>
    books.post('/v1/identity/session', { email: 'accountant@north.example', password: 'x', tenant: books.tenant }),
};

describe('while the database is away', () => {
  let proxy: DatabaseProxy;
  let app: TestApp;
  let books: TestClient;
  beforeAll(async () => {
    app = await startApp({
      databaseUrl: async (url) => {
        proxy = await databaseProxy(url);
        return proxy.through(url);
      },
    });
    books = await app.client('Accountant');
    readYourWrites(app.app, null);
  });
  afterAll(async () => {
    proxy.restore();
    await app.close();
    await proxy.close();
  });
  beforeEach(() => proxy.refuse());
  afterEach(() => proxy.restore());

  it.each(Object.keys(doors))('%s answers 503 with Retry-After and not 500', async (door) => {
    const answer = await doors[door]!(books);
    expect(answer.body).toMatchObject({ code: 'platform.unavailable', status: 503 });
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '2']);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  });

  it('GraphQL answers the same problem', async () => {
    const { body } = await books.graphql('{ accountingCompanyList { items { id } } }');
    expect(body.errors).toHaveLength(1);
    expect(body.errors[0].extensions.problem).toMatchObject({
      code: 'platform.unavailable',
      status: 503,
      details: { retryAfterSeconds: 2 },
    });
  });

  it('health says that it is not ready, and when to retry', async () => {
    const answer = await app.anonymous.get('/health/ready').expect(503);
    expect(answer.headers['retry-after']).toBe('2');
    expect(answer.body.checks.database).toEqual({ status: 'failed', reason: 'unreachable' });
    await app.anonymous.get('/health/live').expect(200);
  });

  it('recovers as soon as it is back, and a command retried with its idempotency key counts once', async () => {
    const input = { name: 'Havn AS', currency: 'NOK' };
    await books.execute(createCompany, input, { key: 'once', status: 503 });
    proxy.restore();
    const { id } = await books.execute(createCompany, input, { key: 'once' });
    expect((await books.execute(createCompany, input, { key: 'once' })).id).toBe(id);
    await app.settle();
    const { items } = await books.ask(listCompanies, {});
    expect(items.filter(({ name }) => name === 'Havn AS')).toHaveLength(1);
  });
});
