import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { clearStaleLock, clusterOf, environment, makeFolder, prepareDataDirectory } from './data-directory.js';
import { privilegesFor, type Privileges } from './privileges.js';
import { programs, type Programs } from './programs.js';
import { startErrorFrom } from './start-error.js';
import { watched } from './watchdog.js';

export interface EmbeddedDatabase {
  /** Of the superuser; roles of their own are made by `migrate`. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Ends the server within 5 seconds. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  readonly dataDir: string;
  /** A free one when left out. */
  readonly port?: number;
  /** false for tests only: nothing is flushed to disk, and the data directory is removed when the server ends. */
  readonly durable?: boolean;
  /** Those that npm installed when left out. */
  readonly programs?: Programs;
  /** How long to wait for a server on the same data whose parent has just died. */
  readonly patienceMs?: number;
}

const settings = {
  shared: {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    max_connections: '100',
  },
  durable: { shared_buffers: '128MB', max_wal_size: '1GB' },
  fleeting: { shared_buffers: '32MB', fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
} as const;

/** Starts the PostgreSQL that npm installed. It ends with this process, however that ends. */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const dataDir = resolve(options.dataDir);
  try {
    return await start(dataDir, options);
  } catch (failure) {
    throw startErrorFrom(failure, dataDir);
  }
}

async function start(dataDir: string, options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const durable = options.durable ?? true;
  const { initdb, postgres } = options.programs ?? (await programs(dataDir));
  makeFolder(dataDir);
  const { privileges, major } = privilegesFor({ dataDir, postgres });
  const password = prepareDataDirectory(dataDir, { initdb, major, durable, privileges });
  await clearStaleLock(dataDir, options.patienceMs ?? 5_000);
  const port = options.port ?? (await freePort());
  const command = [postgres, '-D', clusterOf(dataDir), '-p', String(port)];
  for (const [name, value] of Object.entries({ ...settings.shared, ...settings[durable ? 'durable' : 'fleeting'] })) {
    command.push('-c', `${name}=${value}`);
  }
  const server = run(watched(command, durable ? '' : dataDir), privileges);
  const pid = await ready(server);
  const ended = new Promise<void>((done) => server.once('exit', () => done()));
  return {
    url: `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`,
    port,
    pid,
    stop: () => {
      server.ref();
      server.stdio[3]?.destroy();
      return server.exitCode === null && server.signalCode === null ? ended : Promise.resolve();
    },
  };
}

/** Detached: a Ctrl-C in the terminal must not reach the server before the programs that use it. */
function run(command: readonly string[], privileges: Privileges): ChildProcess {
  const [program = '', ...args] = [...privileges.prefix, ...command];
  const server = spawn(program, args, {
    ...privileges.spawn,
    cwd: '/',
    env: environment(),
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  // Neither the server nor its pipes keep this process running.
  server.unref();
  for (const stream of [server.stderr, server.stdio[3]]) (stream as unknown as { unref(): void }).unref();
  return server;
}

/** Answers the server's process id once it accepts connections. */
function ready(server: ChildProcess): Promise<number> {
  return new Promise((done, fail) => {
    // Unreferenced pipes do not keep a process alive that has nothing else to do but wait for them.
    const awake = setInterval(() => undefined, 1_000);
    let said = '';
    const settle = (work: () => void): void => {
      clearInterval(awake);
      server.stderr?.off('data', read).resume();
      work();
    };
    const read = (chunk: Buffer): void => {
      said += String(chunk);
      if (said.includes('ready to accept connections')) {
        settle(() => done(Number(/\[(\d+)\] LOG: {2}database system is ready/.exec(said)?.[1])));
      }
    };
    server.stderr?.on('data', read);
    server.once('error', (error) => settle(() => fail(error)));
    server.once('close', (code) => settle(() => fail(new Error(`PostgreSQL ended with status ${code}.\n${said}`))));
  });
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer().once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => done(port));
    });
  });
}
