import { entityManager } from '@daybook/postgres';
import { randomUUID } from 'node:crypto';
import { EmailLinks } from '../email-link/email-links.js';
import { identityEntities } from '../entities.js';
import { family, kari, identityDatabase, tenant } from '../testing/identity-database.js';
import { emailHash } from './secret-sealing.js';
import { hashOfNobody, hashPassword, Passwords } from './passwords.js';
import { SigningKeys } from './signing-keys.js';
import { maxAttempts, LoginThrottle } from './login-throttle.js';

const people = identityDatabase();
const { ask, sessions, open } = people;

describe('passwords', () => {
  it('are Argon2id hashes, found by a keyed hash of the address', async () => {
    const passwords = new Passwords({ em: people.em, secret: people.secret });
    await passwords.set(kari, 'Kari@Example.org', 'a good long password');
    const rows = await ask('select * from identity.credentials');
    expect(String(rows[0]?.['password_hash'])).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(JSON.stringify(rows)).not.toContain('xample');
    expect(emailHash(people.secret, 'x@y.no')).not.toEqual(emailHash('another', 'x@y.no'));
    expect(await passwords.check(' kari@example.ORG', 'a good long password')).toBe(kari);
    expect(await passwords.check('kari@example.org', 'a wrong long password')).toBeNull();
    expect(await passwords.check('nobody@example.org', 'a good long password')).toBeNull();
    await passwords.set(kari, 'kari@example.org', 'not taken: there is one');
    expect(await passwords.check('kari@example.org', 'a good long password')).toBe(kari);
  });

  it('end sessions and e-mail links in the same transaction as they change', async () => {
    const passwords = new Passwords({ em: people.em, secret: people.secret });
    const [person, email] = [randomUUID(), `${randomUUID()}@example.org`];
    await passwords.set(person, email, 'a good long password');
    const [mine, other] = [await open(person), await open(person)];
    const links = new EmailLinks({ em: people.em, secret: people.secret });
    const link = { purpose: 'email', holderId: person, tenant, minutes: 5, carried: { email } } as const;
    const token = await links.make(link);
    const change = (keys: Passwords) =>
      keys.change(person, 'another long password', { reason: 'password-changed', except: mine.family });
    // A process that dies on the way leaves all as it was.
    const dying = new Proxy(people.pool, {
      get: (target, name) =>
        name === 'connect'
          ? async () => {
              const client = await target.connect();
              const query = client.query.bind(client) as (...given: unknown[]) => unknown;
              return Object.assign(Object.create(client) as typeof client, {
                query: (...given: unknown[]) => {
                  if (String(given[0]).includes('"sessions"')) throw new Error('died');
                  return query(...given);
                },
                release: () => client.release(),
              });
            }
          : (Reflect.get(target, name) as unknown),
    });
    await expect(
      change(new Passwords({ em: entityManager(dying, identityEntities), secret: people.secret })),
    ).rejects.toThrow('died');
    expect(await passwords.check(email, 'a good long password')).toBe(person);
    expect(await change(passwords)).toEqual([{ sessionId: other.family, tenant, personId: person }]);
    expect(await passwords.check(email, 'another long password')).toBe(person);
    expect(await sessions().list(person)).toMatchObject([{ session_id: mine.family }]);
    expect(await links.look('email', token)).toMatchObject({ code: 'identity.email-link-invalid' });
  });

  it('take one Argon2 verification for an unknown address and for a wrong password alike', async () => {
    const hashes: string[] = [];
    const passwords = new Passwords({ em: people.em, secret: people.secret }, async (hash) => {
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

  it('cannot be read outside the schema scope of identity', async () => {
    await open();
    await new SigningKeys({ em: people.em, secret: people.secret }).active();
    await new LoginThrottle({ em: people.em }).take([{ key: Buffer.from('k'), most: maxAttempts }]);
    for (const table of ['credentials', 'refresh_tokens', 'sign_in_attempts', 'signing_keys', 'sessions', 'totp']) {
      expect((await people.pool.query(`select from identity.${table}`)).rowCount).toBe(0);
    }
    for (const table of ['credentials', 'refresh_tokens', 'sign_in_attempts', 'signing_keys', 'sessions']) {
      expect((await ask(`select from identity.${table}`)).length).toBeGreaterThan(0);
    }
  });
});
