import crypto from 'node:crypto';
import { mock } from 'node:test';
import { entityManager } from '@daybook/postgres';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import type { Pool } from 'pg';
import { identityEntities } from '../entities.js';
import { family, kari, identityDatabase, tenant } from '../testing/identity-database.js';
import {
  AccessTokens,
  accessTokenSeconds,
  passportOptions,
  amrOf,
  audience,
  issuer,
  signAccessToken,
} from './access-tokens.js';
import { seal, unseal } from './secret-sealing.js';
import { publishedBeforeMs, SigningKeys, signsForMs, verifiesAfterMs } from './signing-keys.js';

const people = identityDatabase();

describe('access tokens', () => {
  const who = {
    personId: kari,
    tenant,
    family,
    authTime: '2026-11-21T10:00:00Z',
    methods: ['password', 'totp'],
  } as const;
  const sign = async (change: (jwt: SignJWT) => SignJWT, header: object = {}) => {
    const { kid, privateKey } = await new SigningKeys({ em: people.em, secret: people.secret }).active();
    const jwt = new SignJWT({ tenant, sid: family, auth_time: 1, amr: [] })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid, ...header })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(kari)
      .setIssuedAt()
      .setExpirationTime('5 minutes');
    return change(jwt).sign(privateKey);
  };
  const verify = (token: string) =>
    new AccessTokens({
      keys: new SigningKeys({ em: people.em, secret: people.secret }),
      passport: passportOptions,
    }).verify(token);

  it('are signed with one key that all processes share and only the secret unseals', async () => {
    const keys = [1, 2, 3].map(() => new SigningKeys({ em: people.em, secret: people.secret }), passportOptions);
    const kids = await Promise.all(keys.map(async (k) => (await k.active()).kid));
    expect(new Set(kids).size).toBe(1);
    await expect(
      new SigningKeys({ em: people.em, secret: 'another secret, also long enough to be one' }).active(),
    ).rejects.toThrow();
    const { keys: published } = await new SigningKeys({ em: people.em, secret: people.secret }).jwks();
    expect(published).toEqual([expect.objectContaining({ kid: kids[0], kty: 'EC', alg: 'ES256', use: 'sig' })]);
    expect(published[0]).not.toHaveProperty('d');
  });

  it('are verified through passport-jwt and live ten minutes', async () => {
    const { token, expiresAt } = await signAccessToken(new SigningKeys({ em: people.em, secret: people.secret }), who);
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(595_000);
    expect(await verify(token)).toMatchObject({
      sub: kari,
      tenant,
      sid: family,
      auth_time: Date.parse(who.authTime) / 1000,
      amr: ['pwd', 'otp', 'mfa'],
    });
  });

  it('name two factors for a passkey, and one for a password or a provider', () => {
    expect(amrOf(['passkey'])).toContain('mfa');
    expect(amrOf(['sso-mfa'])).toContain('mfa');
    expect([...amrOf(['password']), ...amrOf(['sso'])]).not.toContain('mfa');
  });

  it('are refused when expired, for the wrong audience or issuer, of another type, or incomplete', async () => {
    const past = Math.floor(Date.now() / 1000) - 1;
    expect(await verify(await sign((jwt) => jwt))).not.toBeNull();
    expect(await verify(await sign((jwt) => jwt.setExpirationTime(past)))).toBeNull();
    expect(await verify(await sign((jwt) => jwt.setAudience('somebody else')))).toBeNull();
    expect(await verify(await sign((jwt) => jwt.setIssuer('somebody else')))).toBeNull();
    expect(await verify(await sign((jwt) => jwt.setSubject('no id')))).toBeNull();
    expect(await verify(await sign((jwt) => jwt, { typ: 'JWT' }))).toBeNull();
    expect(await verify(await sign((jwt) => jwt, { kid: 'unknown' }))).toBeNull();
    const { kid, privateKey } = await new SigningKeys({ em: people.em, secret: people.secret }).active();
    const endless = await new SignJWT({ tenant, sid: family, auth_time: 1, amr: [] })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(kari)
      .setIssuedAt()
      .sign(privateKey);
    expect(await verify(endless)).toBeNull();
  });

  it('are not refused when the signing keys cannot be read', async () => {
    const { token } = await signAccessToken(new SigningKeys({ em: people.em, secret: people.secret }), who);
    const broken = { options: {}, connect: () => Promise.reject(new Error('timeout')) } as unknown as Pool;
    await expect(
      new AccessTokens({
        keys: new SigningKeys({ em: entityManager(broken, identityEntities), secret: people.secret }),
        passport: passportOptions,
      }).verify(token),
    ).rejects.toThrow('timeout');
  });

  it('are refused with alg none, signed with a wrong key, or with the public key as a shared secret', async () => {
    const { kid } = await new SigningKeys({ em: people.em, secret: people.secret }).active();
    const claims = { tenant, sid: family, sub: kari, iss: issuer, aud: audience, iat: 1, auth_time: 1, amr: [] };
    expect(await verify(new UnsecuredJWT(claims).setExpirationTime('5 minutes').encode())).toBeNull();
    const foreign = await generateKeyPair('ES256');
    const header = { alg: 'ES256', typ: 'at+jwt', kid };
    const forged = await new SignJWT(claims)
      .setProtectedHeader(header)
      .setExpirationTime('5 minutes')
      .sign(foreign.privateKey);
    expect(await verify(forged)).toBeNull();
    const publicKey = Buffer.from(JSON.stringify(await exportJWK(foreign.publicKey)));
    const confused = await new SignJWT(claims)
      .setProtectedHeader({ ...header, alg: 'HS256' })
      .setExpirationTime('5 minutes')
      .sign(publicKey);
    expect(await verify(confused)).toBeNull();
    expect(await verify('no token at all')).toBeNull();
  });
});

