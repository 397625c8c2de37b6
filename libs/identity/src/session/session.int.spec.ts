import { createPool } from '@daybook/postgres';
import { testDatabase, type TestDatabase } from '@daybook/postgres/testing/database';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import type { Pool } from 'pg';
import { identityMigrations } from '../migrations.js';
import { AccessTokens, audience, issuer, signAccessToken } from './access-tokens.js';
import { emailHash, seal, unseal } from './keys.js';
import { Passwords } from './passwords.js';
import { RefreshTokens } from './refresh-tokens.js';
import { SigningKeys } from './signing-keys.js';
import { mostTries, Tries } from './tries.js';

const kari = '0190a1b2-0000-7000-8000-0000000000c1';
const tenant = '0190a1b2-0000-7000-8000-00000000a001';
const family = '0190a1b2-0000-7000-8000-0000000000f1';

describe('secrets of people', () => {
  let database: TestDatabase;
  let pool: Pool;
  beforeAll(async () => {
    database = await testDatabase(identityMigrations);
    pool = createPool(database.apiUrl, { max: 4, application: 'identity spec' });
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  describe('access tokens', () => {
    const who = { personId: kari, tenant, family };
    const sign = async (change: (jwt: SignJWT) => SignJWT, header: object = {}) => {
      const { kid, privateKey } = await new SigningKeys(pool, database.secret).active();
      const jwt = new SignJWT({ tenant, sid: family })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid, ...header })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(kari)
        .setIssuedAt()
        .setExpirationTime('5 minutes');
      return change(jwt).sign(privateKey);
    };
    const verify = (token: string) => new AccessTokens(new SigningKeys(pool, database.secret)).verify(token);

    it('are signed with one key for all processes, which only the secret opens', async () => {
      const keys = [1, 2, 3].map(() => new SigningKeys(pool, database.secret));
      const kids = await Promise.all(keys.map(async (k) => (await k.active()).kid));
      expect(new Set(kids).size).toBe(1);
      await expect(new SigningKeys(pool, 'another secret, also long enough to be one').active()).rejects.toThrow();
      const { keys: published } = await new SigningKeys(pool, database.secret).jwks();
      expect(published).toEqual([expect.objectContaining({ kid: kids[0], kty: 'EC', alg: 'ES256', use: 'sig' })]);
      expect(published[0]).not.toHaveProperty('d');
    });

    it('are verified through passport-jwt and live ten minutes', async () => {
      const { token, expiresAt } = await signAccessToken(new SigningKeys(pool, database.secret), who);
      expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(595_000);
      expect(await verify(token)).toMatchObject({ sub: kari, tenant, sid: family });
    });

    it('are refused when expired, for another audience or issuer, of another type, or incomplete', async () => {
      const past = Math.floor(Date.now() / 1000) - 1;
      expect(await verify(await sign((jwt) => jwt))).not.toBeNull();
      expect(await verify(await sign((jwt) => jwt.setExpirationTime(past)))).toBeNull();
      expect(await verify(await sign((jwt) => jwt.setAudience('somebody else')))).toBeNull();
      expect(await verify(await sign((jwt) => jwt.setIssuer('somebody else')))).toBeNull();
      expect(await verify(await sign((jwt) => jwt.setSubject('no id')))).toBeNull();
      expect(await verify(await sign((jwt) => jwt, { typ: 'JWT' }))).toBeNull();
      expect(await verify(await sign((jwt) => jwt, { kid: 'unknown' }))).toBeNull();
      const { kid, privateKey } = await new SigningKeys(pool, database.secret).active();
      const endless = await new SignJWT({ tenant, sid: family })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(kari)
        .setIssuedAt()
        .sign(privateKey);
      expect(await verify(endless)).toBeNull();
    });

    it('are not refused when it is the keys that cannot be read', async () => {
      const { token } = await signAccessToken(new SigningKeys(pool, database.secret), who);
      const broken = { query: () => Promise.reject(new Error('timeout')) } as unknown as Pool;
      await expect(new AccessTokens(new SigningKeys(broken, database.secret)).verify(token)).rejects.toThrow('keys');
    });

    it('are refused unsigned, signed with another key, or with the public key as a shared secret', async () => {
      const { kid } = await new SigningKeys(pool, database.secret).active();
      const claims = { tenant, sid: family, sub: kari, iss: issuer, aud: audience };
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

  describe('passwords', () => {
    it('are Argon2id hashes, found by a keyed hash of the address', async () => {
      const passwords = new Passwords(pool, database.secret);
      await passwords.set(kari, 'Kari@Example.org', 'a good long password');
      const { rows } = await pool.query<Record<string, unknown>>('select * from identity.credentials');
      expect(String(rows[0]?.['password_hash'])).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
      expect(JSON.stringify(rows)).not.toContain('xample');
      expect(emailHash(database.secret, 'x@y.no')).not.toEqual(emailHash('another', 'x@y.no'));
      expect(await passwords.check(' kari@example.ORG', 'a good long password')).toBe(kari);
      expect(await passwords.check('kari@example.org', 'a wrong long password')).toBeNull();
      expect(await passwords.check('nobody@example.org', 'a good long password')).toBeNull();
      await passwords.set(kari, 'kari@example.org', 'not taken: there is one');
      expect(await passwords.check('kari@example.org', 'a good long password')).toBe(kari);
    });
  });

  describe('refresh tokens', () => {
    const tokens = () => new RefreshTokens(pool);

    it('are kept as hashes and good for one use each', async () => {
      const first = await tokens().open(kari, tenant);
      expect(first.maxAgeSeconds).toBeGreaterThan(6 * 86_400);
      const { rows } = await pool.query('select hash from identity.refresh_tokens');
      expect(JSON.stringify(rows)).not.toContain(first.token);
      const second = await tokens().rotate(first.token, tenant);
      expect(second).toMatchObject({ family: first.family, personId: kari, tenant });
      expect(await tokens().rotate(second?.token ?? '', tenant)).not.toBeNull();
    });

    it('end the whole family when one comes twice', async () => {
      const first = await tokens().open(kari, tenant);
      const second = await tokens().rotate(first.token, tenant);
      expect(await tokens().rotate(first.token, tenant)).toBeNull();
      expect(await tokens().rotate(second?.token ?? '', tenant)).toBeNull();
    });

    it('let only one of two uses at once through', async () => {
      const { token } = await tokens().open(kari, tenant);
      const outcomes = await Promise.all([tokens().rotate(token, tenant), tokens().rotate(token, tenant)]);
      expect(outcomes.filter((o) => o !== null)).toHaveLength(1);
    });

    it('know nothing of a made-up token, and revoke nothing for it', async () => {
      const { token } = await tokens().open(kari, tenant);
      expect(await tokens().rotate('made up', tenant)).toBeNull();
      expect(await tokens().look(token)).toEqual({ personId: kari, tenant });
      expect(await tokens().close(token)).toBe(true);
      expect(await tokens().look(token)).toBeNull();
    });

    it('end for all other sessions of the person', async () => {
      const [mine, other] = [await tokens().open(kari, tenant), await tokens().open(kari, tenant)];
      await tokens().closeOthers(kari, mine.token);
      expect(await tokens().look(mine.token)).not.toBeNull();
      expect(await tokens().look(other.token)).toBeNull();
    });
  });

  describe('tries to sign in', () => {
    const key = (text: string) => ({ key: Buffer.from(text), most: mostTries });

    it('pause after ten, for good tries too, and say for how long', async () => {
      const tries = new Tries(pool);
      for (let i = 0; i < mostTries; i++) expect(await tries.take([key('a')])).toBeNull();
      const paused = await tries.take([key('a')]);
      expect(paused).toMatchObject({ code: 'identity.too-many-tries', status: 429 });
      const wait = Number(paused?.details['retryAfterSeconds']);
      expect(wait).toBeGreaterThan(890);
      expect(wait).toBeLessThanOrEqual(900);
      expect(await tries.take([key('b'), key('a')])).toMatchObject({ status: 429 });
      expect(await tries.take([key('b')])).toBeNull();
    });

    it('start anew after the pause, and after a good password', async () => {
      const tries = new Tries(pool);
      for (let i = 0; i <= mostTries; i++) await tries.take([key('c')]);
      await pool.query(`update identity.sign_in_tries set paused_until = now() - interval '1 second'`);
      expect(await tries.take([key('c')])).toBeNull();
      for (let i = 0; i < mostTries - 1; i++) await tries.take([key('d')]);
      await tries.forget([key('d')]);
      for (let i = 0; i < mostTries; i++) expect(await tries.take([key('d')])).toBeNull();
    });

    it('count each of many at once', async () => {
      const tries = new Tries(pool);
      const outcomes = await Promise.all(Array.from({ length: 15 }, () => tries.take([key('e'), key('f')])));
      expect(outcomes.filter((o) => o === null)).toHaveLength(mostTries);
    });
  });

  it('sealed bytes open with their secret and purpose only', () => {
    const sealed = seal(database.secret, 'signing-key', Buffer.from('clear'));
    expect(sealed.toString()).not.toContain('clear');
    expect(unseal(database.secret, 'signing-key', sealed).toString()).toBe('clear');
    expect(() => unseal(database.secret, 'another purpose', sealed)).toThrow();
    sealed[sealed.length - 1]! ^= 1;
    expect(() => unseal(database.secret, 'signing-key', sealed)).toThrow();
  });
});
