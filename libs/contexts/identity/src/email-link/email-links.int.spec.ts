import { isRejection, newId, reject } from '@daybook/kernel';
import { createPool, entityManager, scopedTransaction } from '@daybook/postgres';
import { testDatabase } from '@daybook/postgres/testing/database';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import { identityEntities } from '../entities.js';
import { identityMigrations } from '../migrations.js';
import { EmailLinks } from './email-links.js';

const secret = 'a secret of more than thirty-two characters';

describe('e-mail links', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let pool: Pool;
  let em: EntityManager;
  let links: EmailLinks;
  const tenant = newId();

  beforeAll(async () => {
    database = await testDatabase([...identityMigrations]);
    pool = createPool(database.apiUrl, { max: 4, application: 'links-spec' });
    em = entityManager(pool, identityEntities);
    links = new EmailLinks({ em, secret });
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  const linkTo = (email: string, more: { holderId?: string; tenant?: string; minutes?: number } = {}) =>
    links.make({ purpose: 'email', holderId: newId(), tenant, minutes: 60, carried: { email }, ...more });
  const codeOf = (answer: unknown) => (isRejection(answer) ? answer.code : 'fine');
  const use = (token: string) => links.spend('email', token, async ({ carried }) => carried.email);

  it('carry their data sealed in the database', async () => {
    const token = await linkTo('kari@example.org');
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(await links.look('email', token)).toMatchObject({ tenant, carried: { email: 'kari@example.org' } });
    const admin = createPool(database.adminUrl, { max: 1, application: 'links-spec' });
    const { rows } = await admin.query('select * from identity.email_links');
    await admin.end();
    const kept = JSON.stringify(rows.map((row) => ({ ...row, sealed: String(row.sealed), hash: String(row.hash) })));
    expect(rows.length).toBeGreaterThan(0);
    expect(kept).not.toContain(token);
    expect(kept).not.toContain('kari');
  });

  it('refuse a used link', async () => {
    const token = await linkTo('used@example.org');
    expect(await use(token)).toBe('used@example.org');
    expect(codeOf(await use(token))).toBe('identity.email-link-invalid');
    expect(codeOf(await links.look('email', token))).toBe('identity.email-link-invalid');
    const used = await scopedTransaction(pool, 'identity', (client) =>
      client.query('select length(sealed) as kept from identity.email_links where used_at is not null'),
    );
    expect(used.rows).toEqual([{ kept: 0 }]);
  });

  it('are used once, also by simultaneous requests', async () => {
    const token = await linkTo('once@example.org');
    const answers = await Promise.all(Array.from({ length: 12 }, () => use(token)));
    expect(answers.filter((answer) => !isRejection(answer))).toEqual(['once@example.org']);
  });

  it('refuse an expired link', async () => {
    const token = await linkTo('late@example.org', { minutes: 0 });
    expect(codeOf(await use(token))).toBe('identity.email-link-invalid');
  });

  it('refuse a link for another purpose', async () => {
    const token = await linkTo('other@example.org');
    expect(codeOf(await links.spend('password', token, async () => 'done'))).toBe('identity.email-link-invalid');
    expect(codeOf(await links.look('invitation', token))).toBe('identity.email-link-invalid');
    expect(codeOf(await use('made-up'))).toBe('identity.email-link-invalid');
    expect(await use(token)).toBe('other@example.org');
  });

  it('replace the previous link of the same purpose, person and tenant', async () => {
    const holderId = newId();
    const [first, elsewhere] = [
      await linkTo('a@example.org', { holderId }),
      await linkTo('b@example.org', { holderId, tenant: newId() }),
    ];
    const second = await linkTo('c@example.org', { holderId });
    expect(codeOf(await use(first))).toBe('identity.email-link-invalid');
    expect(await use(elsewhere)).toBe('b@example.org');
    expect(await use(second)).toBe('c@example.org');
  });

  it('stay valid if their work is rejected or fails', async () => {
    const token = await linkTo('again@example.org');
    const refused = await links.spend('email', token, async () => reject('identity.spec', 'No.'));
    expect(codeOf(refused)).toBe('identity.spec');
    const failing = links.spend('email', token, async () => Promise.reject(new Error('the disk is full')));
    await expect(failing).rejects.toThrow('the disk is full');
    expect(await use(token)).toBe('again@example.org');
  });

  it('are valid again a minute after the process died in their work', async () => {
    const token = await linkTo('crash@example.org');
    const begun = Promise.withResolvers<void>();
    // Never ends, as in a process that was killed.
    void links.spend('email', token, () => {
      begun.resolve();
      return new Promise<never>(() => undefined);
    });
    await begun.promise;
    expect(codeOf(await use(token))).toBe('identity.email-link-invalid');
    await scopedTransaction(pool, 'identity', (client) =>
      client.query(`update identity.email_links set used_until = used_until - interval '1 minute'`),
    );
    expect(await use(token)).toBe('crash@example.org');
  });

  it('are deleted with the person', async () => {
    const holderId = newId();
    const token = await linkTo('gone@example.org', { holderId });
    expect(await links.forget(holderId, ['password'])).toBe(0);
    expect(await links.forget(holderId)).toBe(1);
    expect(codeOf(await use(token))).toBe('identity.email-link-invalid');
  });

  it('are invisible to queries outside the schema scope', async () => {
    await linkTo('hidden@example.org');
    expect((await pool.query('select * from identity.email_links')).rows).toEqual([]);
  });
});
