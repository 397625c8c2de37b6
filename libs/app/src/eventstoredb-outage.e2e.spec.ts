import { createCompany, listCompanies } from '@daybook/accounting';
import { StoreUnavailable } from '@daybook/event-store';
import { createLogger } from '@daybook/server/health/logger';
import { createApi } from '@daybook/server/api';
import { AppModule } from '@daybook/app';
import { readYourWrites } from '@daybook/testing/read-your-writes';
import {
  callsThatNeedTheLog,
  expectGraphqlUnavailable,
  expectUnavailable,
  useEventStoreDb,
} from '@daybook/testing/eventstoredb-app';

describe.each(['away', 'silent'] as const)('while EventStoreDB is %s', (how) => {
  const world = useEventStoreDb('Havn AS');
  beforeAll(async () => {
    readYourWrites(world.app.app, null);
    await (how === 'away' ? world.double.refuse() : world.double.fallSilent());
  });

  it.each(Object.keys(callsThatNeedTheLog))(
    '%s answers 503 with Retry-After, neither 500 nor nothing',
    (call) => expectUnavailable(callsThatNeedTheLog[call]!(world), 'platform.store-unavailable'),
    30_000,
  );

  it(
    'GraphQL answers the same problem',
    () => expectGraphqlUnavailable(world.books, 'platform.store-unavailable'),
    30_000,
  );

  it('requests that need no rights are answered, and health says what is missing', async () => {
    await world.app.anonymous.get('/health/live').expect(200);
    await world.app.anonymous.get('/openapi.json').expect(200);
    await world.app.anonymous.get('/.well-known/jwks.json').expect(200);
    const { body } = await world.app.anonymous.get('/health/ready').expect(503);
    expect(body.checks).toMatchObject({ database: { status: 'ok' }, eventStore: { status: 'failed' } });
  }, 30_000);

  it('a program that starts says so in one sentence and names the variable', async () => {
    const starting = createApi(AppModule, { config: world.app.config, logger: createLogger('silent', 'spec') });
    await expect(starting).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(starting).rejects.toThrow(/^[^\n]*EVENTSTORE_URL\.$/);
  }, 30_000);

  it('recovers as soon as it is back, counts retries once, and logs no bug', async () => {
    const input = { name: 'Vik AS', currency: 'NOK' };
    await world.books.execute(createCompany, input, { key: 'once', status: 503 });
    await world.double.restore();
    const { id } = await world.books.execute(createCompany, input, { key: 'once' });
    expect((await world.books.execute(createCompany, input, { key: 'once' })).id).toBe(id);
    await world.app.settle();
    const { items } = await world.books.ask(listCompanies, {});
    expect(items.map(({ name }) => name).sort()).toEqual(['Havn AS', 'Vik AS']);
    await world.app.anonymous.get('/health/ready').expect(200);
    expect(world.app.log.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  }, 60_000);
});
