import { createCompany, listCompanies } from '@daybook/accounting';
import { poolSizes, maxConnections } from '@daybook/postgres';
import { listConnections, listJobs } from '@daybook/server/platform/platform.operations';
import { Client } from 'pg';
import { startApp, type TestApp } from '@daybook/testing/app';
import { readYourWrites } from '@daybook/testing/read-your-writes';

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

describe('connections to the database', () => {
  let app: TestApp;
  let admin: Client;
  beforeAll(async () => {
    app = await startApp();
    // Reads are to meet writes here, not to wait for them.
    readYourWrites(app.app, null);
    admin = new Client({ connectionString: app.config.databaseUrl });
    await admin.connect();
  });
  afterAll(async () => {
    await admin.end();
    await app.close();
  });
  const open = async (): Promise<Map<string, number>> => {
    const { rows } = await admin.query<{ name: string; open: number }>(
      `select substr(application_name, 9) as name, count(*)::int as open from pg_stat_activity
       where datname = current_database() and application_name like 'daybook %' group by 1`,
    );
    return new Map(rows.map(({ name, open: count }) => [name, count]));
  };

  it('are limited by purpose: at most 20 for the API and 15 for the projector', () => {
    expect(maxConnections).toEqual({ api: 20, projector: 15 });
    for (const program of ['api', 'projector'] as const) {
      expect(sum(Object.values(poolSizes[program]))).toBeLessThanOrEqual(maxConnections[program]);
    }
  });

  it('stay within these limits under far more concurrent requests than connections', async () => {
    const books = await app.client('Accountant');
    const auditor = await app.client('Auditor');
    // Who waits too long for one of them is refused, which on a busy machine is right; a further connection would be wrong.
    const answered = (question: Promise<unknown>) =>
      question.catch((error: Error) => {
        if (!/\b503\b/.test(error.message)) throw error;
      });
    let asking = true;
    const burst = Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        await answered(books.execute(createCompany, { name: `Company ${i}`, currency: 'NOK' }));
        await Promise.all([
          answered(books.ask(listCompanies, {})),
          answered(auditor.ask(listCompanies, {})),
          answered(books.ask(listJobs, {})),
          answered(books.upload(`${i}.txt`, `file ${i}`)),
          answered(auditor.get('/v1/audit/events').expect(200).then()),
        ]);
      }),
    ).finally(() => (asking = false));
    const highest = new Map<string, number>();
    while (asking) {
      for (const [name, count] of await open()) highest.set(name, Math.max(highest.get(name) ?? 0, count));
    }
    await burst;
    for (const [program, purposes] of Object.entries(poolSizes)) {
      const seen = [...highest].filter(([name]) => name.startsWith(`${program} `));
      for (const [name, count] of seen) {
        const most: Readonly<Record<string, number>> = purposes;
        expect([name, count]).toEqual([name, Math.min(count, most[name.slice(program.length + 1)] ?? 0)]);
      }
      expect(seen.length).toBeGreaterThan(3);
    }
    // Nothing of the product is connected under another name.
    for (const name of highest.keys()) expect(name).toMatch(/^(api|projector) /);
    const { rows } = await admin.query(
      `select distinct application_name as name from pg_stat_activity
       where datname = current_database() and usename in ('daybook_api', 'daybook_projector') and application_name not like 'daybook %'`,
    );
    expect(rows).toEqual([]);
  });

  it('show an Admin their state only, and the operator their number, because the load is that of all tenants', async () => {
    const admins = await app.client('Admin');
    const { items, ...more } = await admins.ask(listConnections, {});
    expect(Object.keys(more).filter((name) => !['knownAt', 'position', 'trail', 'recordedAt'].includes(name))).toEqual(
      [],
    );
    expect(JSON.stringify(items)).not.toMatch(/\d/);
    expect(items.map(({ program, purpose }) => `${program} ${purpose}`)).toEqual(
      Object.entries(poolSizes).flatMap(([program, purposes]) =>
        Object.keys(purposes).map((one) => `${program} ${one}`),
      ),
    );
    expect(items.find(({ program, purpose }) => program === 'api' && purpose === 'listen')).toMatchObject({
      state: 'connected',
    });
    const { text } = await app.anonymous.get('/metrics').expect(200);
    expect(text).toMatch(/^daybook_database_connections\{purpose="api work"\} [1-5]$/m);
    expect(text).toMatch(/^daybook_database_connections_max\{purpose="api reads"\} 6$/m);
    expect(text).toMatch(/^daybook_database_waiting\{purpose="api rights"\} 0$/m);
  });
});
