import { testDatabase, type TestDatabase } from '@daybook/postgres/testing/database';
import { readConfig } from '@daybook/server/config';
import { IdentitySetUp } from '@daybook/identity/set-up';
import { CONFIG } from '@daybook/server';
import { migrations } from '@daybook/app';
import type { INestApplicationContext } from '@nestjs/common';
import { Client } from 'pg';
import { makeFirstLogin } from './first-login.js';

describe('the first login', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase(migrations);
  });
  afterAll(() => database.drop());

  it('6.3.2 is created from what the operator configures, and without that there are no accounts', async () => {
    const client = new Client({ connectionString: database.adminUrl });
    await client.connect();
    const { rows } = await client.query(
      'select (select count(*) from identity.credentials)::int as passwords, (select count(*) from store.events)::int as events',
    );
    await client.end();
    expect(rows).toEqual([{ passwords: 0, events: 0 }]);
    const asked: string[] = [];
    const commands = { execute: (operation: { name: string }) => (asked.push(operation.name), Promise.reject(new Error(operation.name))) }; // prettier-ignore
    const setUp = new IdentitySetUp({ commands } as unknown as ConstructorParameters<typeof IdentitySetUp>[0]);
    const env = { NODE_ENV: 'production', DATABASE_URL: database.adminUrl, DAYBOOK_SECRET: database.secret };
    const login = (more: object = {}) => {
      const provided = new Map<unknown, unknown>([
        [CONFIG, readConfig({ ...env, ...more })],
        [IdentitySetUp, setUp],
      ]);
      return makeFirstLogin({ get: (token: unknown) => provided.get(token) } as Pick<INestApplicationContext, 'get'>);
    };
    for (const half of [
      {},
      { DAYBOOK_ADMIN_EMAIL: 'kari@example.org' },
      { DAYBOOK_ADMIN_PASSWORD: 'a long password' },
    ]) {
      await login(half).catch(() => undefined);
    }
    expect(asked).toEqual([]);
    await login({ DAYBOOK_ADMIN_EMAIL: 'kari@example.org', DAYBOOK_ADMIN_PASSWORD: 'a long password' }).catch(() => 0);
    expect(asked).toHaveLength(1);
  });
});
