import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { version } from '@daybook/kernel';
import { databaseSnapshot } from '@daybook/postgres/testing/older-database';
import {
  childrenOf,
  commandOf,
  type Login,
  patience,
  pause,
  processesOf,
  ready,
  session,
  databaseUrlOf,
  type Started,
  Starts,
  until,
} from './testing/starts.js';

describe('npm start', () => {
  let starts: Starts;
  let folder: string;
  beforeEach(() => {
    starts = new Starts();
    folder = starts.folder;
  });
  afterEach(async () => {
    await starts.end();
    starts.remove();
  });
  const start = (...args: string[]): Started => starts.start(...args);
  const signIn = async (login: Login): Promise<number> => (await session(login)).status;

  it(
    'starts everything, keeps data and login over a restart, and leaves no process behind',
    async () => {
      const first = start('--port', '0', '--no-demo');
      const login = await ready(first);
      expect(await signIn(login)).toBe(200);

      const second = start('--port', '0');
      expect(await second.ended).toBe(1);
      expect(second.output()).toMatch(
        /^Daybook cannot start\. Daybook is already running on .* \(process \d+\)\.[^\n]*\n$/,
      );

      const pressed = Date.now();
      first.process.kill('SIGINT');
      expect(await first.ended).toBe(0);
      expect(Date.now() - pressed).toBeLessThan(5000);
      expect(processesOf(folder)).toEqual([]);

      const again = start('--port', '0');
      const { url, email } = await ready(again);
      expect(email).toBe(login.email);
      expect(again.output()).toMatch(/Password +the one in .*login, or the one you chose since\n/);
      expect(again.output()).not.toContain('demo');
      expect(readFileSync(join(folder, 'login'), 'utf8').trim()).toBe(login.password);
      expect(await signIn({ ...login, url })).toBe(200);
      expect(processesOf(folder).length).toBeGreaterThanOrEqual(4);
      again.process.kill('SIGKILL');
      await again.ended;
      await until(() => processesOf(folder).length === 0, 5000);
      expect(processesOf(folder)).toEqual([]);
    },
    patience,
  );

  it(
    'answers 503, never 500, while its database is away, and starts it again; ends with a sentence when it cannot',
    async () => {
      const started = start('--port', '0', '--no-demo');
      const login = await ready(started);
      const { accessToken } = (await (await session(login)).json()) as { accessToken: string };
      const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' };
      const answers: { status: number; retryAfter: string | null }[] = [];
      const answer = async (method: 'GET' | 'POST'): Promise<number> => {
        const body = method === 'GET' ? null : JSON.stringify({ name: 'Fjord AS', currency: 'NOK' });
        const { status, headers: said } = await fetch(`${login.url}/v1/accounting/companies`, {
          method,
          headers,
          body,
        });
        answers.push({ status, retryAfter: said.get('retry-after') });
        return status;
      };
      expect([await answer('GET'), await answer('POST')]).toEqual([200, 200]);
      const programs = (): number[] => processesOf(folder).filter((pid) => commandOf(pid).includes('/dist/main.js'));
      const before = programs();
      expect(before).toHaveLength(2);

      // Out of its way, so that no start succeeds before both have been answered.
      const cluster = join(folder, 'postgres', 'cluster');
      const postmaster = (at = cluster): number =>
        Number(readFileSync(join(at, 'postmaster.pid'), 'utf8').split('\n')[0]);
      const first = postmaster();
      renameSync(cluster, `${cluster}.away`);
      process.kill(first, 'SIGKILL');
      await until(() => started.output().includes('The database ended and is started again.'));
      expect([await answer('GET'), await answer('POST')]).toEqual([503, 503]);
      renameSync(`${cluster}.away`, cluster);
      await until(() => started.output().includes('The database is back.'), 60_000);
      for (const method of ['GET', 'POST'] as const) while ((await answer(method)) !== 200) await pause();
      expect(postmaster()).not.toBe(first);
      // One of its processes killed: it recovers by itself.
      const backend = childrenOf(postmaster()).find((pid) => commandOf(pid).startsWith('postgres: daybook_api'))!;
      process.kill(backend, 'SIGKILL');
      await until(() => started.output().split('The database is back.').length === 3, 60_000);
      for (const method of ['GET', 'POST'] as const) while ((await answer(method)) !== 200) await pause();

      for (const { status, retryAfter } of answers) {
        expect([200, 503]).toContain(status);
        expect(Number(retryAfter) > 0).toBe(status === 503);
      }
      // The programs are those of before: they came back to it by themselves.
      expect(programs()).toEqual(before);

      renameSync(cluster, `${cluster}.away`);
      process.kill(postmaster(`${cluster}.away`), 'SIGKILL');
      expect(await started.ended).toBe(1);
      expect(started.output()).toMatch(/Daybook stops: the database keeps ending\. .* did not start\./);
      expect(processesOf(folder)).toEqual([]);
    },
    patience,
  );

  const refusedWith = async (env: Readonly<Record<string, string>>, ...args: string[]): Promise<string> => {
    const started = starts.startWith(env, '--port', '0', ...args);
    expect(await started.ended).toBe(1);
    return started.output().replace(/^Building.*\n/, '');
  };
  const refused = (...args: string[]): Promise<string> => refusedWith({}, ...args);

  it(
    'refuses the database of another data folder in one sentence, and leaves it as it was',
    async () => {
      const first = start('--port', '0', '--no-demo');
      const login = await ready(first);
      const url = databaseUrlOf(folder);
      const before = await databaseSnapshot(url);
      const other = new Starts();
      for (const demo of [[], ['--no-demo']]) {
        const started = other.startWith({ DATABASE_URL: url }, '--port', '0', ...demo);
        expect(await started.ended).toBe(1);
        expect(started.output()).toMatch(/^Daybook cannot start\. [^\n]*DAYBOOK_SECRET[^\n]*--data[^\n]*\n$/);
      }
      other.remove();
      const logOf = (all: string): unknown => JSON.parse(all).filter((row: object) => JSON.stringify(row).includes('store.events')); // prettier-ignore
      expect(logOf(await databaseSnapshot(url))).toEqual(logOf(before));
      expect(await signIn(login)).toBe(200);

      // With the right one it starts, and shows no password that opens nothing.
      const secret = readFileSync(join(folder, 'secret'), 'utf8').trim();
      const third = new Starts();
      const beside = third.startWith({ DATABASE_URL: url, DAYBOOK_SECRET: secret }, '--port', '0');
      await ready(beside);
      expect(beside.output()).toMatch(/Password +the one you chose/);
      expect(beside.output()).not.toContain('demo');
      expect(await signIn(login)).toBe(200);
      await third.end();
      third.remove();
    },
    patience,
  );

  it(
    'says once, in one sentence, that the event store does not answer',
    async () => {
      expect(await refusedWith({ EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false' }, '--no-demo')).toMatch(
        /^Daybook cannot start\. The event store at 127\.0\.0\.1:1 [^\n{]*EVENTSTORE_URL\.\n$/,
      );
      expect(readdirSync(folder)).not.toContain('postgres');
    },
    patience,
  );

  it.each([
    [{ DAYBOOK_KEEP_JOBS_DAYS: '0' }, 'DAYBOOK_KEEP_JOBS_DAYS is wrong: expected at least 1.'],
    [{ DAYBOOK_ADMIN_PASSWORD: '1234567' }, 'DAYBOOK_ADMIN_PASSWORD is wrong: expected at least 8 characters.'],
    [{ EVENTSTORE_URL: 'http://127.0.0.1' }, 'EVENTSTORE_URL is wrong: expected '],
    [{ DATABASE_URL: 'postgres://127.0.0.1/x?sslmod=require' }, 'DATABASE_URL is wrong: expected '],
  ])(
    'checks its settings before it starts the database: %j',
    async (env, words) => {
      const said = await refusedWith(env);
      expect(said.split('Daybook cannot start')).toHaveLength(2);
      expect(said).toContain(`\n  - ${words}`);
      expect(readdirSync(folder)).not.toContain('postgres');
    },
    patience,
  );

  it.each([
    [
      { DATABASE_URL: 'postgresql://x:y@127.0.0.1:1/daybook' },
      [],
      /^Daybook cannot start\. The database at DATABASE_URL does not answer\. [^\n]*\n$/,
    ],
    [
      {},
      ['--data', '/proc/1/daybook'],
      /^Daybook cannot start\. \/proc\/1\/daybook cannot be created there\. Choose another folder with --data\.\n$/,
    ],
    [
      { DAYBOOK_SECRET_FILE: '/no/such/file' },
      [],
      /^Daybook cannot start\. DAYBOOK_SECRET_FILE names a file that cannot be read\.\n$/,
    ],
  ] as const)(
    // prettier-ignore
    'says in one sentence what to put right: %j %j',
    async (env, args, words) => {
      expect(await refusedWith(env, ...args)).toMatch(words);
    },
    patience,
  );

  it('says that a port is taken', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    expect(await refused('--port', String(port))).toBe(
      `Daybook cannot start. Port ${port} is used by another program. Choose another one with --port.\n`,
    );
    server.close();
  });

  it('leaves a folder alone that is not its own', async () => {
    writeFileSync(join(folder, 'thesis.txt'), 'years of work');
    expect(await refused('--port', '0', '--fresh')).toMatch(/contains files that are not Daybook's\. .*--data\.\n$/);
    expect(readdirSync(folder)).toEqual(['thesis.txt']);
  });

  it('deletes nothing for --fresh when its settings are wrong', async () => {
    const note = '{ "format": 2, "login": { "email": "admin@daybook.local" }, "demo": true }';
    writeFileSync(join(folder, 'daybook.json'), note);
    writeFileSync(join(folder, 'secret'), 'a secret of more than thirty-two characters');
    expect(await refusedWith({ DAYBOOK_KEEP_JOBS_DAYS: '0' }, '--fresh')).toContain('DAYBOOK_KEEP_JOBS_DAYS is wrong');
    expect(readdirSync(folder).sort()).toEqual(['daybook.json', 'secret']);
    expect(readFileSync(join(folder, 'daybook.json'), 'utf8')).toBe(note);
  });

  it('checks the stored secret before anything starts', async () => {
    writeFileSync(join(folder, 'daybook.json'), '{ "format": 2, "login": { "email": "admin@daybook.local" } }');
    writeFileSync(join(folder, 'secret'), 'short');
    expect(await refused()).toContain('DAYBOOK_SECRET is wrong');
    expect(readdirSync(folder).sort()).toEqual(['daybook.json', 'secret']);
  });

  it(
    'refuses a common password for the first login',
    async () => {
      expect(await refusedWith({ DAYBOOK_ADMIN_PASSWORD: 'password' })).toBe(
        'Daybook cannot start. DAYBOOK_ADMIN_PASSWORD is wrong: This is a common password that attackers try first. Choose another one.\n',
      );
      expect(readdirSync(folder)).not.toContain('postgres');
    },
    patience,
  );

  it('leaves a folder alone that Daybook 0.1 wrote, and says what to do', async () => {
    const note = '{ "format": 1, "login": { "email": "admin@daybook.local" }, "demo": true }';
    writeFileSync(join(folder, 'daybook.json'), note);
    expect(await refused('--port', '0')).toBe(
      'Daybook cannot start. This data was written by Daybook 0.1, which this version cannot read. Use another folder (--data), or --fresh to throw it away; import your SAF-T files again.\n',
    );
    expect(readdirSync(folder)).toEqual(['daybook.json']);
    expect(readFileSync(join(folder, 'daybook.json'), 'utf8')).toBe(note);
  });

  it('leaves a folder alone that a newer Daybook wrote', async () => {
    writeFileSync(join(folder, 'daybook.json'), '{ "format": 99 }');
    expect(await refused('--port', '0', '--fresh')).toMatch(/was written by a newer Daybook\./);
    expect(readFileSync(join(folder, 'daybook.json'), 'utf8')).toBe('{ "format": 99 }');
  });

  it('says which version it is, and touches nothing', async () => {
    const started = start('--port', '0', '--version');
    expect([await started.ended, started.output()]).toEqual([0, `${version}\n`]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('says what is wrong with an option', async () => {
    expect(await refused('--port', 'http')).toBe('Daybook cannot start. "http" is not a port number.\n');
    expect(await refused('--prot', '1')).toMatch(/^Daybook cannot start\. Unknown option '--prot'\. See npm start/);
  });
});
