import { randomUUID } from 'node:crypto';
import { createPool, entityManager, scopedTransaction } from '@daybook/postgres';
import { testDatabase, type TestDatabase } from '@daybook/postgres/testing/database';
import type { EntityManager } from '@mikro-orm/postgresql';
import fc from 'fast-check';
import { TOTP } from 'otpauth';
import type { Pool } from 'pg';
import { identityEntities } from '../entities.js';
import { identityMigrations } from '../migrations.js';
import { MfaMethods } from './mfa-methods.js';
import { Passkeys } from './passkeys.js';
import { plainCode, recoveryCodeCount, RecoveryCodes } from './recovery-codes.js';
import { SoftwareAuthenticator } from './testing/authenticator.js';
import { Tickets } from './tickets.js';
import { Totp } from './totp.js';

const second = 1_000;

describe('second factors', () => {
  let database: TestDatabase;
  let pool: Pool;
  let em: EntityManager;
  beforeAll(async () => {
    database = await testDatabase(identityMigrations);
    pool = createPool(database.apiUrl, { max: 4, application: 'factor spec' });
    em = entityManager(pool, identityEntities);
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });
  const stored = (table: string) =>
    scopedTransaction(pool, 'identity', async (client) =>
      JSON.stringify((await client.query(`select * from identity.${table}`)).rows),
    );

  const passkeys = (url = 'http://localhost:3000') =>
    new Passkeys({ em, tickets: new Tickets({ em }), publicUrl: url });
  const mfaMethods = () =>
    new MfaMethods({
      em,
      totp: new Totp({ em, secret: database.secret }),
      recoveryCodes: new RecoveryCodes({ em, secret: database.secret }),
      passkeys: passkeys(),
    });

  describe('an authenticator app', () => {
    let now = Date.parse('2026-11-21T12:00:10Z');
    const totp = () => new Totp({ em, secret: database.secret }, () => now);
    const added = async (person = randomUUID()) => {
      const { secret, uri } = (await totp().add(person, 'kari@example.org')) ?? { secret: '', uri: '' };
      const app = new TOTP({ secret, algorithm: 'SHA1', digits: 6, period: 30 });
      return { person, secret, uri, code: (ago = 0) => app.generate({ timestamp: now - ago * second }) };
    };
    const confirmed = async () => {
      const app = await added();
      expect(await totp().confirm(app.person, app.code())).toBe(true);
      now += 30 * second;
      return app;
    };

    it('is active once a code from it is confirmed, and its secret is sealed', async () => {
      const { person, secret, uri, code } = await added();
      expect(uri).toMatch(/^otpauth:\/\/totp\/Daybook:kari%40example.org\?/);
      expect(await totp().since(person)).toBeNull();
      expect(await totp().check(person, code())).toBe(false);
      expect(await totp().confirm(person, '000000')).toBe(false);
      expect(await totp().confirm(person, code())).toBe(true);
      expect(await totp().since(person)).not.toBeNull();
      expect(await totp().add(person, 'again')).toBeNull();
      const rows = await stored('totp');
      expect(rows).not.toContain(secret);
      expect(rows).not.toContain(Buffer.from(secret).toString('hex'));
    });

    it('can be replaced until it is confirmed', async () => {
      const first = await added();
      const again = await added(first.person);
      expect(again.secret).not.toBe(first.secret);
      expect(await totp().confirm(first.person, first.code())).toBe(false);
      expect(await totp().confirm(first.person, again.code())).toBe(true);
    });

    it('is not confirmed by a code of a secret that was just replaced', async () => {
      const first = await added();
      let replaced = false;
      const late = new Proxy(pool, {
        get: (target, name) =>
          name === 'connect'
            ? async () => {
                // Between looking at the secret and confirming it, the second time that somebody asks.
                if (replaced) await added(first.person);
                replaced = true;
                return target.connect();
              }
            : (Reflect.get(target, name) as unknown),
      });
      expect(
        await new Totp({ em: entityManager(late, identityEntities), secret: database.secret }, () => now).confirm(
          first.person,
          first.code(),
        ),
      ).toBe(false);
      expect(await totp().since(first.person)).toBeNull();
    });

    it('refuses a replayed code', async () => {
      const { person, code } = await confirmed();
      expect(await totp().check(person, code())).toBe(true);
      expect(await totp().check(person, code())).toBe(false);
      now += 30 * second;
      expect(await totp().check(person, code())).toBe(true);
      // The one before is within the window still, and was not shown; but a later one was.
      expect(await totp().check(person, code(30))).toBe(false);
    });

    it('accepts only one of two equal codes at the same moment', async () => {
      const { person, code } = await confirmed();
      const outcomes = await Promise.all([totp().check(person, code()), totp().check(person, code())]);
      expect(outcomes.filter(Boolean)).toHaveLength(1);
    });

    it('accepts a code of the previous or next step, and no other', async () => {
      const { person, code } = await confirmed();
      now += 120 * second;
      expect(await totp().check(person, code(60))).toBe(false);
      expect(await totp().check(person, code(-60))).toBe(false);
      expect(await totp().check(person, code(30))).toBe(true);
      expect(await totp().check(person, `${code().slice(0, 3)} ${code().slice(3)}`)).toBe(true);
      expect(await totp().check(person, code(-30))).toBe(true);
    });

    it('accepts codes of a phone whose clock was over a minute off at set-up', async () => {
      for (const ago of [60, -60, 210, -210]) {
        const { person, code } = await added();
        expect(await totp().confirm(person, code(ago))).toBe(true);
        now += 30 * second;
        expect(await totp().check(person, code(ago))).toBe(true);
        expect(await totp().check(person, code(ago))).toBe(false);
        // The clock drifts on, step by step.
        now += 90 * second;
        expect(await totp().check(person, code(ago - 30))).toBe(true);
        now += 90 * second;
        expect(await totp().check(person, code(ago - 60))).toBe(true);
        now += 90 * second;
        expect(await totp().check(person, code(ago > 0 ? ago + 60 : ago - 180))).toBe(false);
      }
    });

    it('accepts codes again after the clock of the phone is corrected', async () => {
      const { person, code } = await added();
      expect(await totp().confirm(person, code(150))).toBe(true);
      now += 30 * second;
      expect(await totp().check(person, code())).toBe(true);
      // From now on it is right, and what was remembered is forgotten.
      now += 300 * second;
      expect(await totp().check(person, code(150))).toBe(false);
      expect(await totp().check(person, code(30))).toBe(true);
    });

    it('cannot be set up with a clock more than five minutes off, and does not follow a larger drift', async () => {
      const { person, code } = await added();
      expect(await totp().confirm(person, code(330))).toBe(false);
      expect(await totp().confirm(person, code(-330))).toBe(false);
      expect(await totp().confirm(person, code(-300))).toBe(true);
      now += 90 * second;
      expect(await totp().check(person, code(-330))).toBe(false);
      expect(await totp().check(person, code(-300))).toBe(true);
    });

    it('does not work for other people, or after it was removed', async () => {
      const { person, code } = await confirmed();
      expect(await totp().check(randomUUID(), code())).toBe(false);
      const remove = () => mfaMethods().remove(person, 'totp', null);
      expect([await remove(), await remove()]).toEqual([[], null]);
      expect(await totp().check(person, code())).toBe(false);
    });
  });

  describe('recovery codes', () => {
    const codes = () => new RecoveryCodes({ em, secret: database.secret });

    it('are ten, and each works once', async () => {
      const person = randomUUID();
      const made = await codes().make(person, 'added');
      expect(new Set(made).size).toBe(recoveryCodeCount);
      expect(made.every((code) => /^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/.test(code))).toBe(true);
      expect(await codes().use(person, made[0] ?? '')).toBe(true);
      expect(await codes().use(person, made[0] ?? '')).toBe(false);
      expect(await codes().left(person)).toBe(recoveryCodeCount - 1);
      expect(await codes().use(randomUUID(), made[1] ?? '')).toBe(false);
      expect(await stored('recovery_codes')).not.toContain(plainCode(made[1] ?? ''));
      const again = await codes().make(person, 'changed');
      expect(await codes().use(person, made[1] ?? '')).toBe(false);
      expect(await codes().use(person, (again[1] ?? '').toUpperCase().replaceAll('-', ' '))).toBe(true);
    });

    it('are ten also after two simultaneous requests, and one of two simultaneous uses succeeds', async () => {
      const person = randomUUID();
      const both = await Promise.all([codes().make(person, 'changed'), codes().make(person, 'changed')]);
      expect(await codes().left(person)).toBe(recoveryCodeCount);
      const used = await Promise.all([...both, ...both].map(([first]) => codes().use(person, first ?? '')));
      expect(used.filter(Boolean)).toHaveLength(1);
    });

    it('are recognised however people write them', () => {
      fc.assert(
        fc.property(fc.string({ unit: 'grapheme' }), (typed) => {
          const plain = plainCode(typed);
          expect(plain).toMatch(/^[0-9a-z]*$/);
          expect(plain).not.toMatch(/[oilu]/);
          expect(plainCode(plain)).toBe(plain);
        }),
      );
      expect(plainCode('ILO0-uU')).toBe('1100vv');
    });
  });

  describe('what a person has', () => {
    it('is listed in the order of preference; recovery codes alone are not a second factor', async () => {
      const methods = mfaMethods();
      const person = randomUUID();
      await methods.codes.make(person, 'added');
      expect(await methods.of(person)).toEqual([]);
      const device = new SoftwareAuthenticator();
      const { ticket, options } = await methods.passkeys.creationOptions({ id: person, name: null, email: null });
      await methods.passkeys.add(person, { ticket, name: 'Phone', response: device.create(options) });
      expect(await methods.of(person)).toEqual(['passkey', 'recovery-code']);
    });
  });

  describe('tickets', () => {
    it('are valid for their purpose, for a few attempts, and once', async () => {
      const tickets = new Tickets({ em });
      const [person, data] = [randomUUID(), { tenant: randomUUID(), methods: ['password'] as const }];
      const token = await tickets.issue('mfa', person, data);
      expect(await stored('tickets')).not.toContain(token);
      expect(await tickets.use('passkey-get', token)).toBeNull();
      for (let attempt = 1; attempt <= 5; attempt++) {
        expect(await tickets.use('mfa', token)).toEqual({ personId: person, data });
      }
      expect(await tickets.use('mfa', token)).toBeNull();
      expect([await tickets.finish('mfa', token), await tickets.finish('mfa', token)]).toEqual([true, false]);
    });
  });
});
