import { setTimeout as sleep } from 'node:timers/promises';
import { listCompanies } from '@daybook/accounting';
import { withAuthenticatorApp } from '@daybook/identity/testing/authenticator-app';
import { version } from '@daybook/kernel';
import { readCheckpoint } from '@daybook/projections';
import { startApp, type TestApp } from '@daybook/testing/app';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const place = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const example = place('../../examples/nordlys-kaffe_saf-t_1.30.xml');

/* The command line as a shell sees it: standard output, standard error, exit status. */
describe('daybook', () => {
  let app: TestApp;
  let url: string;
  let environment: Record<string, string>;
  beforeAll(async () => {
    app = await startApp();
    await app.app.listen(0, '127.0.0.1');
    url = await app.app.getUrl();
    const { email, password } = app.account('Accountant');
    environment = { DAYBOOK_URL: url, DAYBOOK_EMAIL: email, DAYBOOK_PASSWORD: password };
  });
  afterAll(() => app.close());

  const daybook = async (args: string[], options: { input?: string; env?: Record<string, string> } = {}) => {
    const child = spawn(process.execPath, ['--import', place('../source.mjs'), place('daybook.mjs'), ...args], {
      env: { PATH: process.env['PATH'] ?? '', ...environment, ...options.env },
    });
    child.stdin.end(options.input ?? '');
    const ended = new Promise<number | null>((done) => child.once('close', done));
    const [out, err, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { out, err, status };
  };
  /** Succeeds, and standard output is one JSON document. */
  const json = async (args: string[], input?: string) => {
    const { out, err, status } = await daybook([...args, '--json'], input === undefined ? {} : { input });
    if (status !== 0) throw new Error(err);
    return JSON.parse(out);
  };

  it('says which version it is', async () => {
    expect(await daybook(['--version'])).toEqual({ out: `${version}\n`, err: '', status: 0 });
  });

  it('rewraps the keys of personal data with another master key, and back, directly on the database', async () => {
    const settings = { DATABASE_URL: app.config.databaseUrl, DAYBOOK_SECRET: app.config.secret };
    const vault = async (what: string, env: Record<string, string> = {}) => {
      const { out, err, status } = await daybook(['vault', what, '--json'], { env: { ...settings, ...env } });
      if (status !== 0) throw new Error(err);
      return JSON.parse(out);
    };
    const before = await vault('status');
    expect(before.masters).toEqual([{ master: before.present, keys: expect.any(Number) }]);
    const { keys } = before.masters[0];
    const key = 'another master key, as long as it must be';
    const rotated = await vault('rotate', { DAYBOOK_MASTER_KEY: key });
    expect(rotated).toEqual({
      wrapped: keys,
      present: expect.any(String),
      masters: [{ master: rotated.present, keys }],
    });
    expect(rotated.present).not.toBe(before.present);
    const locked = await daybook(['vault', 'rotate'], { env: settings });
    expect([locked.status, locked.err]).toEqual([
      1,
      expect.stringContaining(`under the master key ${rotated.present}`),
    ]);
    const back = await vault('rotate', { DAYBOOK_MASTER_KEY_PREVIOUS: key });
    expect(back).toEqual({ wrapped: keys, present: before.present, masters: before.masters });
    expect(await vault('reapply-erasures')).toEqual({ destroyed: 0, present: before.present, masters: before.masters });
    expect((await daybook(['vault', 'status'], { env: { ...settings, DAYBOOK_MASTER_KEY: 'short' } })).status).toBe(2);
  }, 120_000);

  it('rebuilds one read model for the operator, without signing in', async () => {
    const env = { DATABASE_URL: app.config.databaseUrl, DAYBOOK_SECRET: app.config.secret };
    const rebuild = (name: string) => daybook(['projections', 'rebuild', name, '--json'], { env });
    const generation = async () => {
      const all = await app.work.engine.status();
      return all.find(({ name, state }) => name === 'trail' && state === 'live')?.generation;
    };
    expect(await generation()).toBe(1);
    const { status, out } = await rebuild('trail');
    expect([status, JSON.parse(out)]).toEqual([0, { name: 'trail' }]);
    while ((await generation()) !== 2) await sleep(50);
    const none = await rebuild('nothing');
    expect([none.status, none.err]).toEqual([1, expect.stringContaining('There is no read model or process nothing')]);
  }, 120_000);

  it('deletes read models for another log only with --from-this-log', async () => {
    const env = { DATABASE_URL: app.config.databaseUrl, DAYBOOK_SECRET: app.config.secret };
    const rebuild = (...args: string[]) => daybook(['projections', 'rebuild', ...args], { env });
    const before = await readCheckpoint(app.projector.pool);
    for (const args of [[], ['--json'], ['trial-balance', '--from-this-log']]) {
      const { status, err } = await rebuild(...args);
      expect([status, err]).toEqual([2, expect.stringContaining('--from-this-log')]);
    }
    const healthy = await rebuild('--from-this-log');
    expect([healthy.status, healthy.out]).toEqual([2, '']);
    expect(healthy.err).toMatch(/all \d+ read models .* nothing needs rebuilding\. Give --yes to do it\.\n$/);
    expect(await readCheckpoint(app.projector.pool)).toEqual(before);
    const { status, out } = await rebuild('--from-this-log', '--yes', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(out)).toEqual({ log: before.log, dropped: expect.any(Number), head: String(before.position) });
    await app.settle();
    expect(await readCheckpoint(app.projector.pool)).toEqual(before);
    const gone = await daybook(['projections', 'rebuild', '--from-this-log'], { env: { ...env, EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false' } }); // prettier-ignore
    expect([gone.status, gone.err]).toEqual([1, expect.stringMatching(/^[^\n]*EVENTSTORE_URL[^\n]*\n$/)]);
    expect(await readCheckpoint(app.projector.pool)).toEqual(before);
  }, 120_000);

  it('refuses another secret before an operator command does anything', async () => {
    const env = {
      DATABASE_URL: app.config.databaseUrl,
      DAYBOOK_SECRET: 'another secret, which is long enough as well',
    };
    for (const args of [
      ['vault', 'status'],
      ['projections', 'rebuild', 'trail'],
      ['projections', 'rebuild', '--from-this-log', '--yes'],
    ]) {
      // prettier-ignore
      const { status, out, err } = await daybook(args, { env });
      expect([status, out, err]).toEqual([1, '', expect.stringMatching(/^[^\n]*DAYBOOK_SECRET[^\n]*--data[^\n]*\n$/)]);
    }
  }, 120_000);

  it('shows figures of a table in words, not as JSON', async () => {
    const { email, password } = app.account('Admin');
    const { status, out } = await daybook(['projections', 'status'], {
      env: { DAYBOOK_EMAIL: email, DAYBOOK_PASSWORD: password },
    });
    expect(status).toBe(0);
    expect(out).toMatch(/events \d+, seconds \d/);
    expect(out).not.toMatch(/[{}"]/);
  });

  it('signs in with a second factor, and tells a program without a terminal to use an API key', async () => {
    const code = await withAuthenticatorApp(await app.client('Auditor'));
    const { email, password } = app.account('Auditor');
    const env = { DAYBOOK_EMAIL: email, DAYBOOK_PASSWORD: password };
    const list = ['accounting', 'company', 'list'];
    expect(await daybook(list, { env })).toEqual({
      status: 2,
      out: '',
      err: expect.stringMatching(/^This account has a second factor: [^\n]*DAYBOOK_TOKEN[^\n]*\n$/),
    });
    const { Client } = (await import(new URL('client.mjs', import.meta.url).href)) as { Client: new (options: object) => { call(operation: object, input: object): Promise<unknown> } }; // prettier-ignore
    const asked: string[][] = [];
    const secondFactor = async (methods: string[]) => (asked.push(methods), { code: code() });
    const client = new Client({ url, credentials: async () => ({ email, password }), secondFactor });
    expect(await client.call(listCompanies, {})).toMatchObject({ items: [] });
    expect(asked).toEqual([['totp', 'recovery-code']]);
  });

  it('posts an entry from flags and standard input, and says what was rejected', async () => {
    const company = await json(['accounting', 'company', 'create', '--name', 'Fjord AS', '--currency', 'NOK']);
    const of = ['--company', company.id];
    for (const [number, name] of [
      ['1920', 'asset'],
      ['3000', 'income'],
    ] as const) {
      await json(['accounting', 'account', 'add', ...of, '--number', number, '--name', name, '--class', name]);
    }
    await json(['accounting', 'journal', 'add', ...of, '--code', 'GL', '--name', 'General']);
    const line = (account: string, side: string, amount: string) => ({ account, side, amount });
    const lines = [line('1920', 'debit', '100.00'), line('3000', 'credit', '100.00')];
    const entry = [
      'accounting',
      'entry',
      'post',
      ...of,
      '--journal',
      'GL',
      '--date',
      '2026-03-31',
      '--description',
      'Sale',
    ];
    const posted = await json([...entry, '--input', '-', '--idempotency-key', 'one'], JSON.stringify({ lines }));
    expect(await json([...entry, '--lines', JSON.stringify(lines), '--idempotency-key', 'one'])).toEqual(posted);

    const uneven = JSON.stringify([line('1920', 'debit', '100.00'), line('3000', 'credit', '99.00')]);
    const refused = await daybook([...entry, '--lines', uneven, '--json']);
    expect(refused).toMatchObject({ status: 1, out: '' });
    expect(JSON.parse(refused.err)).toMatchObject({ status: 409, code: expect.stringMatching(/^accounting\./) });

    const figures = ['--from', '2026-01-01', '--to', '2026-12-31', '--csv'];
    const report = await daybook(['report', 'trial-balance', ...of, ...figures]);
    expect(report).toMatchObject({ status: 0, err: '' });
    expect(report.out).toBe(
      'account,name,opening,debit,credit,closing\n' +
        '1920,asset,0.00,100.00,0.00,100.00\n3000,income,0.00,0.00,100.00,-100.00\n',
    );
  });

  it('exits with 2 on wrong usage and with 1 when it cannot sign in', async () => {
    expect(await daybook(['accounting', 'entry', 'post', '--company', 'x'])).toMatchObject({ status: 2, out: '' });
    expect(await daybook(['no-such-thing'])).toMatchObject({ status: 2, out: '' });
    expect(await daybook(['import', 'saft', '/no/such/file'])).toMatchObject({ status: 2, out: '' });
    expect(await daybook(['import', 'saft', place('.')])).toMatchObject({
      status: 2,
      err: expect.stringMatching(/file/),
    });
    const nowhere = ['--company', 'x', '--from', '31.12.2026', '--to', '2026-12-31'];
    const report = await daybook(['report', 'trial-balance', ...nowhere]);
    expect(report).toMatchObject({ status: 2, out: '', err: expect.stringMatching(/^--company: .*\n--from: /) });
    const explain = await daybook(['explain', ...nowhere, '--account', '1920', '--column', 'sum']);
    expect(explain).toMatchObject({ status: 2, out: '', err: expect.stringMatching(/--column: /) });
    expect(await daybook(['explain', '--company', 'x', '--entry', 'y', '--line', 'z'])).toMatchObject({ status: 2 });
    const list = ['accounting', 'company', 'list'];
    expect(await daybook(list, { env: { DAYBOOK_PASSWORD: 'wrong' } })).toMatchObject({ status: 1, out: '' });
    expect(await daybook(list, { env: { DAYBOOK_TOKEN: 'wrong', DAYBOOK_EMAIL: '' } })).toMatchObject({ status: 1 });
    expect((await daybook([...list, '--url', 'http://127.0.0.1:9'])).err).toMatch(/platform\.unreachable/);
  });

  it('names the flag for openings that do not sum to zero, and reports the problem once', async () => {
    const books = readFileSync(example, 'utf8');
    const [first] = /<OpeningDebitBalance>[^<]*<\/OpeningDebitBalance>/.exec(books)!;
    const uneven = join(mkdtempSync(join(tmpdir(), 'daybook-import-')), 'uneven.xml');
    writeFileSync(uneven, books.replace(first, '<OpeningDebitBalance>987654.00</OpeningDebitBalance>'));
    const { status, out, err } = await daybook(['import', 'saft', uneven]);
    expect(status).toBe(1);
    expect(err).toContain('--opening-difference <account>');
    expect(err).toContain('(accounting.opening-difference)');
    const broken = join(dirname(uneven), 'broken.xml');
    writeFileSync(broken, 'no books at all');
    const refused = await daybook(['import', 'saft', broken]);
    expect(refused.status).toBe(1);
    expect(`${refused.out}${refused.err}`.split('not well-formed')).toHaveLength(2);
    rmSync(dirname(uneven), { recursive: true });
    expect(out).not.toContain('undefined');
  });

  it('imports a file once, and reads its balance as it was known before', async () => {
    const dry = await json(['import', 'saft', example, '--dry-run']);
    expect(dry).toMatchObject({ dryRun: true, created: { accounts: 30, entries: 65 }, findings: [] });
    const first = await json(['import', 'saft', example]);
    expect(first).toEqual({
      ...dry,
      dryRun: false,
      status: 'posted',
      company: { id: first.company.id, name: dry.company.name },
      job: first.job,
      import: first.import,
    });

    const balance = [
      'report',
      'trial-balance',
      '--company',
      first.company.id,
      '--from',
      '2025-01-01',
      '--to',
      '2025-12-31',
    ];
    const known = await json(balance);
    const before = await daybook([...balance, '--csv']);
    const change = [
      'accounting',
      'account',
      'change',
      '--company',
      first.company.id,
      '--number',
      '1920',
      '--class',
      'asset',
    ];
    const renamed = await json([...change, '--name', 'Renamed']);
    await json([
      'accounting',
      'account',
      'read',
      '--company',
      first.company.id,
      '--number',
      '1920',
      '--min-position',
      renamed.position,
    ]);
    expect((await daybook([...balance, '--csv'])).out).not.toBe(before.out);
    expect((await daybook([...balance, '--csv', '--known-at', known.stamp.trail])).out).toBe(before.out);

    const again = await json(['import', 'saft', example]);
    expect(again).toMatchObject({ created: { accounts: 0, entries: 0, lines: 0 }, skipped: { entries: 65 } });
    expect(again.company.id).toBe(first.company.id);
  });
});
