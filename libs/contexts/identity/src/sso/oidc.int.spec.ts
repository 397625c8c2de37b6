import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { isRejection } from '@daybook/kernel';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import type { AddressRule } from './email-claim.js';
import { Oidc } from './oidc.js';
import { allowedUrl, isInternalAddress, guardedFetch } from './ssrf-guard.js';

const clientId = 'daybook';
const redirect = 'http://localhost:3000/sign-in/sso';
const begun = {
  state: 'the-state',
  nonce: 'the-nonce',
  verifier: 'a verifier of more than forty-three characters, surely',
};

/** A provider that sends whatever a spec tells it to, which a real one never does. */
class CrookedProvider {
  readonly server: Server = createServer();
  issuer = '';
  idToken = '';
  userInfo: object = {};
  metadata: object = {};
  keys: object[] = [];
  asked: { path: string; authorization: string | undefined }[] = [];

  async open(): Promise<this> {
    this.server.on('request', (request, response) => {
      const path = request.url ?? '';
      this.asked.push({ path, authorization: request.headers.authorization });
      const answers: Record<string, object> = {
        '/.well-known/openid-configuration': {
          issuer: this.issuer,
          authorization_endpoint: `${this.issuer}/auth`,
          token_endpoint: `${this.issuer}/token`,
          jwks_uri: `${this.issuer}/jwks`,
          userinfo_endpoint: `${this.issuer}/me`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['ES256'],
          ...this.metadata,
        },
        '/jwks': { keys: this.keys },
        '/token': { access_token: 'an access token', token_type: 'bearer', id_token: this.idToken },
        '/me': this.userInfo,
      };
      const body = answers[path];
      response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? {}));
    });
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.issuer = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

