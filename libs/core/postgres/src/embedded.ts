import { createServer, type AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { clearStaleLock, clusterOf, endOrphans, makeFolder, prepareDataDirectory } from './data-directory.js';
import { privilegesFor } from './privileges.js';
import { postgresBinaries, type PostgresBinaries } from './postgres-binaries.js';
import { launch, type Incident, type ServerProcess } from './server-process.js';
import { startErrorFrom } from './start-error.js';
import { supervise, type DatabaseWatcher, type Supervised } from './supervisor.js';
import { watched } from './watchdog.js';

export interface EmbeddedDatabase {
  /** Of the superuser; `migrate` creates the program's roles. */
  readonly url: string;
  readonly port: number;
  /** Changes with a restart. */
  readonly pid: number;
  /** Ends the server within 5 seconds. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  readonly dataDir: string;
  /** Default: a free port. */
  readonly port?: number;
  /** false for tests only: nothing is flushed to disk, and the data directory is removed when the server ends. */
  readonly durable?: boolean;
  /** Default: those that npm installed. */
  readonly programs?: PostgresBinaries;
  /** How long to wait for a server on the same data whose parent has just died. */
  readonly patienceMs?: number;
  /** When given, a server that ends is restarted on its port, and these are notified. */
  readonly watcher?: DatabaseWatcher;
  /** Pauses between restarts, for specs. */
  readonly held?: Pick<Supervised, 'wait' | 'now'>;
}

const settings = {
  shared: {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    max_connections: '100',
    // Nothing is replicated; a checkpoint that fails to write replication state would end the server.
    max_active_replication_origins: '0',
  },
  durable: { shared_buffers: '128MB', max_wal_size: '1GB' },
  // All workers of a test run share one server, with one or two products each.
  fleeting: {
    max_connections: '200',
    shared_buffers: '32MB',
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
  },
} as const;

/** Starts the PostgreSQL that npm installed. It ends with this process, also when that is killed. */
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
  const { initdb, postgres } = options.programs ?? (await postgresBinaries(dataDir));
  makeFolder(dataDir);
  const { privileges, major } = privilegesFor({ dataDir, postgres });
  const password = prepareDataDirectory(dataDir, { initdb, major, durable, privileges });
  const port = options.port ?? (await freePort());
  const command = [postgres, '-D', clusterOf(dataDir), '-p', String(port)];
  for (const [name, value] of Object.entries({ ...settings.shared, ...settings[durable ? 'durable' : 'fleeting'] })) {
    command.push('-c', `${name}=${value}`);
  }
  const { watcher } = options;
  const happened = (incident: Incident): void => (incident === 'crashed' ? watcher?.lost('crashed') : watcher?.back());
  let pid = 0;
  const run = async (): Promise<ServerProcess> => {
    await clearStaleLock(dataDir, options.patienceMs ?? 5_000);
    endOrphans(dataDir);
    const server = launch(watched(command, durable ? '' : dataDir), privileges, happened);
    server.ready.then((id) => (pid = id)).catch(() => undefined);
    return server;
  };
  const server = await run();
  await server.ready;
  const supervisor = watcher
    ? supervise(server, {
        ...options.held,
        launch: run,
        meaning: (failure) => startErrorFrom(failure, dataDir),
        watcher,
      })
    : server;
  return {
    url: `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`,
    port,
    get pid() {
      return pid;
    },
    stop: () => supervisor.stop(),
  };
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
