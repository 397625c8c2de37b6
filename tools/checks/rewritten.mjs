/*
 * The parts of contexts that were rewritten on the kit: their production lines before, at a commit, and now. A part is the files
 * that its paths begin with, at either time.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const accounting = 'libs/contexts/accounting/src';
const identity = 'libs/contexts/identity/src';
export const rewritten = [
  {
    part: 'companies, accounts and journals',
    before: '7fdcf17e^',
    paths: ['company/', 'account/', 'journal/', 'ledger/decide-chart.ts', 'ledger/ledger.events.ts'].map((path) => `${accounting}/${path}`), // prettier-ignore
  },
  {
    part: 'members and roles',
    before: '7934b35a',
    paths: ['member/', 'role/', 'access/access-rows.ts', 'access/access.projection.ts', 'tenant/decide-member.ts', 'tenant/decide-role.ts'].map((path) => `${identity}/${path}`), // prettier-ignore
  },
];

const isProduction = (path) => path.endsWith('.ts') && !/\.spec\.ts$|\/testing\//.test(path);
const linesOf = (text) => text.trimEnd().split('\n').length;

/** Lines and files of a part. `commit`: as they were then; null: as they are in the folder. */
function costAt(root, paths, commit) {
  const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' });
  const folder = paths[0].slice(0, paths[0].indexOf('/src/') + 4);
  const all =
    commit === null
      ? readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
          .filter((entry) => entry.isFile())
          .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      : git('ls-tree', '-r', '--name-only', commit, folder).split('\n');
  const files = all.filter((path) => isProduction(path) && paths.some((start) => path.startsWith(start)));
  const text = (path) => (commit === null ? readFileSync(join(root, path), 'utf8') : git('show', `${commit}:${path}`));
  return { files: files.length, lines: files.reduce((sum, path) => sum + linesOf(text(path)), 0) };
}

export const rewrittenCosts = (root) =>
  rewritten.map(({ part, before, paths }) => ({
    part,
    commit: before,
    before: costAt(root, paths, before),
    now: costAt(root, paths, null),
  }));