describe('the answer of an SSO provider', () => {
  let provider: CrookedProvider;
  let keys: Awaited<ReturnType<typeof generateKeyPair>>;
  const told: { name: string; code: string | null }[] = [];
  const client = new Oidc({ loopback: true, internal: [] }, (what) => told.push(what));

  beforeEach(async () => {
    provider = await new CrookedProvider().open();
    keys = await generateKeyPair('ES256');
    provider.keys = [{ ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' }];
    told.length = 0;
  });
  afterEach(() => provider.close());

  const claims = { nonce: begun.nonce, email: 'kari@example.org', email_verified: true };
  const tokenOf = (said: Record<string, unknown> = {}, expires = '5m') =>
    new SignJWT({ ...claims, ...said })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setIssuer(String(said['iss'] ?? provider.issuer))
      .setAudience(String(said['aud'] ?? clientId))
      .setSubject('kari')
      .setIssuedAt()
      .setExpirationTime(expires);
  const byEmail: AddressRule = { emailClaim: 'email', trustsAddresses: false, domains: ['fjord.example'] };
  const settings = (rule = byEmail) => ({
    issuer: provider.issuer,
    clientId,
    clientSecret: 'a client secret',
    ...rule,
  });
  const finish = async (idToken: string, rule = byEmail) => {
    provider.idToken = idToken;
    const answer = await client.finish(settings(rule), new URL(`${redirect}?code=c&state=${begun.state}`), begun);
    return isRejection(answer) ? answer.code : answer;
  };

  it('is accepted if every check passes, and the client secret goes only to the token endpoint', async () => {
    expect(await finish(await tokenOf({ amr: ['pwd', 'mfa'] }).sign(keys.privateKey))).toEqual({
      issuer: provider.issuer,
      subject: 'kari',
      email: 'kari@example.org',
      multiFactor: true,
    });
    expect(provider.asked.filter(({ authorization }) => authorization !== undefined).map(({ path }) => path)).toEqual([
      '/token',
    ]);
  });

  it('is refused with a wrong key', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    expect(await finish(await tokenOf().sign(privateKey))).toBe('identity.sso-response-invalid');
  });

  it('is refused without a signature', async () => {
    const unsigned = new UnsecuredJWT({ ...claims })
      .setIssuer(provider.issuer)
      .setAudience(clientId)
      .setSubject('kari');
    expect(await finish(unsigned.setIssuedAt().setExpirationTime('5m').encode())).toBe('identity.sso-response-invalid');
  });

  it('is refused for another client, issuer or nonce, and if it has expired', async () => {
    for (const said of [{ aud: 'another client' }, { iss: 'https://evil.example.org' }, { nonce: 'another nonce' }]) {
      expect(await finish(await tokenOf(said).sign(keys.privateKey))).toBe('identity.sso-response-invalid');
    }
    expect(await finish(await tokenOf({}, '-5m').sign(keys.privateKey))).toBe('identity.sso-response-invalid');
    // The log names the kind of error and nothing that the provider sent.
    expect(JSON.stringify(told)).not.toMatch(/kari|evil|nonce/);
  });

  it('provides an address only if the address is verified, as a boolean or as text', async () => {
    provider.userInfo = { sub: 'kari' };
    for (const email_verified of [false, 'false', 'yes', 1, null, undefined]) {
      const answer = await finish(await tokenOf({ email_verified }).sign(keys.privateKey));
      expect(answer).toMatchObject({ subject: 'kari', email: null });
    }
    for (const email_verified of [true, 'true', 'True']) {
      const answer = await finish(await tokenOf({ email_verified }).sign(keys.privateKey));
      expect(answer).toMatchObject({ email: 'kari@example.org' });
    }
  });

  /** The person identified under each rule if a provider sends these claims only. */
  const namedBy = async (said: Record<string, unknown>, userInfo: Record<string, unknown> = {}) => {
    const only = { email: undefined, email_verified: undefined, ...said, sub: undefined };
    provider.userInfo = { ...userInfo, sub: 'kari' };
    const rules: AddressRule[] = [
      byEmail,
      { ...byEmail, trustsAddresses: true },
      { ...byEmail, trustsAddresses: true, emailClaim: 'preferred_username' },
    ];
    const named: unknown[] = [];
    for (const rule of rules) {
      const answer = await finish(await tokenOf(only).sign(keys.privateKey), rule);
      named.push(typeof answer === 'string' ? answer : answer.email);
    }
    return named;
  };

  it('identifies a person by an unverified address or another claim only if that is set, and only for the domains named', async () => {
    const kari = 'kari@fjord.example';
    expect(await namedBy({ email: kari })).toEqual([null, kari, null]);
    expect(await namedBy({ preferred_username: kari })).toEqual([null, null, kari]);
    expect(await namedBy({ email: 'Kari@FJORD.example' })).toEqual([null, 'Kari@FJORD.example', null]);
    for (const other of [
      'kari@elsewhere.example',
      'kari@fjord.example.elsewhere.example',
      'kari',
      'a@b@fjord.example',
    ]) {
      expect(await namedBy({ email: other, preferred_username: other })).toEqual([null, null, null]);
    }
    // email_verified: false always refuses, and email_verified is about email only.
    expect(await namedBy({ email: kari, preferred_username: kari, email_verified: false })).toEqual([null, null, null]);
    expect(await namedBy({ preferred_username: 'kari@elsewhere.example', email_verified: true })).toEqual([
      null,
      null,
      null,
    ]);
    expect(await namedBy({ email: kari }, { email: kari, email_verified: true })).toEqual([kari, kari, null]);
  });

  const cases = join(process.cwd(), '../shared/data/cases/25-oidc-claims/id-token-claims.json');
  const missing = existsSync(cases) ? '' : 'the folder of cases is not there';
  (missing ? it.skip : it)(`is understood as real providers send it${missing && `: skipped, ${missing}`}`, async () => {
    type Said = Record<string, Record<string, unknown>>;
    const { note: _, ...said } = JSON.parse(readFileSync(cases, 'utf8')) as Said & { note: unknown };
    const kari = 'kari@fjord.example';
    const named: Record<string, unknown> = {};
    for (const [name, { id_token, userinfo, ...claim }] of Object.entries(said as Said)) {
      named[name] = await namedBy(
        (id_token ?? claim) as object as Record<string, unknown>,
        userinfo as Record<string, unknown>,
      );
    }
    expect(named).toEqual({
      'entra-work-account-no-email_verified': [null, kari, null],
      'email_verified-as-text': [kari, kari, null],
      'only-preferred_username': [null, null, kari],
      'email-in-capitals': ['Kari@FJORD.example', 'Kari@FJORD.example', null],
      'verified-only-in-userinfo': [kari, kari, null],
      'says-not-verified': [null, null, null],
    });
  });

  it('may provide the address by userinfo, for the same subject only', async () => {
    const bare = await tokenOf({ email: undefined, email_verified: undefined }).sign(keys.privateKey);
    provider.userInfo = { sub: 'kari', email: 'kari@example.org', email_verified: true };
    expect(await finish(bare)).toMatchObject({ email: 'kari@example.org' });
    provider.userInfo = { sub: 'ola', email: 'ola@example.org', email_verified: true };
    expect(await finish(bare)).toBe('identity.sso-response-invalid');
  });

  it('is not requested if the metadata names another issuer, or addresses that are not allowed', async () => {
    const begin = async () => {
      const answer = await client.begin(settings(), redirect);
      return isRejection(answer) ? answer.code : 'begun';
    };
    expect(await begin()).toBe('begun');
    provider.metadata = { issuer: 'https://evil.example.org' };
    expect(await begin()).toBe('identity.sso-provider-unreachable');
    provider.metadata = { authorization_endpoint: 'javascript:alert(1)' };
    expect(await begin()).toBe('identity.sso-provider-unreachable');
    provider.metadata = { token_endpoint: 'http://169.254.169.254/latest/meta-data' };
    expect(await finish(await tokenOf().sign(keys.privateKey))).toBe('identity.sso-provider-unreachable');
  });
});

describe('an issuer that an administrator enters', () => {
  const allowed = (text: string, reach = { loopback: false, internal: [] as string[] }) =>
    allowedUrl(text, reach) !== null;
  const here = { loopback: true, internal: [] };

  it('is https, on another machine, without a password', () => {
    expect(allowed('https://login.example.org/realms/fjord')).toBe(true);
    for (const text of [
      'http://login.example.org',
      'https://u:p@login.example.org',
      'file:///etc/passwd',
      'login',
      '',
    ]) {
      expect(allowed(text)).toBe(false);
      expect(allowed(text, here)).toBe(false);
    }
  });

  it('is on this machine only if the operator allows it', () => {
    for (const text of [
      'http://127.0.0.1:4000', 'http://localhost:4000', 'https://localhost', 'http://[::1]:4000', 'https://127.0.0.2',
      'https://localhost.', 'https://login.localhost', 'https://127.1', 'https://2130706433', 'https://0x7f.1',
    ]) {
      expect([text, allowed(text)]).toEqual([text, false]);
      expect([text, allowed(text, here)]).toEqual([text, true]);
    }
  }); // prettier-ignore

  it('is not inside the network of this machine, however it is written', () => {
    for (const host of [
      '0.0.0.0', '0', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254', '100.64.0.1',
      '198.18.0.1', '224.0.0.1', '255.255.255.255', '[::]', '[::ffff:127.0.0.1]', '[::ffff:10.0.0.1]', '[::127.0.0.1]',
      '[64:ff9b::7f00:1]', '[2002:7f00:1::]', '[fe80::1]', '[fc00::1]', '[fd12:3456::1]', '[ff02::1]', '3232235777',
    ]) {
      expect([host, allowed(`https://${host}/`)]).toEqual([host, false]);
      expect([host, allowed(`https://${host}/`, here)]).toEqual([host, false]);
    }
    for (const host of ['8.8.8.8', '172.32.0.1', '[2606:4700::1111]', 'login.example.org']) {
      expect([host, allowed(`https://${host}/`)]).toEqual([host, true]);
    }
    expect(allowed('https://10.1.2.3/', { loopback: false, internal: ['10.1.2.3'] })).toBe(true);
    expect(isInternalAddress('fe80::1%eth0')).toBe(true);
  }); // prettier-ignore

  it('is not contacted if its name resolves to an internal address on connecting, unless the operator allowed it', async () => {
    const server = createServer((_, response) => response.end('here'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const asked = async (url: string, addresses: string[], internal: string[] = []) =>
      guardedFetch({ loopback: false, internal }, (_, __, answer) =>
        answer(
          null,
          addresses.map((address) => ({ address, family: 4 })),
        ),
      )(url, {}).then(
        () => 'answered',
        ({ cause }: { cause: { name: string } }) => cause.name,
      );
    try {
      const url = `https://login.fjord.example:${port}/`;
      expect(await asked(url, ['127.0.0.1'])).toBe('AddressNotAllowed');
      expect(await asked(url, ['8.8.8.8', '10.0.0.1'])).toBe('AddressNotAllowed');
      // A host that the operator allowed is contacted: only TLS fails, which this server does not speak.
      expect(await asked(url, ['127.0.0.1'], ['login.fjord.example'])).not.toMatch(/AddressNotAllowed|answered/);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
