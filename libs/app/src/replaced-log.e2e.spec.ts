import { createCompany, listCompanies } from '@daybook/accounting';
import { startEventStoreDbDouble } from '@daybook/event-store/testing/eventstoredb-double';
import { EventStoreDbLog } from '@daybook/event-store/testing/eventstoredb-log';
import { LogReplaced, rebuildFromThisLog } from '@daybook/projections';
import { createLogger } from '@daybook/server/health/logger';
import { createApi } from '@daybook/server/api';
import type { Config } from '@daybook/server/config';
import { createProjector } from '@daybook/server/projector';
import { AppModule, ProjectorModule } from '@daybook/app';
import { startApp, type TestApp, type TestClient } from '@daybook/testing/app';
import { Client } from 'pg';
import {
  callsThatNeedTheLog,
  expectGraphqlUnavailable,
  expectUnavailable,
  useEventStoreDb,
} from '@daybook/testing/eventstoredb-app';

const quiet = createLogger('silent', 'spec');

/** As the owner: what no login of the product may do to the log. */
async function asOwner(app: TestApp, ...statements: string[]): Promise<void> {
  const client = new Client({ connectionString: app.config.databaseUrl });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

/** How a log is exchanged while the product runs, and how the right one comes back. */
interface Exchange {
  readonly way: string;
  readonly difference: string;
  make(app: TestApp): Promise<void>;
  undo(app: TestApp): Promise<void>;
}

const keep = 'create table kept as select * from store.events';
const back = 'insert into store.events select * from kept where position not in (select position from store.events)';
const onPostgres: readonly Exchange[] = [
  {
    way: 'truncated',
    difference: 'emptied',
    make: (app) => asOwner(app, keep, 'truncate store.events'),
    undo: (app) => asOwner(app, 'truncate store.events', back, 'drop table kept'),
  },
  {
    way: 'restored from an older backup',
    difference: 'restored',
    make: (app) => asOwner(app, keep, 'delete from store.events where position > (select max(position) - 3 from kept)'),
    undo: (app) => asOwner(app, back, 'drop table kept'),
  },
  {
    way: 'rewritten at its end, to the same length',
    difference: 'restored',
    make: (app) =>
      asOwner(
        app,
        keep,
        `update store.events set id = gen_random_uuid() where position > (select max(position) - 3 from kept)`,
      ),
    undo: (app) => asOwner(app, 'truncate store.events', back, 'drop table kept'),
  },
  {
    way: 'put in the place of another one with the same events',
    difference: 'other-log',
    make: (app) =>
      asOwner(
        app,
        keep,
        `update store.events set data = '{"logId":"0199a9b2-0000-7000-8000-0000000000ee","format":2,"copyOf":null}'
         where type like 'platform.log-identified.v_'`,
      ),
    undo: (app) => asOwner(app, 'truncate store.events', back, 'drop table kept'),
  },
];

async function expectRefused(app: TestApp, books: TestClient, difference: string): Promise<void> {
  const { body: health } = await app.anonymous.get('/health/ready').expect(503);
  expect(health.checks.eventLog).toMatchObject({
    status: 'failed',
    difference,
    reason: expect.stringContaining('daybook projections rebuild --from-this-log'),
  });
  const calls = Object.values(callsThatNeedTheLog);
  for (const call of calls) await expectUnavailable(call({ app, books }), 'platform.log-replaced');
  await expectGraphqlUnavailable(books, 'platform.log-replaced');
  for (const role of ['api', 'projector'] as const) {
    await expect(starts[role](app.config)).rejects.toBeInstanceOf(LogReplaced);
  }
}

const starts = {
  api: (config: Config) => createApi(AppModule, { config, logger: quiet }),
  projector: (config: Config) => createProjector(ProjectorModule, { config, logger: quiet }),
} as const;

describe('a log in PostgreSQL that is not the one the read models were made from', () => {
  let app: TestApp;
  let books: TestClient;
  beforeAll(async () => {
    app = await startApp();
    books = await app.client('Accountant');
    await books.execute(createCompany, { name: 'Fjord AS', currency: 'NOK' });
    await app.settle();
  });
  afterAll(() => app.close());

  it.each(onPostgres)('is refused by API and projector when it was $way, until it is back', async (exchange) => {
    await exchange.make(app);
    await expectRefused(app, books, exchange.difference);
    await exchange.undo(app);
    await app.anonymous.get('/health/ready').expect(200);
    await books.execute(createCompany, { name: exchange.way, currency: 'NOK' });
    await app.settle();
    const { items } = await books.ask(listCompanies, {});
    expect(items.map(({ name }) => name)).toEqual(expect.arrayContaining(['Fjord AS', exchange.way]));
    expect(app.log.filter((line) => line.includes('"level":"error"') && !line.includes('The event log'))).toEqual([]);
  });

  it('is noticed by the very next request when it was emptied, and tells nobody that they are not a member', async () => {
    await asOwner(app, keep, 'truncate store.events');
    const { status, body } = await books.get('/v1/accounting/companies');
    await asOwner(app, back, 'drop table kept');
    expect([status, body.code]).toEqual([503, 'platform.log-replaced']);
    await app.anonymous.get('/health/ready').expect(200);
  });

  it('is refused when EVENTSTORE_URL is set for a database that has been in use', async () => {
    const double = await startEventStoreDbDouble();
    const config = { ...app.config, eventStoreUrl: double.url };
    for (const role of ['api', 'projector'] as const) {
      await expect(starts[role](config)).rejects.toMatchObject({ difference: 'emptied' });
    }
    expect([...double.log.events].filter(({ stream }) => !stream.startsWith('$'))).toEqual([]);
    await double.stop();
  });
});

describe('a log in EventStoreDB that is not the one the read models were made from', () => {
  const world = useEventStoreDb('Fjord AS');

  it('is refused when its server was restored from an older backup, until the right one is back', async () => {
    const { app, books, double } = world;
    const right = double.log;
    double.log = right.restored(right.events.length - 5);
    await expectRefused(app, books, 'restored');
    double.log = right;
    await app.anonymous.get('/health/ready').expect(200);
    expect((await books.ask(listCompanies, {})).items).toHaveLength(1);
  });

  it('is refused when its server was emptied, until its operator asks for read models of just that log', async () => {
    const { app, books, double } = world;
    double.log = new EventStoreDbLog();
    await expectRefused(app, books, 'emptied');
    await rebuildFromThisLog(app.projector.pool, app.projector.store);
    for (;;) {
      const { status } = await app.anonymous.get('/health/ready');
      if (status === 200) break;
    }
    const { status, body } = await books.get('/v1/accounting/companies');
    expect([status, body.detail]).toEqual([401, 'You are not a member of this tenant.']);
  });
});
