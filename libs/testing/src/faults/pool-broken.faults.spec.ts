import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCompany, listCompanies } from '@daybook/accounting';
import { externalData } from '@daybook/accounting/saft/testing/external-data';
import { newId } from '@daybook/kernel';
import { connectTo, createPool, inSnapshot, orm, timeLimits, type TimeLimits } from '@daybook/postgres';
import { onRoundTrip } from '@daybook/postgres/round-trips';
import { testDatabase } from '@daybook/postgres/testing/database';
import { type DatabaseProxy, databaseProxy } from '@daybook/postgres/testing/proxy';
import { startApp, type TestApp, type TestClient } from '@daybook/testing/app';
import { sql } from 'kysely';
import { type Client, Pool } from 'pg';
import { until } from './held-commits.js';

/* Connections of the pools break while they idle, are swallowed, or lose an answer (case 90 of the shared cases). */
describe('a product whose connections break', () => {
  const limits: { -readonly [name in keyof TimeLimits]: TimeLimits[name] }[] = [timeLimits.request, timeLimits.rights];
  const before = limits.map(({ answerMs }) => answerMs);
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  let proxy: DatabaseProxy;
  let app: TestApp;
  let books: TestClient;
  let admin: Client;
  let url: string;
  beforeAll(async () => {
    for (const one of limits) one.answerMs = 4_000;
    process.on('unhandledRejection', note);
    let direct = '';
    app = await startApp({
      databaseUrl: async (address) => {
        direct = address;
        proxy = await databaseProxy(address);
        return proxy.through(address);
      },
    });
    admin = await connectTo(direct, { application: 'pool broken' });
    await app.app.listen(0, '127.0.0.1');
    url = await app.app.getUrl();
    books = await app.client('Accountant');
    await books.execute(createCompany, { name: 'Fjord AS', currency: 'NOK' });
    await app.settle();
  });
  afterAll(async () => {
    await admin.end();
    await app.close();
    await proxy.close();
    process.off('unhandledRejection', note);
    for (const [at, one] of limits.entries()) one.answerMs = before[at]!;
  });

  const namesOf = async (): Promise<string[]> => (await books.ask(listCompanies, {})).items.map(({ name }) => name);
  /** The first hint on a stream of live updates. */
  async function nextHint(response: Response): Promise<string> {
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes('event: hint')) return text;
    }
    throw new Error(`The stream ended: ${text}`);
  }
  const backends = async (): Promise<number> =>
    (
      await admin.query(
        `select from pg_stat_activity
         where datname = current_database() and usename in ('daybook_api', 'daybook_projector')`,
      )
    ).rows.length;
  const headers = () => ({ authorization: `Bearer ${books.token}` });

  it('serves the next request, projects the next event and sends the next hint after all died idle', async () => {
    const { rows } = await admin.query(
      `select pg_terminate_backend(pid, 10000) from pg_stat_activity
       where datname = current_database() and usename in ('daybook_api', 'daybook_projector')`,
    );
    expect(rows.length).toBeGreaterThan(5);
    // Until the product has seen the end of each; it opens others meanwhile.
    await until(async () => proxy.open <= (await backends()));
    expect((await books.get('/v1/accounting/companies')).status).toBe(200);
    const live = await fetch(`${url}/v1/live`, { headers: headers() });
    const hint = nextHint(live);
    await books.execute(createCompany, { name: 'Havn AS', currency: 'NOK' });
    expect(await namesOf()).toContain('Havn AS');
    expect(await hint).toContain('event: hint');
    expect(unhandled).toEqual([]);
  }, 120_000);

  it('answers 200 or 503 while they are swallowed, never hangs, and uses none again that was silent once', async () => {
    // So many at once that the pools are open.
    await Promise.all(Array.from({ length: 10 }, () => books.get('/v1/accounting/companies')));
    proxy.swallow();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => fetch(`${url}/v1/accounting/companies`, { headers: headers() })),
    );
    for (const one of answers) {
      const { status, headers: said } = one;
      const body = status === 200 || status === 503 ? '' : `${await one.text()} ${app.log.slice(-12).join('')}`;
      expect([status === 200 || status === 503, body]).toEqual([true, '']);
      if (status === 503) expect(said.get('retry-after')).toMatch(/^\d+$/);
    }
    await until(async () => (await fetch(`${url}/v1/accounting/companies`, { headers: headers() })).status === 200);
    const after = await Promise.all(
      Array.from({ length: 10 }, () => fetch(`${url}/v1/accounting/companies`, { headers: headers() })),
    );
    expect(after.map(({ status }) => status)).toEqual(after.map(() => 200));
    expect(unhandled).toEqual([]);
  }, 300_000);

  it('gives the first answer to a repeat when the answer to the commit was lost', async () => {
    let cut = false;
    const done = onRoundTrip(({ text }) => {
      if (cut || !text.includes('store.append')) return;
      cut = true;
      setImmediate(() => {
        proxy.swallowAnswers();
        setTimeout(() => proxy.cut(), 200);
      });
    });
    const send = () =>
      books.post('/v1/accounting/companies', { name: 'Vik AS', currency: 'NOK' }).set('idempotency-key', 'vik');
    const answers = [await send()];
    done();
    expect(cut).toBe(true);
    await until(async () => {
      answers.push(await send());
      return answers.at(-1)!.status === 200;
    });
    answers.push(await send());
    const ids = new Set(answers.filter(({ status }) => status === 200).map(({ body }) => String(body.id)));
    expect([ids.size, answers.filter(({ status }) => ![200, 503].includes(status))]).toEqual([1, []]);
    await app.settle();
    expect((await namesOf()).filter((name) => name === 'Vik AS')).toHaveLength(1);
  }, 300_000);
});

