import { createCompany, listCompanies } from '@daybook/accounting';
import { StoreUnavailable } from '@daybook/event-store';
import { type EventStoreDbDouble, startEventStoreDbDouble } from '@daybook/event-store/testing/eventstoredb-double';
import { createLogger } from '@daybook/server/health/logger';
import { createApi } from '@daybook/server/api';
import { AppModule } from '@daybook/app';
import type { Response } from 'supertest';
import { startApp, type TestApp, type TestClient } from '@daybook/testing/app';
import { readYourWrites } from '@daybook/testing/read-your-writes';

/** Each way in; rights are asked of the log with every request that has a token. */
const doors: Readonly<Record<string, (books: TestClient, app: TestApp) => PromiseLike<Response>>> = {
  'a read over REST': (books) => books.get('/v1/accounting/companies'),
  'a command over REST': (books) => books.post('/v1/accounting/companies', { name: 'Fjord AS', currency: 'NOK' }),
  'a file to read': (books) => books.get(`/v1/files/${'0'.repeat(64)}`),
  'live updates': (books) => books.get('/v1/live'),
  'signing in': (_, app) => {
    const { email, password, tenantId } = app.account('Auditor');
    return app.anonymous.post('/v1/identity/session').send({ email, password, tenant: tenantId });
  },
};

describe.each(['away', 'silent'] as const)('while EventStoreDB is %s', (how) => {
  let double: EventStoreDbDouble;
  let app: TestApp;
  let books: TestClient;
  beforeAll(async () => {
    double = await startEventStoreDbDouble();
    app = await startApp({ env: { EVENTSTORE_URL: double.url } });
    books = await app.client('Accountant');
    await books.execute(createCompany, { name: 'Havn AS', currency: 'NOK' });
    await app.settle();
    readYourWrites(app.app, null);
    await (how === 'away' ? double.refuse() : double.fallSilent());
  });
  afterAll(async () => {
    await double.restore();
    await app.close();
    await double.stop();
  });

  it.each(Object.keys(doors))(
    '%s answers 503 with Retry-After, neither 500 nor nothing',
    async (door) => {
      const { status, body, headers } = await doors[door]!(books, app);
      expect([status, body.code]).toEqual([503, 'platform.store-unavailable']);
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    },
    30_000,
  );

  it('GraphQL answers the same problem', async () => {
    const { body } = await books.graphql('{ accountingCompanyList { items { id } } }');
    expect(body.errors[0].extensions.problem).toMatchObject({ code: 'platform.store-unavailable', status: 503 });
  }, 30_000);

  it('requests that need no rights are answered, and health says what is missing', async () => {
    await app.anonymous.get('/health/live').expect(200);
    await app.anonymous.get('/openapi.json').expect(200);
    await app.anonymous.get('/.well-known/jwks.json').expect(200);
    const { body } = await app.anonymous.get('/health/ready').expect(503);
    expect(body.checks).toMatchObject({ database: { status: 'ok' }, eventStore: { status: 'failed' } });
  }, 30_000);

  it('a program that starts says so in one sentence and names the variable', async () => {
    const starting = createApi(AppModule, { config: app.config, logger: createLogger('silent', 'spec') });
    await expect(starting).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(starting).rejects.toThrow(/^[^\n]*EVENTSTORE_URL\.$/);
  }, 30_000);

  it('recovers as soon as it is back, counts retries once, and logs no bug', async () => {
    const input = { name: 'Vik AS', currency: 'NOK' };
    await books.execute(createCompany, input, { key: 'once', status: 503 });
    await double.restore();
    const { id } = await books.execute(createCompany, input, { key: 'once' });
    expect((await books.execute(createCompany, input, { key: 'once' })).id).toBe(id);
    await app.settle();
    const { items } = await books.ask(listCompanies, {});
    expect(items.map(({ name }) => name).sort()).toEqual(['Havn AS', 'Vik AS']);
    await app.anonymous.get('/health/ready').expect(200);
    expect(app.log.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  }, 60_000);
});