describe('an access token that was verified before', () => {
  afterEach(() => mock.restoreAll());
  const who = { personId: kari, tenant, family, authTime: '2026-11-21T10:00:00Z', methods: ['password'] } as const;
  let now = Date.now();
  const api = () => {
    const keys = new SigningKeys({ em: people.em, secret: people.secret }, () => now);
    return { keys, tokens: new AccessTokens({ keys, passport: passportOptions }) };
  };
  const signed = async () => (await signAccessToken(api().keys, who)).token;
  const verifications = () => mock.method(crypto, 'createVerify').mock;

  it('has its signature verified once per process, however many requests come with it', async () => {
    const [token, other] = [await signed(), (await signAccessToken(api().keys, { ...who, personId: tenant })).token];
    const { tokens } = api();
    const verified = verifications();
    const answers = await Promise.all([1, 2, 3].map(() => tokens.verify(token)));
    expect([...answers, await tokens.verify(token)].map((claims) => claims?.sub)).toEqual([kari, kari, kari, kari]);
    expect(verified.callCount()).toBe(1);
    expect((await tokens.verify(other))?.sub).toBe(tenant);
    expect(verified.callCount()).toBe(2);
  });

  it('is verified each time while its signature is wrong', async () => {
    const [head, body, signature = ''] = (await signed()).split('.');
    const forged = [head, body, signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))].join('.');
    const { tokens } = api();
    const verified = verifications();
    expect([await tokens.verify(forged), await tokens.verify(forged)]).toEqual([null, null]);
    expect(verified.callCount()).toBe(2);
  });

  it('is refused as soon as it has expired', async () => {
    const token = await signed();
    const { tokens } = api();
    expect(await tokens.verify(token)).not.toBeNull();
    const later = Date.now() + accessTokenSeconds * 1_000;
    mock.method(Date, 'now', () => later);
    expect(await tokens.verify(token)).toBeNull();
  });

  it('is refused once its key was rotated away, or withdrawn', async () => {
    const { keys, tokens } = api();
    const token = await signed();
    expect(await tokens.verify(token)).not.toBeNull();
    const verified = verifications();
    now += signsForMs - publishedBeforeMs;
    expect((await keys.jwks()).keys).toHaveLength(2);
    expect(await tokens.verify(token)).not.toBeNull();
    expect(verified.callCount()).toBe(0);
    now += publishedBeforeMs + verifiesAfterMs;
    expect(await tokens.verify(token)).toBeNull();
    const current = await signed();
    expect(await tokens.verify(current)).not.toBeNull();
    await people.ask('delete from identity.signing_keys');
    now += 60_000;
    expect(await tokens.verify(current)).toBeNull();
    now = Date.now();
  });
});

describe('signing keys', () => {
  let now = Date.now();
  const process = () => new SigningKeys({ em: people.em, secret: people.secret }, () => now);
  const published = async (keys: SigningKeys) => (await keys.jwks()).keys.map(({ kid }) => kid);

  it('rotate after 90 days: the next is published before it signs, the old one verifies until its tokens expire', async () => {
    const [one, other] = [process(), process()];
    const first = (await one.active()).kid;
    now = Date.now() + signsForMs - publishedBeforeMs - 3 * 60_000;
    expect(await published(one)).toEqual([first]);
    now += 4 * 60_000;
    expect(await published(other)).toHaveLength(2);
    now += 60_000;
    const both = await published(one);
    expect(both[0]).toBe(first);
    const next = both[1];
    expect([(await one.active()).kid, (await other.active()).kid]).toEqual([first, first]);
    now += publishedBeforeMs;
    expect([(await one.active()).kid, (await other.active()).kid]).toEqual([next, next]);
    expect(await one.publicKey(first)).not.toBeNull();
    now += verifiesAfterMs;
    expect(await published(other)).toEqual([next]);
    expect(await other.publicKey(first)).toBeNull();
  });
});

it('sealed bytes can be unsealed only with their own secret and purpose', () => {
  const sealed = seal(people.secret, 'signing-key', Buffer.from('clear'));
  expect(sealed.toString()).not.toContain('clear');
  expect(unseal(people.secret, 'signing-key', sealed).toString()).toBe('clear');
  expect(() => unseal(people.secret, 'another purpose', sealed)).toThrow();
  sealed[sealed.length - 1]! ^= 1;
  expect(() => unseal(people.secret, 'signing-key', sealed)).toThrow();
});
