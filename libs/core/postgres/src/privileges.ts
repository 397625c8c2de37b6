import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { startError, type DatabaseStartError } from './start-error.js';

/*
 * PostgreSQL refuses to run as root. Started by root, it runs as `nobody`, who cannot enter folders such as /root. Where
 * that matters, `setpriv` (util-linux) keeps one capability, the smallest that suffices: CAP_DAC_READ_SEARCH, else
 * CAP_DAC_OVERRIDE (which containers have by default, and which programs need that were installed under umask 077).
 * `no_setuid_fixup` is for initdb, which calls access(2); that ignores capabilities after a change of user otherwise.
 */
const nobody = 65_534;
const capabilities = ['dac_read_search', 'dac_override'] as const;

export interface Privileges {
  /** Put before the command. */
  readonly prefix: readonly string[];
  readonly spawn: { readonly uid?: number; readonly gid?: number };
  /** Changes the owner of a file or folder to the account that PostgreSQL runs under. */
  own(path: string): void;
}

export interface Places {
  readonly dataDir: string;
  readonly postgres: string;
}

/** The smallest privileges with which PostgreSQL runs and reaches its data, and its version. */
export function privilegesFor(places: Places): { privileges: Privileges; major: number } {
  for (const privileges of ways()) {
    const major = tried(privileges, places);
    if (major !== null) return { privileges, major };
  }
  throw refusal(places);
}

function ways(): Privileges[] {
  if (process.getuid?.() !== 0) return [{ prefix: [], spawn: {}, own: () => undefined }];
  const own = (path: string): void => chownSync(path, nobody, nobody);
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find(existsSync);
  const ids = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', '--no-new-privs'];
  const opening = (capability: string): Privileges => {
    const sets = ['--bounding-set', '--inh-caps', '--ambient-caps'].map((set) => `${set}=-all,+${capability}`);
    return { prefix: [setpriv ?? '', ...ids, ...sets, '--securebits=+no_setuid_fixup', '--'], spawn: {}, own };
  };
  return [{ prefix: [], spawn: { uid: nobody, gid: nobody }, own }, ...(setpriv ? capabilities.map(opening) : [])];
}

/** PostgreSQL's major version, run from inside its data directory; null where that fails. */
function tried({ prefix, spawn }: Privileges, { dataDir, postgres }: Places): number | null {
  const script = 'cd "$1" && exec "$2" --version';
  const [program = '', ...args] = [...prefix, '/bin/sh', '-c', script, 'daybook-postgres', dataDir, postgres];
  const { status, stdout } = spawnSync(program, args, { ...spawn, cwd: '/', encoding: 'utf8' });
  return status === 0 ? Number(/(\d+)/.exec(stdout)?.[1]) : null;
}

function refusal({ dataDir, postgres }: Places): DatabaseStartError {
  if (process.getuid?.() !== 0) return startError(runs(postgres) ? 'not-permitted' : 'no-binaries', dataDir);
  if (!runs(postgres)) return startError('no-binaries', dataDir);
  // First: where root cannot change to another user, no other folder helps.
  if (!becomesNobody()) return startError('cannot-drop-root', dataDir);
  const [ofData, ofPrograms] = [closedFolder(dataDir), closedFolder(postgres)];
  if (ofPrograms) return startError('binaries-not-accessible', ofPrograms);
  return ofData ? startError('folder-not-accessible', ofData) : startError('cannot-drop-root', dataDir);
}

const becomesNobody = (): boolean =>
  spawnSync('/bin/sh', ['-c', ':'], { uid: nobody, gid: nobody, cwd: '/' }).status === 0;

const runs = (postgres: string): boolean => spawnSync(postgres, ['--version']).status === 0;

/** The topmost of the path and its parents that only its owner or group may enter. */
function closedFolder(path: string): string | null {
  const above = dirname(path) === path ? null : closedFolder(dirname(path));
  return above ?? (statSync(path).mode & 0o001 ? null : path);
}
