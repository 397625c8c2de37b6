import { createPool, entityManager } from '@daybook/postgres';
import { testDatabase } from '@daybook/postgres/testing/database';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import { identityEntities } from '../entities.js';
import { identityMigrations } from '../migrations.js';
import { mailboxOf, type MailLimit, MailLimits, mailLimits, tooManyMails } from './mail-limits.js';

const hour = 3_600_000;

describe('rate limits on mails to strangers', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let pool: Pool;
  let em: EntityManager;
  let at = 1_800_000_000_000;
  let limits: MailLimits;
  beforeAll(async () => {
    database = await testDatabase([...identityMigrations]);
    pool = createPool(database.apiUrl, { max: 4, application: 'mail-limits-spec' });
    em = entityManager(pool, identityEntities);
    limits = new MailLimits({ em, secret: 'a secret of more than thirty-two characters', now: () => at });
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  it.each(Object.keys(mailLimits) as MailLimit[])(
    '%s lets through so many at once, and as many over its hours',
    async (limit) => {
      const { most, hours } = mailLimits[limit];
      const of = `one of ${limit}`;
      for (let n = 0; n < most; n += 1) expect(await limits.take([[limit, of]])).toBeNull();
      const paused = await limits.take([[limit, of]]);
      expect(paused).toMatchObject({ limit });
      expect(paused!.retryAfterSeconds).toBeCloseTo((hours * 3600) / most, -1);
      // What is refused does not count, so that asking again and again makes it no longer.
      expect(await limits.take([[limit, of]])).toEqual(paused);
      at += paused!.retryAfterSeconds * 1000;
      expect(await limits.take([[limit, of]])).toBeNull();
      expect(await limits.take([[limit, of]])).not.toBeNull();
      expect(await limits.take([[limit, `another of ${limit}`]])).toBeNull();
    },
  );

  it('count nothing if one of them is exceeded, and answer the longest pause', async () => {
    const few = [['to-mailbox-of-tenant', 'x']] as const;
    for (let n = 0; n < 5; n += 1) await limits.take(few);
    expect(await limits.take([...few, ['to-mailbox', 'y']])).toMatchObject({ limit: 'to-mailbox-of-tenant' });
    for (let n = 0; n < 10; n += 1) expect(await limits.take([['to-mailbox', 'y']])).toBeNull();
  });

  it('allow no more under simultaneous requests', async () => {
    const asked = await Promise.all(Array.from({ length: 20 }, () => limits.take([['to-mailbox', 'z'], ['invitations-of-tenant', 'z']]))); // prettier-ignore
    expect(asked.filter((one) => one === null)).toHaveLength(10);
  });

  it('survive a restart, store no address, and expire', async () => {
    for (let n = 0; n < 5; n += 1) await limits.take([['resets-of-mailbox', 'kari@example.org']]);
    const again = new MailLimits({ em, secret: 'a secret of more than thirty-two characters', now: () => at });
    expect(await again.take([['resets-of-mailbox', 'kari@example.org']])).not.toBeNull();
    at += 72 * hour;
    await limits.take([['resets-of-mailbox', 'ola@example.org']]);
    const client = await pool.connect();
    try {
      await client.query(`begin; set local daybook.schema_scope = 'identity'`);
      const { rows } = await client.query("select encode(key, 'escape') as key from identity.mail_counts");
      await client.query('commit');
      expect(rows).toHaveLength(1);
      expect(JSON.stringify(rows)).not.toContain('example');
    } finally {
      client.release();
    }
  });
});

it('treats spellings of one mailbox as one', () => {
  expect(mailboxOf(' Kari.Nordmann+a+b@Example.ORG')).toBe('kari.nordmann@example.org');
  expect(mailboxOf('k.a.ri+x@GMAIL.com')).toBe('kari@gmail.com');
  expect(mailboxOf('ka.ri@googlemail.com')).toBe('kari@gmail.com');
  expect(mailboxOf('kari@example.org')).toBe('kari@example.org');
});

it('says what is limited and when to try again, and names the field if it is the address', () => {
  expect(tooManyMails({ limit: 'to-mailbox', retryAfterSeconds: 90 })).toMatchObject({
    status: 429,
    details: { retryAfterSeconds: 90 },
    errors: [{ pointer: '/email' }],
    message: expect.stringContaining('2 minutes'),
  });
  expect(tooManyMails({ limit: 'invitations-of-tenant', retryAfterSeconds: 7_200 })).toMatchObject({ errors: [] });
});
