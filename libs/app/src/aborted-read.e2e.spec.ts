import { query } from '@daybook/kernel';
import { answer, context } from '@daybook/server';
import { startApp, type TestApp } from '@daybook/testing/app';
import { sql } from 'kysely';
import { Client } from 'pg';
import * as z from 'zod';

/** A read that the database answers after an hour. */
const nap = query('naps.nap.read', {
  title: 'Sleep for an hour',
  http: 'GET /v1/naps',
  permission: 'naps.nap.read',
  input: z.object({}),
  output: z.object({ slept: z.boolean() }),
});
const naps = context({
  name: 'naps',
  title: 'Naps',
  roles: { Auditor: ['naps.*.read'] },
  bindings: [
    answer(nap, async (_, { db }) => {
      await sql`select pg_sleep(3600)`.execute(db);
      return { slept: true };
    }),
  ],
});

describe('a read whose caller has left', () => {
  let app: TestApp;
  let admin: Client;
  let url: string;
  beforeAll(async () => {
    app = await startApp({ contexts: [naps] });
    await app.app.listen(0, '127.0.0.1');
    url = await app.app.getUrl();
    admin = new Client({ connectionString: app.config.databaseUrl });
    await admin.connect();
  });
  afterAll(async () => {
    await admin.end();
    await app.close();
  });
  const until = async (sleeping: number) => {
    for (;;) {
      const { rows } = await admin.query<{ sleeping: number }>(
        `select count(*)::int as sleeping from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`,
      );
      if (rows[0]!.sleeping === sleeping) return;
    }
  };

  it.each([
    ['REST', '/v1/naps', {}],
    [
      'GraphQL',
      '/graphql',
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ a: napsNapRead { slept } b: napsNapRead { slept } }' }),
      },
    ],
  ])('is cancelled in the database, over %s', async (_, path, asked: { headers?: Record<string, string> }) => {
    const { token } = await app.client('Auditor');
    const leaving = new AbortController();
    const headers = { ...asked.headers, authorization: `Bearer ${token}` };
    const answered = fetch(`${url}${path}`, { ...asked, headers, signal: leaving.signal });
    await until(path === '/graphql' ? 2 : 1);
    leaving.abort();
    await expect(answered).rejects.toThrow('aborted');
    await until(0);
    expect(app.log.filter((line) => line.includes('operation failed'))).toEqual([]);
  });
});
