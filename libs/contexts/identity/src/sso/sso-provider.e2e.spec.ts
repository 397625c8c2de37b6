import { completeSession } from '../session/session.operations.js';
import { withAuthenticatorApp } from '../testing/authenticator-app.js';
import { Mailbox } from '../testing/mailbox.js';
import { pathOf, useSso } from '../testing/sso-fixture.js';
import { setSsoProvider, beginSso } from './sso-provider.operations.js';

describe('signing in with SSO', () => {
  const sso = useSso();

  it('opens a session for the member whose address the provider verified, and recognises them by their account from then on', async () => {
    sso.outside.outsider = sso.memberOutside('Auditor');
    const first = await sso.signIn();
    expect(first.body).toMatchObject({ linked: false, session: { person: { email: sso.outside.outsider.email } } });
    expect(first.get('Set-Cookie')?.join()).toContain('daybook_refresh=');
    const mails = new Mailbox(sso.app.config.mail);
    expect((await mails.letter(sso.outside.outsider.email)).subject).toBe('An SSO account was linked');
    // The address at the provider changes; the account does not.
    sso.outside.outsider = { ...sso.outside.outsider, email: 'elsewhere@example.org', verified: false };
    const second = await sso.signIn();
    expect(second.body.session.person).toEqual(first.body.session.person);
  });

  it('asks the provider with PKCE, state and nonce, and sets a cookie that scripts cannot read', async () => {
    const answer = await sso.stranger().post(pathOf(beginSso)).send({ providerId: sso.providerId }).expect(200);
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
    sso.outside.outsider = { ...sso.memberOutside('Vendor'), sub: 'unverified', verified: false };
    const refused = await sso.signIn();
    expect(refused.status).toBe(403);
    expect(refused.body.code).toBe('identity.sso-account-not-linked');
    expect(String(refused.get('Set-Cookie'))).not.toContain('daybook_refresh=');
  });

  it('accepts unverified addresses once that is set for its domains, and records this in the audit trail', async () => {
    sso.outside.outsider = { sub: 'entra', email: sso.app.account('Accountant').email };
    expect((await sso.signIn()).body.code).toBe('identity.sso-account-not-linked');
    const { issuer, clientId, clientSecret } = sso.outside;
    const own = { providerId: sso.providerId, label: 'Fjord login', issuer, clientId, clientSecret };
    const set = (more: object, status = 200) => sso.admin.execute(setSsoProvider, { ...own, domains: ['north.example'], ...more }, { status });
    expect(await set({ trustsAddresses: true, domains: [] }, 400)).toMatchObject({ code: 'identity.sso-trust-invalid', errors: [{ pointer: '/domains' }] });
    expect(await set({ emailClaim: 'upn' }, 400)).toMatchObject({ code: 'identity.sso-trust-invalid', errors: [{ pointer: '/trustsAddresses' }] });
    await set({ trustsAddresses: true });
    await sso.app.settle();
    const { rows } = await sso.app.projector.pool.query<{ data: object }>(
      `select data from store.events where type = 'identity.sso-provider-set.v1' order by position desc limit 1`,
    );
    expect(rows).toMatchObject([{ data: { trustsAddresses: true, emailClaim: 'email', domains: ['north.example'] } }]);
    expect((await sso.signIn()).body).toMatchObject({ session: { person: { email: sso.app.account('Accountant').email } } });
    sso.outside.outsider = { sub: 'another', email: sso.app.account('Vendor', 'south').email };
    expect((await sso.signIn()).body.code).toBe('identity.sso-account-not-linked');
    await set({ trustsAddresses: false });
    await sso.app.settle();
    sso.outside.outsider = { sub: 'late', email: sso.app.account('Vendor').email };
    expect((await sso.signIn()).body.code).toBe('identity.sso-account-not-linked');
  }); // prettier-ignore

  it('gives the same refusal for an unknown address and one of another tenant', async () => {
    sso.outside.outsider = { sub: 'stranger', email: 'stranger@example.org', verified: true };
    const stranger = await sso.signIn();
    sso.outside.outsider = { ...sso.memberOutside('Staff', 'south'), sub: 'foreign' };
    const foreign = await sso.signIn();
    expect([stranger.status, foreign.status]).toEqual([403, 403]);
    expect(foreign.body.detail).toBe(stranger.body.detail);
  });

  it('refuses a second account at the provider for a person who has linked one', async () => {
    sso.outside.outsider = { ...sso.memberOutside('Auditor'), sub: 'an account that has their address now' };
    expect((await sso.signIn()).body.code).toBe('identity.sso-account-not-linked');
  });

  it('refuses a wrong state', async () => {
    const { url, cookie } = await sso.begin();
    const query = new URLSearchParams(await sso.outside.walk(url));
    query.set('state', 'made-up');
    const refused = await sso.finish(query.toString(), cookie).expect(401);
    expect(refused.body.code).toBe('identity.sso-state-invalid');
  });

  it('refuses an answer to a sign-in that another browser started, or none', async () => {
    sso.outside.outsider = sso.memberOutside('Auditor');
    const { url, cookie } = await sso.begin();
    const query = await sso.outside.walk(url);
    const other = await sso.begin();
    expect((await sso.finish(query, other.cookie).expect(401)).body.code).toBe('identity.sso-state-invalid');
    await sso.finish(query, 'daybook_sso=made-up').expect(401);
    await sso.finish(query, 'none=none').expect(401);
    await sso.finish(query, cookie).expect(200);
  });

  it('refuses a wrong nonce', async () => {
    const { url, cookie } = await sso.begin();
    const changed = new URL(url);
    changed.searchParams.set('nonce', 'a nonce of somebody else');
    const refused = await sso.finish(await sso.outside.walk(changed.href), cookie).expect(401);
    expect(refused.body.code).toBe('identity.sso-response-invalid');
  });

  it('refuses a replayed answer, and a replayed code in a new sign-in', async () => {
    sso.outside.outsider = sso.memberOutside('Auditor');
    const { url, cookie } = await sso.begin();
    const query = await sso.outside.walk(url);
    await sso.finish(query, cookie).expect(200);
    expect((await sso.finish(query, cookie).expect(401)).body.code).toBe('identity.sso-state-invalid');
    const again = await sso.begin();
    const replayed = new URLSearchParams(query);
    replayed.set('state', String(new URL(again.url).searchParams.get('state')));
    const refused = await sso.finish(replayed.toString(), again.cookie).expect(401);
    expect(refused.body.code).toBe('identity.sso-response-invalid');
  });

  it('refuses a code for another PKCE verifier', async () => {
    const { url, cookie } = await sso.begin();
    const changed = new URL(url);
    changed.searchParams.set('code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
    const refused = await sso.finish(await sso.outside.walk(changed.href), cookie).expect(401);
    expect(refused.body.code).toBe('identity.sso-response-invalid');
  });

  it('refuses an answer of an unknown issuer', async () => {
    const { url, cookie } = await sso.begin();
    const query = new URLSearchParams(await sso.outside.walk(url));
    query.set('iss', 'https://evil.example.org');
    expect((await sso.finish(query.toString(), cookie).expect(401)).body.code).toBe('identity.sso-response-invalid');
  });

  it('reports it if the provider did not sign the person in', async () => {
    const { url, cookie } = await sso.begin();
    const state = String(new URL(url).searchParams.get('state'));
    const query = new URLSearchParams({ error: 'access_denied', state, iss: sso.outside.issuer });
    expect((await sso.finish(query.toString(), cookie).expect(401)).body.code).toBe('identity.sso-denied');
  });

  it('refuses an answer after more than ten minutes', async () => {
    const { url, cookie } = await sso.begin();
    const query = await sso.outside.walk(url);
    await sso.inIdentityScope(
      `update identity.sso_starts set expires_at = now() - interval '1 second' where used_at is null`,
    );
    expect((await sso.finish(query, cookie).expect(401)).body.code).toBe('identity.sso-state-invalid');
  });

  it('asks for the second factor that the person has, unless the provider asked for one', async () => {
    const code = await withAuthenticatorApp(await sso.app.client('Vendor'));
    sso.outside.outsider = sso.memberOutside('Vendor');
    const asked = await sso.signIn();
    expect(asked.status).toBe(401);
    expect(asked.body).toMatchObject({
      code: 'identity.mfa-required',
      details: { methods: ['totp', 'recovery-code'] },
    });
    const { ticket } = asked.body.details as { ticket: string };
    await sso.stranger().post(pathOf(completeSession)).send({ ticket, code: code() }).expect(200);
    sso.outside.outsider = { ...sso.memberOutside('Vendor'), multiFactor: true };
    expect((await sso.signIn()).body.session.person.email).toBe(sso.outside.outsider.email);
  });

  it('leaves no code, state or secret in the log', () => {
    const log = sso.app.log.join('');
    expect(log).not.toContain(sso.outside.clientSecret);
    expect(log).not.toMatch(/[?&]code=/);
  });
});
