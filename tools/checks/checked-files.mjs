/* The files that a check looked at. A check that looks at no files proves nothing, and must fail. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './results.mjs';

/** The parts of the tree that every check of sources must include. */
export const parts = [
  'libs/core/',
  'libs/contexts/',
  'apps/api/',
  'apps/projector/',
  'apps/web/',
  'examples/',
  'tools/',
];

/** Prints the number of files (paths from the root) per part. Returns a message per part without files. */
export function reportFiles(check, files, wanted = parts) {
  const counts = wanted.map((part) => [part, files.filter((path) => path.startsWith(part)).length]);
  console.log(`${check}: ${files.length} files (${counts.map(([part, n]) => `${part} ${n}`).join(', ')})`);
  return counts
    .filter(([, n]) => n === 0)
    .map(([part]) => `${check} looked at no file of ${part}: are its paths right?`);
}

/** Ends the process, with status 1 and the failures if there are any. */
export function end(failures) {
  for (const failure of failures) console.error(failure);
  process.exit(failures.length > 0 ? 1 : 0);
}

/** Existing files that are tracked, or new and not ignored, as paths from the root. */
export function tracked() {
  const {
    stdout: listed,
    error,
    status,
    stderr,
  } = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error?.code === 'ENOENT') end(['This check needs Git, which says what belongs to the repository: install git.']);
  if (status !== 0) end([`git ls-files failed: ${stderr.trim()}`]);
  return listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
}

/** Is this module run as a program, rather than imported by a spec? */
export const isMain = (meta) => process.argv[1] === fileURLToPath(meta.url);
