import { chmodSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbedded, type EmbeddedDatabase } from './embedded.js';
import { isOutage } from './outage.js';
import { createPool } from './pool.js';
import { restarts, type DatabaseWatcher } from './supervisor.js';

/** Records notifications, and waits for one. */
class Heard implements DatabaseWatcher {
  readonly lines: string[] = [];
  private readonly waiting: { line: RegExp; from: number; done: () => void }[] = [];
  lost = (why: string): void => this.hear(why);
  back = (): void => this.hear('back');
  givenUp = ({ message }: Error): void => this.hear(`given up: ${message}`);
  next(line: RegExp): Promise<void> {
    return new Promise((done) => this.waiting.push({ line, from: this.lines.length, done }));
  }
  private hear(line: string): void {
    this.lines.push(line);
    for (const one of this.waiting) if (one.line.test(line)) one.done();
  }
}

describe('the embedded database in use', () => {
  let root: string;
  let number = 0;
  let heard: Heard;
  let database: EmbeddedDatabase;
  let waits: number[];
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'daybook-supervised-'));
    chmodSync(root, 0o755);
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  beforeEach(async () => {
    heard = new Heard();
    waits = [];
    const wait = (ms: number): Promise<void> => (waits.push(ms), Promise.resolve());
    const dataDir = join(root, String(number++));
    database = await startEmbedded({ dataDir, watcher: heard, held: { wait }, patienceMs: 200 });
  });
  afterEach(() => database.stop());

  const connect = async (): Promise<Client> => {
    const client = new Client({ connectionString: database.url });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  const ask = async (sql: string): Promise<unknown[]> => {
    const client = await connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  };

  it('is there again at the same address after kill -9, with all that was committed', async () => {
    await ask('create table kept as select 42 as answer');
    const before = database.pid;
    const back = heard.next(/^back$/);
    process.kill(before, 'SIGKILL');
    await back;
    expect(await ask('select answer from kept')).toEqual([{ answer: 42 }]);
    expect(database.pid).not.toBe(before);
    expect(heard.lines).toEqual(['ended', 'back']);
  });

  it('is there again although one of its processes went on computing', async () => {
    // By a pool of the product, which knows its own broken connections.
    const pool = createPool(database.url, { max: 1, application: 'supervisor-spec' });
    pool.on('error', () => undefined);
    await pool.query('select 1');
    const computing = pool.query('do $$ begin loop end loop; end $$').catch((error: unknown) => error);
    const back = heard.next(/^back$/);
    process.kill(database.pid, 'SIGKILL');
    await back;
    expect(await ask('select 1 as one')).toEqual([{ one: 1 }]);
    expect(isOutage(await computing)).toBe(true);
    await pool.end();
  });

  it('says that it recovers when one of its processes is killed, and is not started anew for that', async () => {
    const client = await connect();
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const before = database.pid;
    const back = heard.next(/^back$/);
    process.kill(rows[0]!.pid, 'SIGKILL');
    await back;
    expect(await ask('select 1 as one')).toEqual([{ one: 1 }]);
    expect([database.pid, heard.lines, waits]).toEqual([before, ['crashed', 'back'], []]);
    await client.end().catch(() => undefined);
  });

  it('is given up, with what it says, when it cannot be started any more', async () => {
    const cluster = join(root, String(number - 1), 'cluster');
    const over = heard.next(/^given up/);
    renameSync(cluster, `${cluster}.gone`);
    process.kill(database.pid, 'SIGKILL');
    await over;
    expect(heard.lines).toEqual([
      'ended',
      expect.stringMatching(/^given up: .* did not start\. It said:\n[^]*cluster/),
    ]);
    expect(waits).toHaveLength(restarts.most);
    renameSync(`${cluster}.gone`, cluster);
  });
});
