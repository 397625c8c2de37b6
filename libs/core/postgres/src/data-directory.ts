import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startError } from './start-error.js';
import type { Privileges } from './privileges.js';

/** `cluster` is PostgreSQL's own folder, `password` the random one of its superuser. */
export const clusterOf = (dataDir: string): string => join(dataDir, 'cluster');
const passwordFile = (dataDir: string): string => join(dataDir, 'password');

export const environment = (): NodeJS.ProcessEnv => ({ ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' });

/** One by one: a recursive mkdir hides why it failed (a read-only disk looks like a missing folder). */
export function makeFolder(path: string): void {
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) throw startError('foreign-data', path);
    return;
  }
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o755 });
}

/** Creates the cluster if it is missing, refuses one that is not ours, and returns the superuser's password. */
export function prepareDataDirectory(
  dataDir: string,
  options: { initdb: string; major: number; durable: boolean; privileges: Privileges },
): string {
  const cluster = clusterOf(dataDir);
  if (!existsSync(cluster)) {
    const strangers = readdirSync(dataDir).filter((name) => name !== 'password' && name !== 'cluster.new');
    if (strangers.length > 0) throw startError('foreign-data', dataDir);
    createCluster(dataDir, options);
  }
  const version = Number(existsSync(join(cluster, 'PG_VERSION')) ? readFileSync(join(cluster, 'PG_VERSION')) : NaN);
  if (Number.isNaN(version) || !existsSync(passwordFile(dataDir))) throw startError('foreign-data', dataDir);
  if (version !== options.major) throw startError(version > options.major ? 'newer-data' : 'older-data', dataDir);
  return readFileSync(passwordFile(dataDir), 'utf8').trim();
}

/** In a temporary folder, renamed when complete: an interrupted first start leaves nothing that looks like a database. */
function createCluster(
  dataDir: string,
  { initdb, durable, privileges }: { initdb: string; durable: boolean; privileges: Privileges },
): void {
  const unfinished = join(dataDir, 'cluster.new');
  rmSync(unfinished, { recursive: true, force: true });
  rmSync(passwordFile(dataDir), { force: true });
  writeFileSync(passwordFile(dataDir), randomBytes(24).toString('base64url'), { mode: 0o600, flush: true });
  mkdirSync(unfinished, { mode: 0o700 });
  if (!durable) privileges.own(dataDir);
  privileges.own(passwordFile(dataDir));
  privileges.own(unfinished);
  const [command = initdb, ...args] = [
    ...privileges.prefix,
    ...[initdb, '-D', unfinished, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile(dataDir)}`],
    ...['-E', 'UTF8', '--locale=C.UTF-8', '--no-instructions', '--auth-local=scram-sha-256'],
    ...(durable ? [] : ['--no-sync']),
  ];
  const made = spawnSync(command, args, { ...privileges.spawn, cwd: '/', env: environment(), encoding: 'utf8' });
  if (made.status !== 0) {
    rmSync(unfinished, { recursive: true, force: true });
    throw made.error ?? new Error(made.stderr);
  }
  renameSync(unfinished, clusterOf(dataDir));
}

/**
 * A crash may leave a `postmaster.pid` whose process id meanwhile belongs to another program, which PostgreSQL takes for a
 * running server. A server that is really ours gets `patienceMs` to end: its parent may just have died.
 */
export async function clearStaleLock(dataDir: string, patienceMs: number): Promise<void> {
  const lock = join(clusterOf(dataDir), 'postmaster.pid');
  for (const end = Date.now() + patienceMs; existsSync(lock); await sleep(50)) {
    const pid = Number(readFileSync(lock, 'utf8').split('\n')[0]);
    const running = commandLine(pid);
    if (running === '' || (running !== null && !running.includes(clusterOf(dataDir))))
      return rmSync(lock, { force: true });
    if (Date.now() >= end) throw startError('data-in-use', dataDir);
  }
}

/**
 * Processes of a server that was killed end at their next check. One that is busy computing does not, and no server starts
 * beside it. They are recognised by their working directory, where the system shows it.
 */
export function endOrphans(dataDir: string): void {
  if (!existsSync('/proc/self/cwd') || !existsSync(clusterOf(dataDir))) return;
  const cluster = realpathSync(clusterOf(dataDir));
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (readlinkSync(`/proc/${pid}/cwd`) !== cluster || basename(readlinkSync(`/proc/${pid}/exe`)) !== 'postgres')
        continue;
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended meanwhile, or belongs to another user.
    }
  }
}

/** Empty when no such process runs, null when the system does not show it. */
function commandLine(pid: number): string | null {
  if (existsSync('/proc/self/cmdline')) {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      return '';
    }
  }
  const ps = spawnSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' });
  return ps.error ? null : ps.stdout.trim();
}
