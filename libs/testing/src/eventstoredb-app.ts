import { createCompany } from '@daybook/accounting';
import { type EventStoreDbDouble, startEventStoreDbDouble } from '@daybook/event-store/testing/eventstoredb-double';
import { startApp, type TestApp, type TestClient } from './app.js';
import type { Response } from 'supertest';

interface World {
  /** The server of the log. */
  readonly double: EventStoreDbDouble;
  readonly app: TestApp;
  readonly books: TestClient;
}

/** For the specs of a `describe`: the product with its log in EventStoreDB, and a company in its books. Filled before the first. */
export function useEventStoreDb(company: string): World {
  const world = {} as World;
  beforeAll(async () => {
    const double = await startEventStoreDbDouble();
    const app = await startApp({ env: { EVENTSTORE_URL: double.url } });
    const books = await app.client('Accountant');
    await books.execute(createCompany, { name: company, currency: 'NOK' });
    await app.settle();
    Object.assign(world, { double, app, books });
  });
  afterAll(async () => {
    await world.double.restore();
    await world.app.close();
    await world.double.stop();
  });
  return world;
}

type Call = (world: Pick<World, 'app' | 'books'>) => PromiseLike<Response>;
/** One call of each kind; each needs the log, since rights are looked up there for every request with a token. */
export const callsThatNeedTheLog: Readonly<Record<string, Call>> = {
  'a read over REST': ({ books }) => books.get('/v1/accounting/companies'),
  'a command over REST': ({ books }) => books.post('/v1/accounting/companies', { name: 'Fjord AS', currency: 'NOK' }),
  'a file to read': ({ books }) => books.get(`/v1/files/${'0'.repeat(64)}`),
  'live updates': ({ books }) => books.get('/v1/live'),
  'signing in': ({ app }) => {
    const { email, password, tenantId } = app.account('Auditor');
    return app.anonymous.post('/v1/identity/session').send({ email, password, tenant: tenantId });
  },
};

/** Every call answers 503 with this code and Retry-After, over GraphQL too. */
export async function expectUnavailable(answered: PromiseLike<Response>, code: string): Promise<void> {
  const { status, body, headers } = await answered;
  expect([status, body.code]).toEqual([503, code]);
  expect(Number(headers['retry-after'])).toBeGreaterThan(0);
}
export async function expectGraphqlUnavailable(books: TestClient, code: string): Promise<void> {
  const { body } = await books.graphql('{ accountingCompanyList { items { id } } }');
  expect(body.errors[0].extensions.problem).toMatchObject({ code, status: 503 });
}
