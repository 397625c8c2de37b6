import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { privilegesFor } from '../privileges.js';

/** A separate PostgreSQL server for a spec: another version, other settings. */
export interface ScratchServer {
  /** URL of its superuser, with the password. */
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

export interface ScratchOptions {
  /** Folder of `initdb` and `postgres`. */
  readonly bin: string;
  readonly settings?: Readonly<Record<string, string>>;
  /** Files in its data folder, by name, to which settings may refer. */
  readonly files?: Readonly<Record<string, string>>;
  /** pg_hba.conf. */
  readonly access?: string;
}

const password = 'scratch';

export async function scratchServer({
  bin,
  settings = {},
  files = {},
  access,
}: ScratchOptions): Promise<ScratchServer> {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-scratch-'));
  const data = join(folder, 'data');
  chmodSync(folder, 0o755);
  // Like the product's own: PostgreSQL refuses to run as root, and its programs may be where no other user may enter.
  const { privileges } = privilegesFor({ dataDir: folder, postgres: join(bin, 'postgres') });
  const own = (path: string, mode: number): void => {
    chmodSync(path, mode);
    privileges.own(path);
  };
  const write = (path: string, content: string): void => {
    writeFileSync(path, content);
    own(path, 0o600);
  };
  own(folder, 0o700);
  mkdirSync(data);
  own(data, 0o700);
  write(join(folder, 'password'), password);
  const options = { ...privileges.spawn, cwd: '/', env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8' } };
  const command = (program: string, ...args: string[]): [string, string[]] => {
    const [first = '', ...rest] = [...privileges.prefix, join(bin, program), ...args];
    return [first, rest];
  };
  const login = ['-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${join(folder, 'password')}`];
  const made = spawnSync(...command('initdb', '-D', data, '-E', 'UTF8', '--no-sync', ...login), options);
  if (made.status !== 0) throw new Error(`initdb: ${made.error?.message ?? String(made.stderr)}`);
  for (const [name, content] of Object.entries(files)) write(join(data, name), content);
  if (access !== undefined) write(join(data, 'pg_hba.conf'), access);
  const port = await freePort();
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off', ...settings };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(...command('postgres', '-D', data, '-p', String(port), ...flags), {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(server, 'exit');
  let said = '';
  await new Promise<void>((ready, fail) => {
    server.stderr.on('data', (text: Buffer) => {
      said += String(text);
      if (said.includes('ready to accept connections')) ready();
    });
    server.once('error', fail);
    void ended.then(() => fail(new Error(`PostgreSQL ended.\n${said}`)));
  });
  return {
    url: `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`,
    port,
    stop: async () => {
      server.kill('SIGQUIT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((closed) => probe.close(closed));
  return port;
}
