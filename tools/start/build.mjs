import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { librariesIn } from '../libraries.mjs';
import { StartError } from './start-error.mjs';

/** Path, size and time of each source: checking them takes milliseconds, asking nx takes a second. */
function fingerprint(root, parts) {
  const hash = createHash('sha256');
  const note = (path) => {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${path}\0${size}\0${mtimeMs}\n`);
  };
  for (const name of ['.swcrc', 'package-lock.json', 'nx.json']) note(join(root, name));
  for (const project of parts) {
    for (const name of readdirSync(project).sort()) {
      const path = join(project, name);
      if (!['src', 'public', 'tools'].includes(name)) {
        if (statSync(path).isFile()) note(path);
        continue;
      }
      const entries = readdirSync(path, { withFileTypes: true, recursive: true }).filter(
        (entry) => entry.isFile() && !entry.name.endsWith('.spec.ts'),
      );
      for (const file of entries.map((entry) => join(entry.parentPath, entry.name)).sort()) note(file);
    }
  }
  return hash.digest('hex');
}

const libraries = (root) => [...librariesIn(root).values()].map((folder) => join(root, folder));
const applications = (root) =>
  readdirSync(join(root, 'apps'))
    .map((name) => join(root, 'apps', name))
    .filter((path) => existsSync(join(path, 'package.json')));
const nameOf = (project) => JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')).name;

/** Builds what is missing or older than its sources: everything, or only the libraries with 'libs'. */
export async function build(root, say, what = 'all') {
  const parts = what === 'libs' ? libraries(root) : [...libraries(root), ...applications(root)];
  const stamp = join(root, 'node_modules/.cache/daybook', `${what}.built`);
  const isBuilt = parts.every((path) => existsSync(join(path, 'dist')));
  if (isBuilt && existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint(root, parts)) return;
  say(what === 'libs' ? 'Building …' : 'Building (a minute at the first start) …');
  await nx(root, ['run-many', '-t', 'build', '--output-style=stream', '-p', parts.map(nameOf).join(',')]);
  mkdirSync(join(stamp, '..'), { recursive: true });
  writeFileSync(stamp, fingerprint(root, parts));
}

const nx = (root, args) =>
  new Promise((done, fail) => {
    const env = {
      ...process.env,
      NX_DAEMON: 'false',
      NX_TUI: 'false',
      PATH: `${root}/node_modules/.bin:${process.env.PATH ?? ''}`,
    };
    execFile(
      process.execPath,
      [join(root, 'node_modules/nx/dist/bin/nx.js'), ...args],
      { cwd: root, env, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (!error) return done();
        fail(new StartError(`The build failed.\n${`${stdout}\n${stderr}`.trim().split('\n').slice(-40).join('\n')}`));
      },
    );
  });
