/* `npm run precommit`, before each commit if set up by `npm run hooks`: format and lint of staged files, and boundaries. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './results.mjs';

const staged = execFileSync('git', ['diff', '--cached', '--name-only', '-z', '--diff-filter=d'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(root, path)));

const run = (what, args) => {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) console.error(`${what} failed.`);
  return status === 0;
};
const bin = (path) => join(root, 'node_modules', path);

const checks = [
  ['format', [bin('prettier/bin/prettier.cjs'), '--check', '--ignore-unknown', '--log-level=warn'], staged],
  ['lint', [bin('eslint/bin/eslint.js'), '--no-warn-ignored'], staged.filter((path) => /\.(ts|mjs|html)$/.test(path))],
];
console.log(`precommit: ${staged.length} staged files`);
const failed = checks.filter(([what, command, paths]) => paths.length > 0 && !run(what, [...command, ...paths]));
const isCode = staged.some((path) => /^(libs|apps)\/.*\.ts$|^\.dependency-cruiser/.test(path));
const holds = !isCode || run('boundaries', [join(root, 'tools/checks/boundaries.mjs')]);
process.exit(failed.length === 0 && holds ? 0 : 1);
