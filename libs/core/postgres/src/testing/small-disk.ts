import { spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  readonly path: string;
  /** Fills the disk, or all but so many kilobytes. */
  fill(leaving?: number): void;
  /** Frees what `fill` used. */
  empty(): void;
  remove(): void;
}

/** A tmpfs of so many kilobytes, mounted at the path or at a new folder. */
export function smallDisk(kilobytes: number, at?: string): SmallDisk {
  const path = at ?? mkdtempSync(join(tmpdir(), 'daybook-disk-'));
  mkdirSync(path, { recursive: true });
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k,mode=0755`, 'tmpfs', path]);
  if (mounted.status !== 0) throw new Error(`${path} was not mounted. ${String(mounted.stderr)}`);
  const ballast = join(path, '.ballast');
  return {
    path,
    fill(leaving = 0) {
      const file = openSync(ballast, 'a');
      // Large pieces first, then single bytes into the last page.
      for (const size of [1 << 20, 4096, 1]) while (wrote(file, size));
      closeSync(file);
      truncateSync(ballast, statSync(ballast).size - leaving * 1024);
    },
    empty: () => rmSync(ballast, { force: true }),
    remove() {
      spawnSync('umount', ['--lazy', path]);
      if (at === undefined) rmdirSync(path);
    },
  };
}

function wrote(file: number, size: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(size)) > 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}

/** Only root may mount, and not in every container: specs that need a small disk skip without it. */
export const canMount = ((): boolean => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    smallDisk(64).remove();
    return true;
  } catch {
    return false;
  }
})();
