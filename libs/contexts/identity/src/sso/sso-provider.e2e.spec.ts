import { completeSession } from '../session/session.operations.js';
import { withAuthenticatorApp } from '../testing/authenticator-app.js';
import { Mailbox } from '../testing/mailbox.js';
import { pathOf, type SsoFixture, ssoFixture } from '../testing/sso-fixture.js';
import { setSsoProvider, beginSso } from './sso-provider.operations.js';

describe('signing in with SSO', () => {
  let world: SsoFixture;
  let app: SsoFixture['app'];
  let outside: SsoFixture['outside'];
  let admin: SsoFixture['admin'];
  let providerId: SsoFixture['providerId'];
  let stranger: SsoFixture['stranger'];
  let begin: SsoFixture['begin'];
  let finish: SsoFixture['finish'];
  let signIn: SsoFixture['signIn'];
  let memberOutside: SsoFixture['memberOutside'];
  let inIdentityScope: SsoFixture['inIdentityScope'];
  beforeAll(async () => {
    world = await ssoFixture();
    ({ app, outside, admin, providerId, stranger, begin, finish, signIn, memberOutside, inIdentityScope } = world);
  });
  afterAll(() => world.close());
  beforeEach(() => world.comeFromElsewhere());

  it('opens a session for the member whose address the provider verified, and recognises them by their account from then on', async () => {
    outside.outsider = memberOutside('Auditor');
    const first = await signIn();
    expect(first.body).toMatchObject({ linked: false, session: { person: { email: outside.outsider.email } } });
    expect(first.get('Set-Cookie')?.join()).toContain('daybook_refresh=');
    const mails = new Mailbox(app.config.mail);
    expect((await mails.letter(outside.outsider.email)).subject).toBe('An SSO account was linked');
    // The address at the provider changes; the account does not.
    outside.outsider = { ...outside.outsider, email: 'elsewhere@example.org', verified: false };
    const second = await signIn();
    expect(second.body.session.person).toEqual(first.body.session.person);
  });

  it('asks the provider with PKCE, state and nonce, and sets a cookie that scripts cannot read', async () => {
    const answer = await stranger().post(pathOf(beginSso)).send({ providerId }).expect(200);
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
    expect(refused.body.code).toBe('identity.sso-account-not-linked');
    expect(String(refused.get('Set-Cookie'))).not.toContain('daybook_refresh=');
  });

  it('accepts unverified addresses once that is set for its domains, and records this in the audit trail', async () => {
    outside.outsider = { sub: 'entra', email: app.account('Accountant').email };
    expect((await signIn()).body.code).toBe('identity.sso-account-not-linked');
    const { issuer, clientId, clientSecret } = outside;
    const own = { providerId, label: 'Fjord login', issuer, clientId, clientSecret };
    const set = (more: object, status = 200) => admin.execute(setSsoProvider, { ...own, domains: ['north.example'], ...more }, { status });
    expect(await set({ trustsAddresses: true, domains: [] }, 400)).toMatchObject({ code: 'identity.sso-trust-invalid', errors: [{ pointer: '/domains' }] });
    expect(await set({ emailClaim: 'upn' }, 400)).toMatchObject({ code: 'identity.sso-trust-invalid', errors: [{ pointer: '/trustsAddresses' }] });
    await set({ trustsAddresses: true });
    await app.settle();
    const { rows } = await app.projector.pool.query<{ data: object }>(
      `select data from store.events where type = 'identity.sso-provider-set.v1' order by position desc limit 1`,
    );
    expect(rows).toMatchObject([{ data: { trustsAddresses: true, emailClaim: 'email', domains: ['north.example'] } }]);
    expect((await signIn()).body).toMatchObject({ session: { person: { email: app.account('Accountant').email } } });
    outside.outsider = { sub: 'another', email: app.account('Vendor', 'south').email };
    expect((await signIn()).body.code).toBe('identity.sso-account-not-linked');
    await set({ trustsAddresses: false });
    await app.settle();
    outside.outsider = { sub: 'late', email: app.account('Vendor').email };
    expect((await signIn()).body.code).toBe('identity.sso-account-not-linked');
  }); // prettier-ignore

  it('gives the same refusal for an unknown address and one of another tenant', async () => {
    outside.outsider = { sub: 'stranger', email: 'stranger@example.org', verified: true };
    const stranger = await signIn();
    outside.outsider = { ...memberOutside('Staff', 'south'), sub: 'foreign' };
    const foreign = await signIn();
    expect([stranger.status, foreign.status]).toEqual([403, 403]);
    expect(foreign.body.detail).toBe(stranger.body.detail);
  });

  it('refuses a second account at the provider for a person who has linked one', async () => {
    outside.outsider = { ...memberOutside('Auditor'), sub: 'an account that has their address now' };
    expect((await signIn()).body.code).toBe('identity.sso-account-not-linked');
  });

  it('refuses a wrong state', async () => {
    const { url, cookie } = await begin();
    const query = new URLSearchParams(await outside.walk(url));
    query.set('state', 'made-up');
    const refused = await finish(query.toString(), cookie).expect(401);
    expect(refused.body.code).toBe('identity.sso-state-invalid');
  });

  it('refuses an answer to a sign-in that another browser started, or none', async () => {
    outside.outsider = memberOutside('Auditor');
    const { url, cookie } = await begin();
    const query = await outside.walk(url);
    const other = await begin();
    expect((await finish(query, other.cookie).expect(401)).body.code).toBe('identity.sso-state-invalid');
    await finish(query, 'daybook_sso=made-up').expect(401);
    await finish(query, 'none=none').expect(401);
    await finish(query, cookie).expect(200);
  });

  it('refuses a wrong nonce', async () => {
    const { url, cookie } = await begin();
    const changed = new URL(url);
    changed.searchParams.set('nonce', 'a nonce of somebody else');
    const refused = await finish(await outside.walk(changed.href), cookie).expect(401);
    expect(refused.body.code).toBe('identity.sso-response-invalid');
  });

  it('refuses a replayed answer, and a replayed code in a new sign-in', async () => {
    outside.outsider = memberOutside('Auditor');
    const { url, cookie } = await begin();
    const query = await outside.walk(url);
    await finish(query, cookie).expect(200);
    expect((await finish(query, cookie).expect(401)).body.code).toBe('identity.sso-state-invalid');
    const again = await begin();
    const replayed = new URLSearchParams(query);
    replayed.set('state', String(new URL(again.url).searchParams.get('state')));
    const refused = await finish(replayed.toString(), again.cookie).expect(401);
    expect(refused.body.code).toBe('identity.sso-response-invalid');
  });

  it('refuses a code for another PKCE verifier', async () => {
    const { url, cookie } = await begin();
    const changed = new URL(url);
    changed.searchParams.set('code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
    const refused = await finish(await outside.walk(changed.href), cookie).expect(401);
    expect(refused.body.code).toBe('identity.sso-response-invalid');
  });

  it('refuses an answer of an unknown issuer', async () => {
    const { url, cookie } = await begin();
    const query = new URLSearchParams(await outside.walk(url));
    query.set('iss', 'https://evil.example.org');
    expect((await finish(query.toString(), cookie).expect(401)).body.code).toBe('identity.sso-response-invalid');
  });

  it('reports it if the provider did not sign the person in', async () => {
    const { url, cookie } = await begin();
    const state = String(new URL(url).searchParams.get('state'));
    const query = new URLSearchParams({ error: 'access_denied', state, iss: outside.issuer });
    expect((await finish(query.toString(), cookie).expect(401)).body.code).toBe('identity.sso-denied');
  });

  it('refuses an answer after more than ten minutes', async () => {
    const { url, cookie } = await begin();
    const query = await outside.walk(url);
    await inIdentityScope(
      `update identity.sso_starts set expires_at = now() - interval '1 second' where used_at is null`,
    );
    expect((await finish(query, cookie).expect(401)).body.code).toBe('identity.sso-state-invalid');
  });

  it('asks for the second factor that the person has, unless the provider asked for one', async () => {
    const code = await withAuthenticatorApp(await app.client('Vendor'));
    outside.outsider = memberOutside('Vendor');
    const asked = await signIn();
    expect(asked.status).toBe(401);
    expect(asked.body).toMatchObject({
      code: 'identity.mfa-required',
      details: { methods: ['totp', 'recovery-code'] },
    });
    const { ticket } = asked.body.details as { ticket: string };
    await stranger().post(pathOf(completeSession)).send({ ticket, code: code() }).expect(200);
    outside.outsider = { ...memberOutside('Vendor'), multiFactor: true };
    expect((await signIn()).body.session.person.email).toBe(outside.outsider.email);
  });

  it('leaves no code, state or secret in the log', () => {
    const log = app.log.join('');
    expect(log).not.toContain(outside.clientSecret);
    expect(log).not.toMatch(/[?&]code=/);
  });
});