it('gives the next caller of a pool of one their own record when the one before left in the middle of a statement', async () => {
  const database = await testDatabase([]);
  const admin = await connectTo(database.adminUrl, { application: 'pool broken' });
  const mikro = await orm(database.apiUrl, { max: 1, application: 'pool of one' });
  const db = mikro.em.fork().getKysely<object>();
  const sleeping = async (): Promise<number> =>
    (await admin.query(`select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`))
      .rows.length;
  const left = new AbortController();
  const read = inSnapshot(db, newId(), 'select 1', (on) => sql`select pg_sleep(3)`.execute(on), left.signal);
  const thrown = read.catch((error: unknown) => error);
  await until(async () => (await sleeping()) === 1);
  left.abort();
  const { rows } = await inSnapshot(db, newId(), 'select 1', (on) =>
    sql<{ id: string }>`select 'mine' as id`.execute(on),
  );
  expect(rows).toEqual([{ id: 'mine' }]);
  await thrown;
  expect(await sleeping()).toBe(0);
  await mikro.close();
  await admin.end();
  await database.drop();
});

/** Takes the connection of a pool of one, which is silent, gives it back, and says how often the next uses failed. */
async function usesOfDead(poolAt: (url: string) => Pool): Promise<number> {
  const database = await testDatabase([]);
  const proxy = await databaseProxy(database.apiUrl);
  const pool = poolAt(proxy.through(database.apiUrl));
  pool.on('error', () => undefined);
  const works = async (): Promise<boolean> => {
    const client = await pool.connect();
    client.on('error', () => undefined);
    try {
      await client.query('select 1');
      return true;
    } catch {
      return false;
    } finally {
      client.release();
    }
  };
  expect(await works()).toBe(true);
  proxy.swallow();
  expect(await works()).toBe(false);
  const failed = [await works(), await works()].filter((worked) => !worked).length;
  await proxy.close();
  await pool.end();
  await database.drop();
  return failed;
}

it('uses no connection again that was silent once, and notices a pool that does', async () => {
  const limits = { ...timeLimits.request, answerMs: 500 };
  expect(await usesOfDead((url) => createPool(url, { max: 1, application: 'silent', timeLimits: limits }))).toBe(0);
  expect(await usesOfDead((url) => new Pool({ connectionString: url, max: 1, query_timeout: 500 }))).toBe(2);
});

it('keeps to what the shared case says', () => {
  const folder = externalData('cases/90-pool-broken');
  if (folder === null) return;
  const acts = JSON.parse(readFileSync(join(folder, 'acts.json'), 'utf8')) as { expected: object }[];
  expect(acts.map(({ expected }) => expected)).toEqual([
    { processesEnded: 0, unhandledErrors: 0, nextRequest: 200, nextAppendProjected: true, nextLiveHint: true },
    {
      requestsThatHang: 0,
      answersMeanwhile: '200 or 503 with Retry-After within the deadline',
      afterEachDeadConnectionTimedOutOnce: 'all 200',
      deadConnectionUsedAgain: 0,
    },
    { nextCallerGets: 'its own record', statementsLeftRunning: 0 },
    { effects: 1, answer: 'the first one' },
  ]);
});
