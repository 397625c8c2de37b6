import { randomUUID } from 'node:crypto';
import { isRejection } from '@daybook/kernel';
import { createPool, inRoom } from '@daybook/postgres';
import { testDatabase, type TestDatabase } from '@daybook/postgres/testing/database';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { identityMigrations } from '../migrations.js';
import { Links } from '../link/links.js';
import { AccessTokens, amrOf, audience, issuer, signAccessToken } from './access-tokens.js';
import { emailHash, seal, unseal } from './keys.js';
import { hashOfNobody, hashPassword, Passwords } from './passwords.js';
import { successorOf } from './keys.js';
import { familyDays, type RefreshToken, RefreshTokens, repeatSeconds } from './refresh-tokens.js';
import { SessionCheck, SessionRows } from './session-rows.js';
import { publishedBeforeMs, SigningKeys, signsForMs, verifiesAfterMs } from './signing-keys.js';
import { mostTries, pauseMinutes, Tries } from './tries.js';

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

  /** Secret tables show nothing outside their room. */
  const ask = <R extends QueryResultRow>(sql: string, values: unknown[] = []) =>
    inRoom(pool, 'identity', async (client) => (await client.query<R>(sql, values)).rows);

  describe('access tokens', () => {
    const who = {
      personId: kari,
      tenant,
      family,
      authTime: '2026-11-21T10:00:00Z',
      methods: ['password', 'totp'],
    } as const;
    const sign = async (change: (jwt: SignJWT) => SignJWT, header: object = {}) => {
      const { kid, privateKey } = await new SigningKeys(pool, database.secret).active();
      const jwt = new SignJWT({ tenant, sid: family, auth_time: 1, amr: [] })
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
      expect(amrOf(['provider-mfa'])).toContain('mfa');
      expect([...amrOf(['password']), ...amrOf(['provider'])]).not.toContain('mfa');
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
      const { kid, privateKey } = await new SigningKeys(pool, database.secret).active();
      const endless = await new SignJWT({ tenant, sid: family, auth_time: 1, amr: [] })
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
      const broken = { connect: () => Promise.reject(new Error('timeout')) } as unknown as Pool;
      await expect(new AccessTokens(new SigningKeys(broken, database.secret)).verify(token)).rejects.toThrow('keys');
    });

    it('are refused with alg none, signed with a wrong key, or with the public key as a shared secret', async () => {
      const { kid } = await new SigningKeys(pool, database.secret).active();
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

  describe('passwords', () => {
    it('are Argon2id hashes, found by a keyed hash of the address', async () => {
      const passwords = new Passwords(pool, database.secret);
      await passwords.set(kari, 'Kari@Example.org', 'a good long password');
      const rows = await ask('select * from identity.credentials');
      expect(String(rows[0]?.['password_hash'])).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
      expect(JSON.stringify(rows)).not.toContain('xample');
      expect(emailHash(database.secret, 'x@y.no')).not.toEqual(emailHash('another', 'x@y.no'));
      expect(await passwords.check(' kari@example.ORG', 'a good long password')).toBe(kari);
      expect(await passwords.check('kari@example.org', 'a wrong long password')).toBeNull();
      expect(await passwords.check('nobody@example.org', 'a good long password')).toBeNull();
      await passwords.set(kari, 'kari@example.org', 'not taken: there is one');
      expect(await passwords.check('kari@example.org', 'a good long password')).toBe(kari);
    });

    it('end the sessions and void the links of the one before in the same step as they change', async () => {
      const passwords = new Passwords(pool, database.secret);
      const [person, email] = [randomUUID(), `${randomUUID()}@example.org`];
      await passwords.set(person, email, 'a good long password');
      const [mine, other] = [await open(person), await open(person)];
      const links = new Links(pool, database.secret);
      const link = { purpose: 'email', holderId: person, tenant, minutes: 5, carried: { email } } as const;
      const token = await links.make(link);
      const change = (keys: Passwords) =>
        keys.change(person, 'another long password', { reason: 'password-changed', except: mine.family });
      // A process that dies on the way leaves all as it was.
      const dying = new Proxy(pool, {
        get: (target, name) =>
          name === 'connect'
            ? async () => {
                const client = await target.connect();
                const query = client.query.bind(client) as (...given: unknown[]) => unknown;
                return Object.assign(Object.create(client) as typeof client, {
                  query: (...given: unknown[]) => {
                    if (String(given[0]).includes('identity.sessions')) throw new Error('died');
                    return query(...given);
                  },
                  release: () => client.release(),
                });
              }
            : (Reflect.get(target, name) as unknown),
      });
      await expect(change(new Passwords(dying, database.secret))).rejects.toThrow('died');
      expect(await passwords.check(email, 'a good long password')).toBe(person);
      expect(await change(passwords)).toEqual([{ sessionId: other.family, tenant, personId: person }]);
      expect(await passwords.check(email, 'another long password')).toBe(person);
      expect(await sessions().list(person)).toMatchObject([{ session_id: mine.family }]);
      expect(await links.look('email', token)).toMatchObject({ code: 'identity.link-not-good' });
    });

    it('take one Argon2 verification for an unknown address as for a wrong password: no time tells them apart', async () => {
      const hashes: string[] = [];
      const passwords = new Passwords(pool, database.secret, async (hash) => {
        hashes.push(hash);
        return false;
      });
      await passwords.check('kari@example.org', 'a wrong long password');
      await passwords.check('nobody@example.org', 'a wrong long password');
      await passwords.checkOf(family, 'a wrong long password');
      expect(hashes).toHaveLength(3);
      // Nothing is made when the first unknown address comes, and it costs what a password set today costs.
      expect(hashes.slice(1)).toEqual([hashOfNobody, hashOfNobody]);
      expect((await hashPassword('any')).split('$').slice(0, 4)).toEqual(hashOfNobody.split('$').slice(0, 4));
      expect(new Set(hashes.map((hash) => hash.split('$').slice(0, 4).join('$'))).size).toBe(1);
    });

    it('show nothing outside the room of identity', async () => {
      for (const table of ['credentials', 'refresh_tokens', 'sign_in_tries', 'signing_keys', 'sessions', 'totp']) {
        expect((await pool.query(`select from identity.${table}`)).rowCount).toBe(0);
      }
      expect((await ask('select from identity.credentials')).length).toBeGreaterThan(0);
    });
  });

  describe('signing keys', () => {
    let now = Date.now();
    const process = () => new SigningKeys(pool, database.secret, () => now);
    const published = async (keys: SigningKeys) => (await keys.jwks()).keys.map(({ kid }) => kid);

    it('rotate after 90 days: the next is published before it signs, the old one verifies until its tokens ended', async () => {
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

  const seen = { device: 'Firefox on Linux', address: '192.0.2.7' };
  const tokens = () => new RefreshTokens(pool, database.secret);
  const sessions = () => new SessionRows(pool);
  /** Until somebody waits for what this transaction holds. */
  const waitedFor = async (client: PoolClient): Promise<void> => {
    const sql = 'select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))';
    while ((await client.query(sql)).rowCount === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
  const signIn = (personId = kari, more: { until?: string; passwordSetAt?: string } = {}) =>
    tokens().open({
      ...seen,
      ...{ sessionId: randomUUID(), personId, tenant, methods: ['password'], until: inDays(familyDays) },
      ...more,
    });
  const open = async (personId = kari) => {
    const opened = await signIn(personId);
    if (opened === null) throw new Error('The session was not opened');
    return opened;
  };
  const rotated = async (token: string, to = tenant): Promise<RefreshToken | null> => {
    const next = await tokens().rotate(token, to, seen);
    return 'refused' in next ? null : next;
  };

  const later = () =>
    ask(`update identity.refresh_tokens set used_at = used_at - interval '${repeatSeconds + 1} seconds'`);

  describe('refresh tokens', () => {
    it('are kept as hashes and good for one use each', async () => {
      const first = await open();
      expect(first.maxAgeSeconds).toBeGreaterThan(6 * 86_400);
      const rows = await ask('select hash from identity.refresh_tokens');
      expect(JSON.stringify(rows)).not.toContain(first.token);
      const second = await rotated(first.token);
      expect(second).toMatchObject({ family: first.family, personId: kari, tenant, authTime: first.authTime });
      expect(await rotated(second?.token ?? '')).not.toBeNull();
    });

    it('end the whole family when one is reused, and say which sessions that were', async () => {
      const first = await open();
      const second = await rotated(first.token);
      await later();
      const reused = await tokens().rotate(first.token, tenant, seen);
      expect(reused).toMatchObject({ refused: true, ended: [{ sessionId: first.family, tenant, personId: kari }] });
      expect(await rotated(second?.token ?? '')).toBeNull();
      expect(await new SessionCheck(pool).look(first.family, tenant)).toBeNull();
    });

    it('last no longer than was said when the session began', async () => {
      const until = inDays(2);
      const first = await signIn(kari, { until });
      const next = await rotated(first?.token ?? '');
      for (const one of [first, next]) {
        expect(one?.until).toBe(until);
        expect(one?.maxAgeSeconds).toBeLessThanOrEqual(2 * 86_400);
      }
    });

    it('are not given for a password that was changed while the sign-in was under way', async () => {
      const [passwords, person] = [new Passwords(pool, database.secret), randomUUID()];
      await passwords.set(person, `${person}@example.org`, 'a good long password');
      const proved = await passwords.prove(`${person}@example.org`, 'a good long password');
      expect(proved?.personId).toBe(person);
      expect(await signIn(person, { passwordSetAt: proved?.setAt ?? '' })).not.toBeNull();
      await passwords.change(person, 'another long password', { reason: 'password-changed' });
      expect(await signIn(person, { passwordSetAt: proved?.setAt ?? '' })).toBeNull();
      expect(await sessions().list(person)).toEqual([]);
    });

    it('are refused when expired', async () => {
      const { token, family: expired } = await open();
      await ask(`update identity.refresh_tokens set expires_at = now() - interval '1 second' where family = $1`, [
        expired,
      ]);
      expect(await tokens().look(token)).toBeNull();
      expect(await rotated(token)).toBeNull();
    });

    it('give one successor to two uses at once, and to a repeat whose first answer was lost', async () => {
      const { token, family } = await open();
      const outcomes = await Promise.all([rotated(token), rotated(token), rotated(token)]);
      const [next] = outcomes;
      expect(next?.token).not.toBe(token);
      expect(outcomes.map((one) => one?.token)).toEqual([next?.token, next?.token, next?.token]);
      expect((await rotated(token))?.token).toBe(next?.token);
      expect(await tokens().look(token)).toMatchObject({ personId: kari, tenant, family });
      const rows = await ask('select hash, next_hash from identity.refresh_tokens where family = $1', [family]);
      expect(rows).toHaveLength(2);
      expect(JSON.stringify(rows)).not.toContain(next?.token);
    });

    it('answer a repeat for the tenant that it asks for', async () => {
      const south = '0190a1b2-0000-7000-8000-00000000a002';
      const { token } = await open();
      const first = await rotated(token);
      const other = await tokens().rotate(token, south, seen);
      expect(other).toMatchObject({ token: first?.token, tenant: south });
      expect(await tokens().look(first?.token ?? '')).toMatchObject({ tenant: south });
    });

    it('take a repeat for theft once its successor was used, or half a minute is over', async () => {
      const used = await open();
      const next = await rotated(used.token);
      expect(await rotated(next?.token ?? '')).not.toBeNull();
      expect(await tokens().rotate(used.token, tenant, seen)).toMatchObject({ refused: true, ended: [{ tenant }] });
      const late = await open();
      await rotated(late.token);
      await later();
      expect(await tokens().look(late.token)).toBeNull();
      expect(await tokens().rotate(late.token, tenant, seen)).toMatchObject({ refused: true, ended: [{ tenant }] });
    });

    it('cannot be told from the one before without the secret', async () => {
      const { token } = await open();
      const next = await rotated(token);
      expect(successorOf('another secret of more than thirty-two characters', token)).not.toBe(next?.token);
    });

    it('answer nobody again after the session has ended or expired', async () => {
      const [ended, expired] = [await open(), await open()];
      for (const { token } of [ended, expired]) await rotated(token);
      await tokens().close(ended.token, 'signed-out');
      await ask(`update identity.refresh_tokens set expires_at = now() where family = $1`, [expired.family]);
      for (const { token } of [ended, expired]) expect(await rotated(token)).toBeNull();
    });

    it('are replaced for their own session alone, and by one successor for two at once', async () => {
      const [first, other] = [await open(), await open()];
      expect(await tokens().replace(first.token, other.family)).toBeNull();
      const replaced = await Promise.all([0, 1].map(() => tokens().replace(first.token, first.family)));
      // Of two at once the second finds nothing to replace, or the same successor.
      const next = replaced.find((one) => one !== null);
      expect(new Set(replaced.flatMap((one) => one?.token ?? []))).toEqual(new Set([next?.token]));
      expect(await tokens().rotate(first.token, tenant, seen)).toEqual({ refused: true, ended: [], replaced: true });
      expect(await rotated(next?.token ?? '')).toMatchObject({ family: first.family, tenant });
      expect(await tokens().replace(first.token, first.family)).toBeNull();
    });

    it('are replaced by the same one again where the answer was lost, until that one is used', async () => {
      const { token, family } = await open();
      const lost = await tokens().replace(token, family);
      expect((await tokens().replace(token, family))?.token).toBe(lost?.token);
      expect(await tokens().rotate(token, tenant, seen)).toEqual({ refused: true, ended: [], replaced: true });
      expect(await rotated(lost?.token ?? '')).toMatchObject({ family });
      expect(await tokens().replace(token, family)).toBeNull();
    });

    it('know nothing of a made-up token, and end nothing for it', async () => {
      const { token, family: made } = await open();
      expect(await tokens().rotate('made up', tenant, seen)).toEqual({ refused: true, ended: [], replaced: false });
      expect(await tokens().look(token)).toEqual({ personId: kari, tenant, family: made, methods: ['password'] });
      expect(await tokens().close(token, 'signed-out')).toHaveLength(1);
      expect(await tokens().look(token)).toBeNull();
    });
  });

  describe('sessions', () => {
    const south = '0190a1b2-0000-7000-8000-00000000a002';

    it('end one by one or all but one, and their tokens with them', async () => {
      const person = randomUUID();
      const [mine, other, third] = [await open(person), await open(person), await open(person)];
      expect(await sessions().list(person)).toHaveLength(3);
      expect(await sessions().end({ personId: person, sessionId: third.family }, 'ended-by-person')).toHaveLength(1);
      const ended = await sessions().end({ personId: person, except: mine.family }, 'password-changed');
      expect(ended).toEqual([{ sessionId: other.family, tenant, personId: person }]);
      expect(await tokens().look(mine.token)).not.toBeNull();
      expect(await tokens().look(other.token)).toBeNull();
      expect(await sessions().list(person)).toMatchObject([{ session_id: mine.family, ...seen }]);
    });

    it('end while they are renewed, and neither of the two fails', async () => {
      const { token, family: renewed } = await open();
      // As ending does it, one statement after the other, and a renewal in between.
      const renewing = await inRoom(pool, 'identity', async (client) => {
        await client.query('update identity.sessions set ended_at = now() where session_id = $1', [renewed]);
        const outcome = tokens().rotate(token, tenant, seen);
        await waitedFor(client);
        await client.query('update identity.refresh_tokens set revoked_at = now() where family = $1', [renewed]);
        return { outcome };
      });
      expect(await renewing.outcome).toMatchObject({ refused: true, ended: [] });
    });

    it('of somebody else are not ended', async () => {
      const { family: theirs } = await open();
      expect(await sessions().end({ personId: randomUUID(), sessionId: theirs }, 'ended-by-person')).toEqual([]);
      expect(await new SessionCheck(pool).look(theirs, tenant)).not.toBeNull();
    });

    it('go on to other tenants, and end in one without ending in the other', async () => {
      const person = randomUUID();
      const first = await open(person);
      const there = await rotated(first.token, south);
      expect(there).toMatchObject({ tenant: south, entered: seen.device, authTime: first.authTime });
      const back = await rotated(there?.token ?? '');
      expect(back?.entered).toBeNull();
      await sessions().end({ personId: person, tenant }, 'deactivated');
      const check = new SessionCheck(pool);
      expect(await check.look(first.family, tenant)).toBeNull();
      expect(await check.look(first.family, south)).toMatchObject({ personId: person });
      expect(await rotated(back?.token ?? '', tenant)).toBeNull();
    });

    it('are asked for together when requests come together, and note their use once a minute', async () => {
      const opened = await Promise.all([open(), open(), open()]);
      await ask(`update identity.sessions set last_seen_at = now() - interval '2 minutes' where session_id = $1`, [
        opened[0].family,
      ]);
      const count = { questions: 0, notes: 0 };
      const counting = {
        query: (statement: never) => ((count.questions += 1), pool.query(statement)),
        connect: () => ((count.notes += 1), pool.connect()),
      } as unknown as Pool;
      const check = new SessionCheck(counting);
      const lookAll = () => Promise.all([...opened, ...opened].map(({ family: one }) => check.look(one, tenant)));
      expect((await lookAll()).every((one) => one?.personId === kari)).toBe(true);
      expect(count).toEqual({ questions: 1, notes: 1 });
      await lookAll();
      expect(count).toEqual({ questions: 2, notes: 1 });
      const [row] = await ask<{ fresh: boolean }>(
        `select last_seen_at > now() - interval '1 minute' as fresh from identity.sessions where session_id = $1`,
        [opened[0].family],
      );
      expect(row?.fresh).toBe(true);
      expect(() => check.look(`'; drop table x; --`, tenant)).toThrow('by ids');
    });

    it('take a fresh time of confirming, in every tenant they lead to', async () => {
      const { token, family: confirmed } = await open();
      await rotated(token, south);
      await ask(`update identity.sessions set auth_time = now() - interval '1 day' where session_id = $1`, [confirmed]);
      const row = await sessions().confirm(confirmed, south, 'totp');
      expect(row?.methods).toEqual(['password', 'totp']);
      expect(Date.now() - Date.parse(row?.auth_time ?? '')).toBeLessThan(60_000);
      await sessions().end({ personId: kari, sessionId: confirmed }, 'signed-out');
      expect(await sessions().confirm(confirmed, south, 'totp')).toBeNull();
    });

    it('are not confirmed on beyond their time', async () => {
      const session = await signIn(kari, { until: inDays(-1) });
      expect(await sessions().confirm(session?.family ?? '', tenant, 'password')).toBeNull();
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
      await ask(`update identity.sign_in_tries set paused_until = now() - interval '1 second'`);
      expect(await tries.take([key('c')])).toBeNull();
      for (let i = 0; i < mostTries - 1; i++) await tries.take([key('d')]);
      await tries.forget([key('d')]);
      for (let i = 0; i < mostTries; i++) expect(await tries.take([key('d')])).toBeNull();
    });

    it('pause twice as long each time, up to a day, until a good sign-in or a quiet day', async () => {
      const tries = new Tries(pool);
      const pause = async (): Promise<number> => {
        for (let i = 0; i < mostTries; i++) await tries.take([key('g')]);
        const paused = await tries.take([key('g')]);
        await ask(`update identity.sign_in_tries set paused_until = now() - interval '1 second' where key = $1`, [
          key('g').key,
        ]);
        return Math.round(Number(paused?.details['retryAfterSeconds']) / 60);
      };
      const pauses: number[] = [];
      for (let i = 0; i < 8; i++) pauses.push(await pause());
      expect(pauses).toEqual([15, 30, 60, 120, 240, 480, 960, 1440]);
      await ask(`update identity.sign_in_tries set paused_until = now() - interval '25 hours' where key = $1`, [
        key('g').key,
      ]);
      expect(await pause()).toBe(pauseMinutes);
      await tries.forget([key('g')]);
      expect(await pause()).toBe(pauseMinutes);
    });

    it('survive a restart: another process goes on counting', async () => {
      for (let i = 0; i < mostTries; i++) expect(await new Tries(pool).take([key('h')])).toBeNull();
      expect(isRejection(await new Tries(pool).take([key('h')]))).toBe(true);
    });

    it('are given back for an address that many share, without room for more', async () => {
      const tries = new Tries(pool);
      for (let i = 0; i < 2 * mostTries; i++) {
        expect(await tries.take([key('i')])).toBeNull();
        await tries.giveBack([key('i')]);
      }
      for (let i = 0; i < mostTries; i++) expect(await tries.take([key('i')])).toBeNull();
      expect(await tries.take([key('i')])).not.toBeNull();
    });

    it('are forgotten without waiting for those that are counted just now', async () => {
      const tries = new Tries(pool);
      await tries.take([key('k'), key('l')]);
      await ask(`update identity.sign_in_tries set first_at = now() - interval '2 days'`);
      await inRoom(pool, 'identity', async (client) => {
        await client.query('update identity.sign_in_tries set tries = 1 where key = $1', [key('l').key]);
        const waited = new Promise((_, fail) => setTimeout(() => fail(new Error('It waits')), 2_000).unref());
        await Promise.race([tries.forget([key('k')]), waited]);
      });
      const left = await ask<{ key: Buffer }>('select key from identity.sign_in_tries');
      const names = left.map((row) => row.key.toString());
      expect(['k', 'l'].filter((name) => names.includes(name))).toEqual(['l']);
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
