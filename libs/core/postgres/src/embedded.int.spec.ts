import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { startEmbedded, type EmbeddedDatabase } from './embedded.js';
import { startErrorFrom } from './start-error.js';
import { watched } from './watchdog.js';

const ask = async (url: string, sql: string): Promise<Record<string, unknown>> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows[0] as Record<string, unknown>;
  } finally {
    await client.end();
  }
};
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
const until = async (condition: () => boolean, ms: number): Promise<void> => {
  for (const end = Date.now() + ms; !condition(); await sleep(25)) {
    if (Date.now() > end) throw new Error(`Still not so after ${ms} ms.`);
  }
};

describe('the embedded database', () => {
  let root: string;
  const running: EmbeddedDatabase[] = [];
  const start = async (dataDir: string, more = {}): Promise<EmbeddedDatabase> => {
    const database = await startEmbedded({ dataDir, ...more });
    running.push(database);
    return database;
  };
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'daybook-postgres-'));
    chmodSync(root, 0o755);
  });
  afterAll(async () => {
    await Promise.all(running.map((database) => database.stop()));
    rmSync(root, { recursive: true, force: true });
  });

  it('keeps what was committed over a restart, flushes to disk, and stops within 5 seconds', async () => {
    const dataDir = join(root, 'kept');
    const first = await start(dataDir);
    await ask(first.url, 'create table kept as select 42 as answer');
    expect(await ask(first.url, "select current_setting('fsync') as fsync")).toEqual({ fsync: 'on' });
    const asked = Date.now();
    await first.stop();
    expect(Date.now() - asked).toBeLessThan(5_000);
    expect(alive(first.pid)).toBe(false);
    const second = await start(dataDir);
    expect(await ask(second.url, 'select answer from kept')).toEqual({ answer: 42 });
    await second.stop();
  });

  it('lets nobody in without the random password, which only its owner can read', async () => {
    const dataDir = join(root, 'secret');
    const database = await start(dataDir);
    expect(statSync(join(dataDir, 'password')).mode & 0o777).toBe(0o600);
    const url = new URL(database.url);
    expect(url.password).toHaveLength(32);
    url.password = 'guessed';
    await expect(ask(url.href, 'select 1')).rejects.toThrow('password authentication failed');
    await database.stop();
  });

  it('ends with its parent, however that ends, even when it is stuck', async () => {
    const stubborn = "process.on('SIGINT', () => {}); setInterval(() => {}, 1000)";
    const parent = spawn(
      process.execPath,
      [
        '-e',
        `const { spawn } = require('node:child_process');
         const [program, ...args] = ${JSON.stringify(watched([process.execPath, '-e', stubborn]))};
         const child = spawn(program, args, { detached: true, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
         console.log(child.pid); setInterval(() => {}, 1000);`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const child = Number(await new Promise((done) => parent.stdout.once('data', (text: Buffer) => done(String(text)))));
    expect(alive(child)).toBe(true);
    process.kill(parent.pid!, 'SIGKILL');
    // 3.7 seconds on an idle machine.
    await until(() => !alive(child), 10_000);
  });

  it('refuses a second start on the same data', async () => {
    const dataDir = join(root, 'busy');
    const database = await start(dataDir);
    await expect(start(dataDir, { patienceMs: 200 })).rejects.toMatchObject({
      name: 'DatabaseStartError',
      code: 'data-in-use',
    });
    await database.stop();
  });

  it('starts despite the lock file of a crash whose process id now belongs to another program', async () => {
    const dataDir = join(root, 'stale');
    await (await start(dataDir)).stop();
    writeFileSync(join(dataDir, 'cluster', 'postmaster.pid'), `${process.pid}\n${dataDir}\n`);
    await (await start(dataDir)).stop();
  });

  it('says which data it cannot take', async () => {
    const foreign = join(root, 'foreign');
    mkdirSync(foreign);
    writeFileSync(join(foreign, 'letter.txt'), 'mine');
    await expect(start(foreign)).rejects.toMatchObject({ code: 'foreign-data' });
    expect(readFileSync(join(foreign, 'letter.txt'), 'utf8')).toBe('mine');
    const newer = join(root, 'newer');
    mkdirSync(join(newer, 'cluster'), { recursive: true });
    writeFileSync(join(newer, 'cluster', 'PG_VERSION'), '99\n');
    writeFileSync(join(newer, 'password'), 'x');
    await expect(start(newer)).rejects.toMatchObject({ code: 'newer-data' });
    writeFileSync(join(newer, 'cluster', 'PG_VERSION'), '9\n');
    await expect(start(newer)).rejects.toMatchObject({ code: 'older-data' });
    await expect(start(join(newer, 'password'))).rejects.toMatchObject({ code: 'foreign-data' });
    await expect(start(join(newer, 'password', 'data'))).rejects.toMatchObject({ code: 'foreign-data' });
  });

  it('says that its port is taken', async () => {
    const one = await start(join(root, 'port-one'));
    await expect(start(join(root, 'port-two'), { port: one.port })).rejects.toMatchObject({ code: 'port-in-use' });
    await one.stop();
  });

  it('says that the disk is read-only or full', () => {
    expect(startErrorFrom(Object.assign(new Error('x'), { code: 'EROFS' }), '/data').message).toBe(
      '/data is on a read-only disk. Choose a data directory that can be written.',
    );
    expect(startErrorFrom(new Error('could not write: No space left on device'), '/data').code).toBe('full-disk');
    expect(
      startErrorFrom(new Error('could not extend file: wrote only 9\nHINT:  Check free disk space.'), '/data').code,
    ).toBe('full-disk');
    expect(startErrorFrom(new Error('something new'), '/data').message).toContain('something new');
  });

  it('makes the cluster anew when the first start was interrupted', async () => {
    const dataDir = join(root, 'interrupted');
    mkdirSync(join(dataDir, 'cluster.new'), { recursive: true });
    writeFileSync(join(dataDir, 'cluster.new', 'half'), '');
    await (await start(dataDir)).stop();
    expect(existsSync(join(dataDir, 'cluster.new'))).toBe(false);
  });
});
