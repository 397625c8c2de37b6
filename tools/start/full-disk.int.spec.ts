import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataFormat } from '@daybook/kernel/data-format';
import { canMount, type SmallDisk, smallDisk } from '@daybook/postgres/testing/small-disk';
import { Client } from 'pg';
import { type Login, patience, pause, ready, session, type Started, Starts } from './testing/starts.js';

const withDisks = canMount ? it : it.skip; // mounting takes rights that not every machine gives

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: { code?: string; accessToken?: string; checks?: Record<string, Record<string, unknown>> };
}
const full = { status: 503, retryAfter: '30', body: { code: 'platform.storage-full' } };

/** Logs, files, mail and database on a small disk each, and the product on all of them. */
describe('on a disk that is full', () => {
  let starts: Starts;
  let started: Started;
  let login: Login;
  let token: string;
  const disks: Record<string, SmallDisk> = {};
  beforeAll(async () => {
    if (!canMount) return;
    starts = new Starts();
    writeFileSync(join(starts.folder, 'daybook.json'), JSON.stringify({ format: dataFormat }));
    for (const [name, kilobytes] of Object.entries({ logs: 512, files: 2_048, mail: 256, postgres: 163_840 })) {
      mkdirSync(join(starts.folder, name));
      disks[name] = smallDisk(kilobytes, join(starts.folder, name));
    }
    started = starts.start('--port', '0', '--no-demo');
    login = await ready(started);
    token = ((await (await session(login)).json()) as { accessToken: string }).accessToken;
  }, patience);
  afterAll(async () => {
    if (!canMount) return;
    await starts.end();
    for (const disk of Object.values(disks)) disk.remove();
    starts.remove();
  });
  afterEach(() => {
    for (const disk of Object.values(disks)) disk.empty();
  });

  const call = async (method: 'GET' | 'POST', path: string, body?: object | Buffer): Promise<Answer> => {
    const bytes = Buffer.isBuffer(body);
    const answer = await fetch(`${login.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body ? { 'content-type': bytes ? 'application/octet-stream' : 'application/json' } : {}),
      },
      ...(body ? { body: bytes ? new Uint8Array(body) : JSON.stringify(body) } : {}),
    });
    return {
      status: answer.status,
      retryAfter: answer.headers.get('retry-after'),
      body: (await answer.json()) as Answer['body'],
    };
  };
  const read = () => call('GET', '/v1/accounting/companies');
  const write = () => call('POST', '/v1/accounting/companies', { name: 'Fjord AS', currency: 'NOK' });
  const upload = (bytes = 100_000) => call('POST', '/v1/files?name=a.bin', Buffer.alloc(bytes, `${Math.random()}`));
  const invite = (email: string) => call('POST', '/v1/identity/invitations', { email, role: 'Staff' });
  const storage = async () => {
    const { status, body } = await call('GET', '/health/ready');
    return { status, storage: body.checks?.['storage'] };
  };
  const until = async (ask: () => Promise<Answer>, status: number): Promise<void> => {
    while ((await ask()).status !== status) await pause();
  };

  withDisks('goes on without a log, and logs again once there is space', async () => {
    disks['logs']!.fill();
    const log = join(starts.folder, 'logs', 'api.log');
    // More than the page that is left, and than a megabyte that is kept.
    for (let i = 0; i < 200; i++) expect((await call('GET', '/health/live')).status).toBe(200);
    expect((await write()).status).toBe(200);
    expect((await storage()).status).toBe(200);
    disks['logs']!.empty();
    while (!readFileSync(log, 'utf8').includes('the log could not be written for a while')) await pause();
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
    expect(lines.filter((line) => line.includes('/health/live')).length).toBeGreaterThanOrEqual(200);
  });

  withDisks('of uploads answers them 503 storage-full with Retry-After, and everything else as ever', async () => {
    disks['files']!.fill();
    for (const bytes of [100_000, 4_000_000]) expect(await upload(bytes)).toMatchObject(full);
    expect((await read()).status).toBe(200);
    expect((await write()).status).toBe(200);
    expect(await storage()).toEqual({ status: 503, storage: { status: 'failed', full: 'files' } });
    disks['files']!.empty();
    expect((await upload()).status).toBe(200);
    // What the disk has no space for is refused half-way, and nothing of it stays.
    expect(await upload(4_000_000)).toMatchObject(full);
    for (const tenant of readdirSync(join(starts.folder, 'files'))) {
      const uploads = join(starts.folder, 'files', tenant, 'uploads');
      if (existsSync(uploads)) expect(readdirSync(uploads)).toEqual([]);
    }
    expect((await storage()).status).toBe(200);
  });

  withDisks('of mails to a folder keeps an invitation waiting, and it is mailed once there is space', async () => {
    const mails = () => readdirSync(join(starts.folder, 'mail')).filter((name) => name.includes('.eml'));
    disks['mail']!.fill();
    expect((await invite('kari@example.org')).status).toBe(200);
    expect(await storage()).toEqual({ status: 503, storage: { status: 'failed', full: 'mail' } });
    const log = join(starts.folder, 'logs', 'api.log');
    while (!readFileSync(log, 'utf8').includes('a mail waits for the next attempt')) await pause();
    expect(mails()).toEqual([]);
    disks['mail']!.empty();
    await asAdmin('update mail.outbox set next_at = now()');
    expect((await invite('ola@example.org')).status).toBe(200);
    while (mails().length < 2) await pause();
    expect((await storage()).status).toBe(200);
  });

  withDisks('of the database answers what would write, reads on, and recovers by itself', async () => {
    await asAdmin(`update identity.sessions set last_seen_at = now() - interval '5 minutes'`);
    disks['postgres']!.fill();
    for (let i = 0; i < 20; i++) expect(await write()).toMatchObject(full);
    // Also where the use of a session is due to be noted.
    for (let i = 0; i < 3; i++) expect((await read()).status).toBe(200);
    // What the database said of its free space is good for a second.
    await until(() => call('GET', '/health/ready'), 503);
    expect(await storage()).toEqual({ status: 503, storage: { status: 'failed', full: 'database' } });
    disks['postgres']!.empty();
    expect((await write()).status).toBe(200);
    await until(() => call('GET', '/health/ready'), 200);
    expect(started.output()).not.toContain('The database');
  });

  withDisks(
    'of the database is told before it is, for PostgreSQL ends where it cannot make its next file',
    async () => {
      // The log of the database begins a file of its own, which the checkpoint below stays in.
      await asAdmin('select pg_switch_wal()');
      await asAdmin('checkpoint');
      disks['postgres']!.fill(4_000);
      expect(await write()).toMatchObject(full);
      await asAdmin('checkpoint');
      expect((await read()).status).toBe(200);
      disks['postgres']!.empty();
      expect((await write()).status).toBe(200);
    },
  );

  withDisks('is waited for by a database that ended, and the product comes back with it', async () => {
    disks['postgres']!.fill();
    const lock = join(starts.folder, 'postgres', 'cluster', 'postmaster.pid');
    const postmaster = Number(readFileSync(lock, 'utf8').split('\n')[0]);
    process.kill(postmaster, 'SIGKILL');
    while (!started.output().includes('The database ended')) await pause();
    expect((await write()).status).toBe(503);
    disks['postgres']!.empty();
    while (!started.output().includes('The database is back.')) await pause();
    await until(read, 200);
    await until(write, 200);
    await until(() => call('GET', '/health/ready'), 200);
  });

  async function asAdmin(sql: string): Promise<void> {
    const password = readFileSync(join(starts.folder, 'postgres', 'password'), 'utf8').trim();
    const port = readFileSync(join(starts.folder, 'postgres', 'cluster', 'postmaster.pid'), 'utf8').split('\n')[3];
    const client = new Client({ connectionString: `postgresql://postgres:${password}@127.0.0.1:${port}/postgres` });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  }
});
