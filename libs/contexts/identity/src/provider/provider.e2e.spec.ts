import { randomUUID } from 'node:crypto';
import type { OutputOf } from '@daybook/kernel';
import { startApp, type TestApp, TestClient } from '@daybook/suite/testing/app';
import { acceptInvitation, sendInvitation } from '../invitation/invitation.operations.js';
import { deactivateMember, reactivateMember, readMember } from '../member/member.operations.js';
import { completeSession, sessionMethods } from '../session/session.operations.js';
import { setUpIdentity } from '../set-up.js';
import { withAuthenticatorApp } from '../testing/authenticator-app.js';
import { Mailbox } from '../testing/mailbox.js';
import { OutsideProvider } from '../testing/outside-provider.js';
import {
  finishProviderSignIn,
  linkProvider,
  listOwnProviders,
  listProviders,
  recordProvider,
  removeProvider,
  retireProvider,
  setProvider,
  startProviderSignIn,
  unlinkProvider,
} from './provider.operations.js';

const pathOf = (operation: { http: string }): string => String(operation.http.split(' ')[1]);

interface Begun {
  readonly url: string;
  readonly cookie: string;
}

describe('signing in by a provider', () => {
  let app: TestApp;
  let outside: OutsideProvider;
  let admin: TestClient;
  const providerId = randomUUID();

  beforeAll(async () => {
    app = await startApp();
    outside = await OutsideProvider.open(`${app.config.publicUrl}/sign-in/provider`);
    admin = await app.client('Admin');
    const { issuer, clientId, clientSecret } = outside;
    const domains = ['North.example'];
    await admin.execute(setProvider, { providerId, label: 'Fjord login', issuer, clientId, clientSecret, domains });
    await app.settle();
  });
  afterAll(async () => {
    await outside.close();
    await app.close();
  });

  // Who has no token is limited by his network address: each spec comes from one of its own.
  let address = 0;
  beforeEach(() => void (address += 1));
  const stranger = () => ({
    get: (path: string) => app.anonymous.get(path).set('x-forwarded-for', `198.51.100.${address}`),
    post: (path: string) => app.anonymous.post(path).set('x-forwarded-for', `198.51.100.${address}`),
  });

  const begin = async (id = providerId): Promise<Begun> => {
    const answer = await stranger().post(pathOf(startProviderSignIn)).send({ providerId: id }).expect(200);
    return { url: answer.body.url, cookie: String(answer.get('Set-Cookie')?.[0]?.split(';')[0]) };
  };
  const finish = (query: string, cookie: string) =>
    stranger().post(pathOf(finishProviderSignIn)).set('cookie', cookie).send({ query });
  /** The whole way, as the outsider that is set. */
  const signIn = async () => {
    const { url, cookie } = await begin();
    return finish(await outside.walk(url), cookie);
  };
  const memberOutside = (role: 'Auditor' | 'Staff' | 'Vendor', tenant: 'north' | 'south' = 'north') => ({
    sub: `${tenant}-${role}`,
    email: app.account(role, tenant).email,
    verified: true,
  });

  const offeredTo = async (query: Record<string, string>) => {
    const { body } = await stranger().get(pathOf(sessionMethods)).query(query).expect(200);
    return (body as OutputOf<typeof sessionMethods>).providers;
  };

  it('does not show one tenant to who signs in to another: it is offered to addresses of its domain alone', async () => {
    expect(await offeredTo({})).toEqual([]);
    expect(await offeredTo({ domain: 'south.example' })).toEqual([]);
    const { host } = new URL(outside.issuer);
    for (const domain of ['north.example', 'NORTH.example'])
      expect(await offeredTo({ domain })).toEqual([{ providerId, label: 'Fjord login', host }]);
    for (const domain of ['kari@north.example', 'north', 'north example', `${'n'.repeat(64)}.example`])
      await stranger().get(pathOf(sessionMethods)).query({ domain }).expect(400);
  });

  it('without a domain is offered to nobody, as there are people of another tenant', async () => {
    const id = randomUUID();
    const { issuer, clientId } = outside;
    await admin.execute(setProvider, { providerId: id, label: 'Nameless', issuer, clientId });
    await app.settle();
    expect(await offeredTo({})).toEqual([]);
    expect(await offeredTo({ domain: 'north.example' })).toHaveLength(1);
    await admin.execute(removeProvider, { providerId: id });
  });

  it('names no domain of other people: some active user must have an address of it', async () => {
    const { issuer, clientId } = outside;
    const named = {
      providerId: randomUUID(),
      label: 'Theirs',
      issuer,
      clientId,
      domains: ['north.example', 'south.example'],
    };
    const refused = (await admin.execute(setProvider, named, { status: 409 })) as unknown as { errors: object[] };
    expect(refused).toMatchObject({ code: 'identity.provider-domain-unproved', errors: [{ pointer: '/domains' }] });
    expect(await offeredTo({ domain: 'south.example' })).toEqual([]);
  });

  it('is listed without its secret', async () => {
    await app.settle();
    const { items, redirectUrl } = await admin.ask(listProviders, {});
    expect(redirectUrl).toBe(`${app.config.publicUrl}/sign-in/provider`);
    expect(items).toMatchObject([
      { providerId, issuer: outside.issuer, clientId: 'daybook', domains: ['north.example'] },
    ]);
    expect(JSON.stringify(items)).not.toContain(outside.clientSecret);
    const south = await app.client('Admin', 'south');
    expect((await south.ask(listProviders, {})).items).toEqual([]);
    const { rows } = await app.projector.pool.query<{ data: string; operation: string }>(
      `select data::text as data, meta->>'operation' as operation from store.events where type = 'identity.provider-set.v2'`,
    );
    expect(new Set(rows.map(({ operation }) => operation))).toEqual(new Set([recordProvider.name]));
    expect(JSON.stringify(rows)).not.toContain(outside.clientSecret);
  });

  it('opens the session of the member whose address the provider verified, and knows him by his account from then on', async () => {
    outside.outsider = memberOutside('Auditor');
    const first = await signIn();
    expect(first.body).toMatchObject({ linked: false, session: { person: { email: outside.outsider.email } } });
    expect(first.get('Set-Cookie')?.join()).toContain('daybook_refresh=');
    const mails = new Mailbox(app.config.mail);
    expect((await mails.letter(outside.outsider.email)).subject).toBe('A sign-in provider was linked');
    // The address at the provider changes; who he is does not.
    outside.outsider = { ...outside.outsider, email: 'elsewhere@example.org', verified: false };
    const second = await signIn();
    expect(second.body.session.person).toEqual(first.body.session.person);
  });

  it('asks the provider with PKCE, state and nonce, and sets a cookie that scripts cannot read', async () => {
    const answer = await stranger().post(pathOf(startProviderSignIn)).send({ providerId }).expect(200);
    const asked = new URL(answer.body.url).searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      scope: 'openid email',
    });
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked.get(name)?.length).toBeGreaterThan(30);
    const cookie = String(answer.get('Set-Cookie')?.join());
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Strict');
    expect(cookie).not.toContain(String(asked.get('state')));
  });

  it('refuses an unverified address', async () => {
    outside.outsider = { ...memberOutside('Vendor'), sub: 'unverified', verified: false };
    const refused = await signIn();
    expect(refused.status).toBe(403);
    expect(refused.body.code).toBe('identity.provider-not-linked');
    expect(String(refused.get('Set-Cookie'))).not.toContain('daybook_refresh=');
  });

  it('takes an address that the provider never verifies once that is set for its domains, and says so in the trail', async () => {
    outside.outsider = { sub: 'entra', email: app.account('Accountant').email };
    expect((await signIn()).body.code).toBe('identity.provider-not-linked');
    const { issuer, clientId, clientSecret } = outside;
    const own = { providerId, label: 'Fjord login', issuer, clientId, clientSecret };
    const set = (more: object, status = 200) => admin.execute(setProvider, { ...own, domains: ['north.example'], ...more }, { status });
    expect(await set({ trustsAddresses: true, domains: [] }, 400)).toMatchObject({ code: 'identity.provider-trust-wrong', errors: [{ pointer: '/domains' }] });
    expect(await set({ emailClaim: 'upn' }, 400)).toMatchObject({ code: 'identity.provider-trust-wrong', errors: [{ pointer: '/trustsAddresses' }] });
    await set({ trustsAddresses: true });
    await app.settle();
    const { rows } = await app.projector.pool.query<{ data: object }>(
      `select data from store.events where type = 'identity.provider-set.v2' order by position desc limit 1`,
    );
    expect(rows).toMatchObject([{ data: { trustsAddresses: true, emailClaim: 'email', domains: ['north.example'] } }]);
    expect((await signIn()).body).toMatchObject({ session: { person: { email: app.account('Accountant').email } } });
    outside.outsider = { sub: 'another', email: app.account('Vendor', 'south').email };
    expect((await signIn()).body.code).toBe('identity.provider-not-linked');
    await set({});
    await app.settle();
    outside.outsider = { sub: 'late', email: app.account('Vendor').email };
    expect((await signIn()).body.code).toBe('identity.provider-not-linked');
  }); // prettier-ignore

  it('refuses, with the same answer, an address of nobody and one of another tenant', async () => {
    outside.outsider = { sub: 'stranger', email: 'stranger@example.org', verified: true };
    const stranger = await signIn();
    outside.outsider = { ...memberOutside('Staff', 'south'), sub: 'foreign' };
    const foreign = await signIn();
    expect([stranger.status, foreign.status]).toEqual([403, 403]);
    expect(foreign.body.detail).toBe(stranger.body.detail);
  });

  it('refuses a second account of the provider for a person who is linked to another one', async () => {
    outside.outsider = { ...memberOutside('Auditor'), sub: 'an account that has his address now' };
    expect((await signIn()).body.code).toBe('identity.provider-not-linked');
  });

  it('refuses a wrong state', async () => {
    const { url, cookie } = await begin();
    const query = new URLSearchParams(await outside.walk(url));
    query.set('state', 'made-up');
    const refused = await finish(query.toString(), cookie).expect(401);
    expect(refused.body.code).toBe('identity.provider-state-wrong');
  });

  it('refuses an answer that another browser began, or none', async () => {
    outside.outsider = memberOutside('Auditor');
    const { url, cookie } = await begin();
    const query = await outside.walk(url);
    const other = await begin();
    expect((await finish(query, other.cookie).expect(401)).body.code).toBe('identity.provider-state-wrong');
    await finish(query, 'daybook_provider=made-up').expect(401);
    await finish(query, 'none=none').expect(401);
    await finish(query, cookie).expect(200);
  });

  it('refuses a wrong nonce', async () => {
    const { url, cookie } = await begin();
    const changed = new URL(url);
    changed.searchParams.set('nonce', 'a nonce of somebody else');
    const refused = await finish(await outside.walk(changed.href), cookie).expect(401);
    expect(refused.body.code).toBe('identity.provider-refused');
  });

  it('refuses a replayed answer, and a replayed code in a new sign-in', async () => {
    outside.outsider = memberOutside('Auditor');
    const { url, cookie } = await begin();
    const query = await outside.walk(url);
    await finish(query, cookie).expect(200);
    expect((await finish(query, cookie).expect(401)).body.code).toBe('identity.provider-state-wrong');
    const again = await begin();
    const replayed = new URLSearchParams(query);
    replayed.set('state', String(new URL(again.url).searchParams.get('state')));
    const refused = await finish(replayed.toString(), again.cookie).expect(401);
    expect(refused.body.code).toBe('identity.provider-refused');
  });

  it('refuses a code that was made for another PKCE verifier', async () => {
    const { url, cookie } = await begin();
    const changed = new URL(url);
    changed.searchParams.set('code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
    const refused = await finish(await outside.walk(changed.href), cookie).expect(401);
    expect(refused.body.code).toBe('identity.provider-refused');
  });

  it('refuses an answer of an unknown issuer', async () => {
    const { url, cookie } = await begin();
    const query = new URLSearchParams(await outside.walk(url));
    query.set('iss', 'https://evil.example.org');
    expect((await finish(query.toString(), cookie).expect(401)).body.code).toBe('identity.provider-refused');
  });

  it('says so when the provider did not sign in', async () => {
    const { url, cookie } = await begin();
    const state = String(new URL(url).searchParams.get('state'));
    const query = new URLSearchParams({ error: 'access_denied', state, iss: outside.issuer });
    expect((await finish(query.toString(), cookie).expect(401)).body.code).toBe('identity.provider-denied');
  });

  it('refuses an answer that comes later than ten minutes', async () => {
    const { url, cookie } = await begin();
    const query = await outside.walk(url);
    await inRoom(`update identity.provider_starts set expires_at = now() - interval '1 second' where used_at is null`);
    expect((await finish(query, cookie).expect(401)).body.code).toBe('identity.provider-state-wrong');
  });

  it('is no proof for what is sensitive, and leads to no other tenant', async () => {
    outside.outsider = memberOutside('Auditor');
    const answer = await signIn();
    const bearer = `Bearer ${answer.body.session.accessToken}`;
    const sensitive = await stranger()
      .post('/v1/identity/own/email')
      .set('authorization', bearer)
      .send({ email: 'thief@example.org' })
      .expect(403);
    expect(sensitive.body.code).toBe('identity.confirmation-needed');
    const refreshCookie = (answer.get('Set-Cookie') ?? []).find((line) => line.startsWith('daybook_refresh='));
    const other = await stranger()
      .post('/v1/identity/session/refresh')
      .set('cookie', String(refreshCookie?.split(';')[0]))
      .send({ tenant: app.account('Admin', 'south').tenantId })
      .expect(403);
    expect(other.body.code).toBe('identity.own-proof-needed');
  });

  it('learns nothing of the other tenants of a person, and ends and changes nothing there', async () => {
    const { email, password } = app.account('Auditor');
    const south = app.account('Admin', 'south').tenantId;
    await setUpIdentity(
      { pool: app.api.pool, secret: app.config.secret, execute: app.api.jobParts.execute },
      {
        tenants: [],
        people: [{ email, password, name: 'Auditor', memberships: [{ tenant: south, role: 'Auditor' }] }],
      },
    );
    await app.settle();
    const opened = await stranger().post('/v1/identity/session').send({ email, password, tenant: south }).expect(200);
    const himself = new TestClient(app.app, opened.body.accessToken, south);
    expect((await himself.get('/v1/identity/session').expect(200)).body.tenants).toHaveLength(2);

    outside.outsider = memberOutside('Auditor');
    const { session } = (await signIn()).body;
    const vouched = new TestClient(app.app, session.accessToken, session.tenant.id);
    expect(session.tenants).toEqual([session.tenant]);
    expect((await vouched.get('/v1/identity/session').expect(200)).body.tenants).toEqual([session.tenant]);
    const sessions = (await vouched.get('/v1/identity/own/sessions').expect(200)).body.items;
    expect(new Set(sessions.map((one: { tenant: string }) => one.tenant))).toEqual(new Set([session.tenant.name]));
    await vouched.post('/v1/identity/own/sessions/end').expect(403);
    expect((await vouched.put('/v1/identity/own/name', { name: 'Thief' }).expect(403)).body.code).toBe(
      'identity.own-proof-needed',
    );
  });

  it('tells whoever runs it which proofs the person has, and neither since when nor on which devices', async () => {
    const { email, password } = app.account('Vendor');
    outside.outsider = memberOutside('Vendor');
    const { session } = (await signIn()).body;
    const personId = session.person.id as string;
    await inRoom(`insert into identity.passkeys (passkey_id, person_id, credential_id, public_key, counter, transports, synced, name)
      values ('${randomUUID()}', '${personId}', 'their-key', '\\x00', 0, '{}', false, 'Phone of Kari')`);
    const factorsOf = async (accessToken: string) =>
      (await new TestClient(app.app, accessToken, session.tenant.id).get('/v1/identity/own/factors').expect(200)).body;
    const unsaid = { name: null, createdAt: null, lastUsedAt: null, synced: null };
    expect(await factorsOf(session.accessToken)).toEqual({
      password: { changedAt: null },
      totp: null,
      recoveryCodesLeft: null,
      passkeys: [{ passkeyId: expect.any(String), ...unsaid }],
    });
    const confirmed = await stranger()
      .post('/v1/identity/session/confirm')
      .set('authorization', `Bearer ${session.accessToken}`)
      .send({ password })
      .expect(200);
    expect(await factorsOf(confirmed.body.accessToken)).toMatchObject({
      password: { changedAt: expect.any(String) },
      recoveryCodesLeft: 0,
      passkeys: [{ name: 'Phone of Kari' }],
    });
    await inRoom(`delete from identity.passkeys where person_id = '${personId}'`);
    expect(session.person.email).toBe(email);
  });

  it('shows a tenant no later name of somebody it deactivated, brought back, and signed in as', async () => {
    const [email, password] = ['parted@north.example', 'seven green umbrellas'];
    const { tenantId: south } = app.account('Admin', 'south');
    const memberships = [admin.tenant, south].map((tenant) => ({ tenant, role: 'Staff' as const }));
    await setUpIdentity(
      { pool: app.api.pool, secret: app.config.secret, execute: app.api.jobParts.execute },
      { tenants: [], people: [{ email, password, name: 'Name Before', memberships }] },
    );
    await app.settle();
    outside.outsider = { sub: 'parted', email, verified: true };
    const personId = (await signIn()).body.session.person.id as string;
    await admin.execute(deactivateMember, { personId, reason: 'Left' });
    const open = (tenant: string) => stranger().post('/v1/identity/session').send({ email, password, tenant });
    const there = new TestClient(app.app, (await open(south).expect(200)).body.accessToken, south);
    await there.put('/v1/identity/own/name', { name: 'Name After' }).expect(200);
    await admin.execute(reactivateMember, { personId, reason: 'Back' });
    await app.settle();

    const { session } = (await signIn()).body;
    expect(session.person).toEqual({ id: personId, name: 'Name Before', email });
    const vouched = new TestClient(app.app, session.accessToken, admin.tenant);
    expect((await vouched.get('/v1/identity/session').expect(200)).body.person.name).toBe('Name Before');
    await app.settle();
    expect(await admin.ask(readMember, { personId })).toMatchObject({ name: 'Name Before' });
    // With a proof of their own the person is back, and shows who they are.
    expect((await open(admin.tenant).expect(200)).body.person.name).toBe('Name After');
    await app.settle();
    expect(await admin.ask(readMember, { personId })).toMatchObject({ name: 'Name After' });
  });

  it('takes nobody into another tenant: an invitation is accepted with a proof of their own', async () => {
    outside.outsider = memberOutside('Vendor');
    const { session } = (await signIn()).body;
    const south = await app.client('Admin', 'south');
    const mailbox = new Mailbox(app.config.mail);
    const { email, password } = app.account('Vendor');
    await south.execute(sendInvitation, { email, role: 'Staff' });
    const { token } = await mailbox.link(email);
    const accept = () => stranger().post(pathOf(acceptInvitation));
    const bearer = `Bearer ${session.accessToken}`;
    const refused = await accept().set('authorization', bearer).send({ token }).expect(403);
    expect(refused.body.code).toBe('identity.own-proof-needed');
    await accept().send({ token, password }).expect(200);
  });

  it('is linked and unlinked by a person who is signed in', async () => {
    const staff = await app.client('Staff');
    outside.outsider = { sub: 'private account', email: 'private@example.org', verified: true };
    const started = await staff.post(pathOf(linkProvider).replace('{providerId}', providerId)).expect(200);
    const cookie = String(started.get('Set-Cookie')?.[0]?.split(';')[0]);
    const linked = await finish(await outside.walk(started.body.url), cookie).expect(200);
    expect(linked.body).toEqual({ linked: true, session: null });
    expect((await staff.ask(listOwnProviders, {})).items).toMatchObject([{ providerId, linkedAt: expect.any(String) }]);
    expect((await signIn()).body.session.person.email).toBe(app.account('Staff').email);

    const vendor = await app.client('Vendor');
    const second = await vendor.post(pathOf(linkProvider).replace('{providerId}', providerId)).expect(200);
    const taken = await finish(
      await outside.walk(second.body.url),
      String(second.get('Set-Cookie')?.[0]?.split(';')[0]),
    ).expect(409);
    expect(taken.body.code).toBe('identity.provider-account-taken');

    expect(await staff.execute(unlinkProvider, { providerId })).toEqual({ unlinked: true });
    expect(await staff.execute(unlinkProvider, { providerId })).toEqual({ unlinked: false });
    expect((await signIn()).status).toBe(403);
  });

  it('asks for the second factor that the person has, unless the provider asked for one', async () => {
    const code = await withAuthenticatorApp(await app.client('Vendor'));
    outside.outsider = memberOutside('Vendor');
    const asked = await signIn();
    expect(asked.status).toBe(401);
    expect(asked.body).toMatchObject({
      code: 'identity.second-factor-needed',
      details: { methods: ['totp', 'recovery-code'] },
    });
    const { ticket } = asked.body.details as { ticket: string };
    await stranger().post(pathOf(completeSession)).send({ ticket, code: code() }).expect(200);
    outside.outsider = { ...memberOutside('Vendor'), multiFactor: true };
    expect((await signIn()).body.session.person.email).toBe(outside.outsider.email);
  });

  it('of another tenant cannot be linked, changed or removed', async () => {
    const south = await app.client('Admin', 'south');
    await south.execute(linkProvider, { providerId }, { status: 404 });
    await south.execute(removeProvider, { providerId }, { status: 404 });
    const { issuer, clientId } = outside;
    await south.execute(setProvider, { providerId, label: 'Mine', issuer, clientId }, { status: 404 });
  });

  it('takes no issuer that is not https, does not answer, or would get the secret of another one', async () => {
    const refuse = async (issuer: string, id = randomUUID()) =>
      (
        (await admin
          .execute(setProvider, { providerId: id, label: 'Other', issuer, clientId: 'daybook' }, { status: 0 })
          .catch((error: Error) => error)) as Error
      ).message;
    for (const issuer of [
      'http://login.example.org',
      'http://169.254.169.254/latest',
      'https://user:pw@login.example.org',
    ]) {
      expect(await refuse(issuer)).toContain('identity.issuer-not-allowed');
    }
    expect(await refuse('http://127.0.0.1:9')).toContain('identity.provider-unreachable');
    expect(await refuse('http://127.0.0.1:9', providerId)).toContain('identity.provider-secret-needed');
  });

  it('ends when the provider is removed', async () => {
    const id = randomUUID();
    const { issuer, clientId, clientSecret } = outside;
    await admin.execute(setProvider, { providerId: id, label: 'Short', issuer, clientId, clientSecret });
    await app.settle();
    const { url, cookie } = await begin(id);
    const query = await outside.walk(url);
    await admin.execute(removeProvider, { providerId: id });
    await finish(query, cookie).expect(401);
    await stranger().post(pathOf(startProviderSignIn)).send({ providerId: id }).expect(404);
    await admin.execute(removeProvider, { providerId: id }, { status: 404 });
    const { rows } = await app.projector.pool.query<{ operation: string }>(
      `select meta->>'operation' as operation from store.events where type = 'identity.provider-removed.v1'`,
    );
    expect(new Set(rows.map(({ operation }) => operation))).toEqual(new Set([retireProvider.name]));
  });

  it('leaves no code, state or secret in the log', () => {
    const log = app.log.join('');
    expect(log).not.toContain(outside.clientSecret);
    expect(log).not.toMatch(/[?&]code=/);
  });

  const inRoom = async (sql: string): Promise<void> => {
    const client = await app.api.pool.connect();
    try {
      await client.query(`begin; set local daybook.room = 'identity'; ${sql}; commit`);
    } finally {
      client.release();
    }
  };
});
