import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createPool, entityManager, scopedTransaction } from '@daybook/postgres';
import { testDatabase } from '@daybook/postgres/testing/database';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import { mailMigrations } from './migrations.js';
import { mailEntities } from './outbox.entity.js';
import { Outbox } from './outbox.js';
import { MailNotSent, type Message } from './port.js';

const place = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const token = '3YxvQw-_0123456789abcdefghijklmnopqrstuvwxy';
const about = '0190a1b2-0000-7000-8000-0000000000c1';
const message: Message = { to: 'kari@example.org', subject: 'A link', text: `https://x/#token=${token}`, about };

/** Not encryption, which the spec of crypto.ts covers, but it makes addresses unreadable. */
const reversed = {
  seal: (clear: Buffer) => Buffer.from(clear).reverse(),
  unseal: (sealed: Buffer) => Buffer.from(sealed).reverse(),
};

describe('the outbox', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let pool: Pool;
  let em: EntityManager;
  beforeAll(async () => {
    database = await testDatabase([...mailMigrations]);
    pool = createPool(database.apiUrl, { max: 4, application: 'outbox-spec' });
    em = entityManager(pool, mailEntities);
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  const ask = (sql: string) => scopedTransaction(pool, 'mail', async (client) => (await client.query(sql)).rows);
  const waiting = () => ask('select * from mail.outbox');
  /** Ends the pause before the next attempt. */
  const pauseOver = () => ask('update mail.outbox set next_at = now()');
  beforeEach(() => ask('delete from mail.outbox'));

  /** One process with its own mail server. Sending is triggered by the spec. */
  function process(
    send: (message: Message) => Promise<void> = async () => undefined,
    givenUp?: (value: string) => Promise<void>,
    own = em,
  ) {
    const sent: Message[] = [];
    const logged: unknown[] = [];
    const repeated: string[] = [];
    const stop = new AbortController();
    const log = (fields: unknown) => void logged.push(fields);
    const outbox = new Outbox({
      em: own,
      sealing: reversed,
      template: (name) => {
        expect(name).toBe('a-link');
        return {
          hours: 1,
          compose: async (email) => (recipients.has(email) ? { ...message, to: email } : null),
          givenUp,
        };
      },
      mail: { send: async (one) => (await send(one), void sent.push(one)) },
      afterResponse: { add: () => undefined, stopping: stop.signal },
      periodicTasks: { every: (what) => void repeated.push(what) },
      logger: { warn: log, error: log },
    });
    return { outbox, sent, logged, repeated, stop };
  }
  /** Addresses that the template of the spec finds something to send for. */
  const recipients = new Set(['kari@example.org']);
  const refused =
    (status: number | null, code = 'ECONNECTION') =>
    () =>
      Promise.reject(new MailNotSent(code, status));

  it('sends mails from another process when the one that stored them was killed', async () => {
    await process().outbox.put({ message });
    const next = process();
    // Every API process polls for waiting mails.
    expect(next.repeated).toEqual(['sending mails']);
    await next.outbox.work();
    expect(next.sent).toEqual([message]);
    expect(await waiting()).toEqual([]);
  });

  it('sends a mail again when the process was killed during sending', async () => {
    const child = spawn(
      globalThis.process.execPath,
      ['--import', place('../../../../tools/source.mjs'), place('testing/dies-mailing.fixture.mjs'), database.apiUrl],
      { stdio: ['ignore', 'pipe', 'inherit'], env: { ...globalThis.process.env, NODE_OPTIONS: '' } },
    );
    const exited = once(child, 'exit');
    expect(String(await once(child.stdout, 'data'))).toContain('sending');
    child.kill('SIGKILL');
    await exited;
    const next = process();
    await next.outbox.work();
    // It may still be in transit, so no process takes it before the timeout of a mail server.
    expect(next.sent).toEqual([]);
    await pauseOver();
    await next.outbox.work();
    expect(next.sent.map(({ to, subject }) => [to, subject])).toEqual([
      ['kari@example.org', 'Your password was changed'],
    ]);
    expect(await waiting()).toEqual([]);
  }, 30_000);

  it('sends a mail that goes out once no second time, however often it is put, and remembers its id without it', async () => {
    const [id, gone] = [randomUUID(), randomUUID()];
    const { outbox, sent } = process();
    await outbox.putOnce(id, { message });
    await outbox.putOnce(id, { message });
    await outbox.work();
    await outbox.putOnce(id, { message });
    await process().outbox.work();
    expect(sent).toEqual([message]);
    expect(await waiting()).toMatchObject([{ id, sealed: Buffer.alloc(0) }]);
    expect(await outbox.forget(about, [])).toBe(0);
    await outbox.putOnce(gone, { template: 'a-link', value: 'nobody@example.org' });
    await outbox.work();
    expect(await waiting()).toMatchObject([{ id }, { id: gone }]);
  });

  it('looks at no mail that went out once before it is to be forgotten, and then forgets it', async () => {
    const { outbox, sent, logged } = process();
    await outbox.putOnce(randomUUID(), { message });
    await outbox.work();
    expect(await ask(`select id from mail.outbox where next_at < now() + interval '29 days'`)).toEqual([]);
    await ask(`update mail.outbox set next_at = next_at - interval '30 days', until = now() - interval '28 days'`);
    await outbox.work();
    expect([await waiting(), sent, logged]).toEqual([[], [message], []]);
  });

  it('takes mails that go out once from the projector, which reads none', async () => {
    const projector = createPool(database.projectorUrl, { max: 1, application: 'outbox-spec' });
    const { outbox, sent } = process();
    const { outbox: putting } = process(undefined, undefined, entityManager(projector, mailEntities));
    await putting.putOnce(randomUUID(), { message });
    await projector.end();
    await outbox.work();
    expect(sent).toEqual([message]);
  });

  it('stores mails encrypted, so that neither address nor link can be read', async () => {
    const { outbox } = process();
    await outbox.put({ message });
    await outbox.put({ template: 'a-link', value: 'kari@example.org' });
    const [one] = await waiting();
    for (const clear of [token, 'kari', 'example']) {
      expect(Buffer.from((one as { sealed: Buffer }).sealed).includes(clear)).toBe(false);
      expect(JSON.stringify(await waiting())).not.toContain(clear);
    }
  });

  it('retries with exponential backoff after any failure, until the mail expires', async () => {
    const failing = process(refused(null));
    await failing.outbox.put({ message });
    const pauses: number[] = [];
    for (let tries = 0; tries < 7; tries++) {
      await failing.outbox.work();
      const [row] = await ask('select round(extract(epoch from next_at - now()))::int as seconds from mail.outbox');
      pauses.push(Math.round(Number((row as { seconds: number }).seconds) / 60));
      await failing.outbox.work();
      await pauseOver();
    }
    expect(pauses).toEqual([2, 4, 8, 16, 32, 60, 60]);
    await ask(`update mail.outbox set until = now() - interval '1 second'`);
    const next = process();
    await next.outbox.work();
    expect([next.sent, await waiting()]).toEqual([[], []]);
    expect(next.logged).toEqual([expect.objectContaining({ tries: 7 })]);
    expect(JSON.stringify([...failing.logged, ...next.logged])).not.toContain('kari');
  });

  it('gives up at once on a permanent error of the mail server', async () => {
    const { outbox, logged } = process(refused(550, 'EENVELOPE'));
    await outbox.put({ message });
    await outbox.work();
    expect(await waiting()).toEqual([]);
    expect(logged).toEqual([expect.objectContaining({ status: 550 })]);
  });

  it('sends each mail once when two processes poll at the same time', async () => {
    const [one, other] = [process(), process()];
    for (let i = 0; i < 30; i++) await one.outbox.put({ message });
    await Promise.all([one.outbox.work(), other.outbox.work()]);
    expect(one.sent.length + other.sent.length).toBe(30);
  });

  it('composes template mails when they are sent, and drops those without a recipient', async () => {
    const { outbox, sent } = process();
    await outbox.put({ template: 'a-link', value: 'nobody@example.org' });
    await outbox.put({ template: 'a-link', value: 'kari@example.org' });
    await outbox.work();
    expect(sent).toEqual([message]);
    expect(await waiting()).toEqual([]);
  });

  it('sends the mail of a change that was recorded just before the process was killed', async () => {
    const email = 'liv@example.org';
    const killed = process().outbox.putBefore(randomUUID(), { template: 'a-link', value: email }, async () => {
      // Nobody sends it while the change may still be on its way.
      const other = process();
      await other.outbox.work();
      expect([other.sent.length, (await waiting()).length]).toEqual([0, 1]);
      recipients.add(email);
      throw new Error('The process died');
    });
    await expect(killed).rejects.toThrow('The process died');
    const next = process();
    await pauseOver();
    await next.outbox.work();
    expect(next.sent.map(({ to }) => to)).toEqual([email]);
    expect(await waiting()).toEqual([]);
  });

  it('sends a mail at once when its change is recorded, and nothing when it is not', async () => {
    const { outbox, sent } = process();
    const change = async (email: string) => {
      await outbox.putBefore(randomUUID(), { template: 'a-link', value: email }, async () => email);
      await outbox.work();
    };
    await change('kari@example.org');
    await change('nobody@example.org');
    expect(sent).toEqual([message]);
    expect(await waiting()).toEqual([]);
  });

  it('sends one mail for a change that is repeated after the process was killed', async () => {
    const id = randomUUID();
    const link = { template: 'a-link', value: 'kari@example.org' };
    const killed = process().outbox.putBefore(id, link, () => Promise.reject(new Error('The process died')));
    await expect(killed).rejects.toThrow('The process died');
    const { outbox, sent } = process();
    await outbox.putBefore(id, link, async () => undefined);
    await pauseOver();
    await outbox.work();
    expect(sent).toEqual([message]);
  });

  it('tells a template which mails it gives up, and again until the template has taken note', async () => {
    const givenUp: string[] = [];
    const busy = process(refused(550, 'EENVELOPE'), () => Promise.reject(new Error('busy')));
    await busy.outbox.put({ template: 'a-link', value: 'kari@example.org' });
    await busy.outbox.work();
    expect(await waiting()).toHaveLength(1);
    await ask(`update mail.outbox set next_at = now(), until = now() - interval '1 second'`);
    const next = process(undefined, async (value) => void givenUp.push(value));
    await next.outbox.work();
    expect([givenUp, next.sent, await waiting()]).toEqual([['kari@example.org'], [], []]);
  });

  it('erases messages about a person, and no others to the same address', async () => {
    const { outbox } = process();
    await outbox.put({ message: { ...message, to: 'another@example.org' } });
    await outbox.put({ template: 'a-link', value: 'kari@example.org' });
    // About another account that is about to get this address.
    await outbox.put({ message: { ...message, about: '0190a1b2-0000-7000-8000-0000000000c2' } });
    await outbox.put({ template: 'a-link', value: 'ola@example.org' });
    expect(await outbox.forget(about, ['kari@example.org'])).toBe(2);
    expect(await waiting()).toHaveLength(2);
  });

  it('are kept when the mail server refuses our login', async () => {
    const { outbox } = process(refused(535, 'EAUTH'));
    await outbox.put({ message });
    await outbox.work();
    expect(await waiting()).toHaveLength(1);
  });

  it('do not keep another from being erased when one cannot be opened', async () => {
    const { outbox } = process();
    await outbox.put({ message });
    await ask(`insert into mail.outbox (id, sealed, until) values (gen_random_uuid(), 'broken', now())`);
    expect(await outbox.forget(about, [])).toBe(1);
    expect(await waiting()).toHaveLength(1);
  });

  it('are leased one at a time, so that a slow mail server lets no lease of another run out', async () => {
    const slow = process(async () => {
      const [{ n }] = (await ask('select count(*)::int as n from mail.outbox where next_at > now()')) as [
        { n: number },
      ];
      expect(n).toBe(1);
    });
    for (let i = 0; i < 3; i++) await slow.outbox.put({ message });
    await slow.outbox.work();
    expect(slow.sent).toHaveLength(3);
  });

  it('are all sent once the database knows that the table is small, and reads the due mail again for each row', async () => {
    const admin = createPool(database.adminUrl, { max: 1, application: 'outbox-spec' });
    await admin.query('vacuum analyze mail.outbox');
    await admin.end();
    const { outbox, sent } = process();
    for (let i = 0; i < 30; i++) await outbox.put({ message });
    await outbox.work();
    expect(sent).toHaveLength(30);
  });

  it('stops between two mails on shutdown, and leaves the rest to another process', async () => {
    const one = process(async () => one.stop.abort());
    for (let i = 0; i < 3; i++) await one.outbox.put({ message });
    await one.outbox.work();
    expect(one.sent).toHaveLength(1);
    const next = process();
    await next.outbox.work();
    expect(next.sent).toHaveLength(2);
  });
});
