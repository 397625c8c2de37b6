import { randomUUID } from 'node:crypto';
import { scopedTransaction } from '@daybook/postgres';
import { startApp, type TestClient } from '@daybook/testing/app';
import { finishSso, setSsoProvider, beginSso } from '../sso/sso-provider.operations.js';
import { TestOidcProvider } from './test-oidc-provider.js';

export const pathOf = (operation: { http: string }): string => String(operation.http.split(' ')[1]);

type SsoFixture = Awaited<ReturnType<typeof open>>;

/**
 * For the specs of a file: an app whose north tenant has set up an SSO provider for the addresses of its domain. Filled before
 * the first spec.
 */
export function useSso(): SsoFixture {
  const sso = {} as SsoFixture;
  beforeAll(async () => void Object.assign(sso, await open()));
  beforeEach(() => sso.comeFromElsewhere());
  afterAll(() => sso.close());
  return sso;
}

async function open() {
  const app = await startApp();
  const outside = await TestOidcProvider.open(`${app.config.publicUrl}/sign-in/sso`);
  const admin: TestClient = await app.client('Admin');
  const providerId = randomUUID();
  const { issuer, clientId, clientSecret } = outside;
  const domains = ['North.example'];
  await admin.execute(setSsoProvider, { providerId, label: 'Fjord login', issuer, clientId, clientSecret, domains });
  await app.settle();

  // Anonymous requests are limited by network address, so each spec uses an address of its own.
  let address = 0;
  const comeFromElsewhere = (): void => void (address += 1);
  const stranger = () => ({
    get: (path: string) => app.anonymous.get(path).set('x-forwarded-for', `198.51.100.${address}`),
    post: (path: string) => app.anonymous.post(path).set('x-forwarded-for', `198.51.100.${address}`),
  });
  const begin = async (id = providerId): Promise<{ url: string; cookie: string }> => {
    const answer = await stranger().post(pathOf(beginSso)).send({ providerId: id }).expect(200);
    return { url: answer.body.url, cookie: String(answer.get('Set-Cookie')?.[0]?.split(';')[0]) };
  };
  const finish = (query: string, cookie: string) =>
    stranger().post(pathOf(finishSso)).set('cookie', cookie).send({ query });
  /** A whole sign-in, as the current outsider. */
  const signIn = async () => {
    const { url, cookie } = await begin();
    return finish(await outside.walk(url), cookie);
  };
  const memberOutside = (role: 'Auditor' | 'Staff' | 'Vendor', tenant: 'north' | 'south' = 'north') => ({
    sub: `${tenant}-${role}`,
    email: app.account(role, tenant).email,
    verified: true,
  });
  const inIdentityScope = (sql: string) => scopedTransaction(app.api.pool, 'identity', (client) => client.query(sql));
  const close = async (): Promise<void> => {
    await outside.close();
    await app.close();
  };
  return { app, outside, admin, providerId, comeFromElsewhere, stranger, begin, finish, signIn, memberOutside, inIdentityScope, close }; // prettier-ignore
}
