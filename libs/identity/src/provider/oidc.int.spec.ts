import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isRejection } from '@daybook/kernel';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { allowedUrl, Oidc } from './oidc.js';

const clientId = 'daybook';
const redirect = 'http://localhost:3000/sign-in/provider';
const begun = {
  state: 'the-state',
  nonce: 'the-nonce',
  verifier: 'a verifier of more than forty-three characters, surely',
};

/** A provider that says what it is told to say: what a real one would never do. */
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

describe('what a provider answers', () => {
  let provider: CrookedProvider;
  let keys: Awaited<ReturnType<typeof generateKeyPair>>;
  const told: { name: string; code: string | null }[] = [];
  const client = new Oidc(true, (what) => told.push(what));

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
  const settings = () => ({ issuer: provider.issuer, clientId, clientSecret: 'a client secret' });
  const finish = async (idToken: string) => {
    provider.idToken = idToken;
    const answer = await client.finish(settings(), new URL(`${redirect}?code=c&state=${begun.state}`), begun);
    return isRejection(answer) ? answer.code : answer;
  };

  it('is believed when everything about it is right, and the secret goes to the token endpoint alone', async () => {
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
    expect(await finish(await tokenOf().sign(privateKey))).toBe('identity.provider-refused');
  });

  it('is refused without a signature', async () => {
    const unsigned = new UnsecuredJWT({ ...claims })
      .setIssuer(provider.issuer)
      .setAudience(clientId)
      .setSubject('kari');
    expect(await finish(unsigned.setIssuedAt().setExpirationTime('5m').encode())).toBe('identity.provider-refused');
  });

  it('is refused for another client, by another issuer, with another nonce, and when it has expired', async () => {
    for (const said of [{ aud: 'another client' }, { iss: 'https://evil.example.org' }, { nonce: 'another nonce' }]) {
      expect(await finish(await tokenOf(said).sign(keys.privateKey))).toBe('identity.provider-refused');
    }
    expect(await finish(await tokenOf({}, '-5m').sign(keys.privateKey))).toBe('identity.provider-refused');
    // What is logged names the kind of mistake and nothing that the provider said.
    expect(JSON.stringify(told)).not.toMatch(/kari|evil|nonce/);
  });

  it('counts for an address only where it says that the address is verified', async () => {
    for (const email_verified of [false, 'true', undefined]) {
      const answer = await finish(await tokenOf({ email_verified }).sign(keys.privateKey));
      expect(answer).toMatchObject({ subject: 'kari', email: null });
    }
  });

  it('may hold the address apart, and then for the same person only', async () => {
    const bare = await tokenOf({ email: undefined, email_verified: undefined }).sign(keys.privateKey);
    provider.userInfo = { sub: 'kari', email: 'kari@example.org', email_verified: true };
    expect(await finish(bare)).toMatchObject({ email: 'kari@example.org' });
    provider.userInfo = { sub: 'ola', email: 'ola@example.org', email_verified: true };
    expect(await finish(bare)).toBe('identity.provider-refused');
  });

  it('is not asked where its settings name another issuer, or addresses that are not allowed', async () => {
    const begin = async () => {
      const answer = await client.begin(settings(), redirect);
      return isRejection(answer) ? answer.code : 'begun';
    };
    expect(await begin()).toBe('begun');
    provider.metadata = { issuer: 'https://evil.example.org' };
    expect(await begin()).toBe('identity.provider-unreachable');
    provider.metadata = { authorization_endpoint: 'javascript:alert(1)' };
    expect(await begin()).toBe('identity.provider-unreachable');
    provider.metadata = { token_endpoint: 'http://169.254.169.254/latest/meta-data' };
    expect(await finish(await tokenOf().sign(keys.privateKey))).toBe('identity.provider-unreachable');
  });
});

describe('an address that an administrator gives', () => {
  const allowed = (text: string, loopbackToo = false) => allowedUrl(text, loopbackToo) !== null;

  it('is https, of another machine, without a password', () => {
    expect(allowed('https://login.example.org/realms/fjord')).toBe(true);
    for (const text of [
      'http://login.example.org',
      'https://u:p@login.example.org',
      'file:///etc/passwd',
      'login',
      '',
    ]) {
      expect(allowed(text)).toBe(false);
      expect(allowed(text, true)).toBe(false);
    }
  });

  it('is of this machine only where its operator says so', () => {
    for (const text of ['http://127.0.0.1:4000', 'http://localhost:4000', 'https://localhost', 'http://[::1]:4000']) {
      expect(allowed(text)).toBe(false);
      expect(allowed(text, true)).toBe(true);
    }
  });
});
