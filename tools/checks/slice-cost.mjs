/*
 * `npm run slice-cost <commit>`: compares the size of a change with the budget (docs/architecture.md). Production files are those that
 * ship: sources of libs and apps without specs, doubles, documents and tools.
 * `npm run slice-cost -- --budget aggregate|field|transition|register [folder]`: what the worked example costs, or another context.
 * `npm run slice-cost -- --rewritten`: parts of contexts that were rewritten on the kit, before and now.
 */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { budgets, costOf, overBudget } from './example-cost.mjs';
import { root } from './results.mjs';
import { rewrittenCosts } from './rewritten.mjs';

if (process.argv[2] === '--budget') {
  const [what = '', folder = what === 'register' ? 'libs/contexts/collaboration/src/tag' : 'examples/context'] =
    process.argv.slice(3);
  if (!(what in budgets)) {
    console.error(`Say which budget: ${Object.keys(budgets).join(', ')}.`);
    process.exit(2);
  }
  const counted = costOf(what, resolve(root, folder), root);
  for (const { path, lines, outside = false } of counted) {
    console.log(`  ${String(lines.length).padStart(4)} ${path}${outside ? ' (outside)' : ''}`);
    if (what === 'field' || what === 'transition' || outside)
      for (const line of lines) console.log(`         ${line.trim()}`);
  }
  const { cost, over } = overBudget(what, counted);
  console.log(
    `${what}: ${cost.lines} of ${budgets[what].lines} lines, in ${cost.files} of ${budgets[what].files} files` +
      ('outside' in budgets[what] ? `; ${cost.outside} of ${budgets[what].outside} lines outside` : ''),
  );
  process.exit(over.length > 0 || counted.length === 0 ? 1 : 0);
}

if (process.argv[2] === '--rewritten') {
  const costs = rewrittenCosts(root);
  for (const { part, commit, before, now } of costs)
    console.log(
      `${part}: ${before.lines} lines in ${before.files} files at ${commit}, now ${now.lines} lines in ${now.files} files`,
    );
  process.exit(costs.every(({ before, now }) => now.lines < before.lines) ? 0 : 1);
}

const budget = { touched: 4, created: 0, lines: 80 };
const commit = process.argv[2] ?? 'HEAD';
const git = (...args) => execFileSync('git', args, { encoding: 'utf8' });

const isProduction = (path) =>
  /^(libs\/(core|contexts)\/|libs\/|apps\/)[^/]+\/src\/.*\.(ts|html|css|scss)$/.test(path) &&
  !/\.spec\.ts$|\/testing\/|\.fixture\./.test(path);

let subject;
try {
  subject = git('log', '-1', '--format=%h %s', commit).trim();
} catch {
  console.error(`${commit} is no commit of this repository.`);
  process.exit(2);
}
const rows = git('show', '--format=', '--numstat', '--no-renames', commit).trim().split('\n').filter(Boolean);
const created = new Set(
  git('show', '--format=', '--name-only', '--no-renames', '--diff-filter=A', commit).trim().split('\n'),
);
const files = rows
  .map((row) => row.split('\t'))
  .map(([added, removed, path]) => ({ path, added: Number(added) || 0, removed: Number(removed) || 0 }))
  .filter(({ path }) => isProduction(path));

const cost = {
  touched: files.filter(({ path }) => !created.has(path)).length,
  created: files.filter(({ path }) => created.has(path)).length,
  lines: files.reduce((sum, { added }) => sum + added, 0),
};
console.log(subject);
for (const { path, added, removed } of files) {
  console.log(`  ${created.has(path) ? 'new ' : '    '}+${added} -${removed} ${path}`);
}
const over = Object.keys(budget).filter((name) => cost[name] > budget[name]);
for (const name of Object.keys(budget)) {
  console.log(
    `${name.padEnd(8)} ${String(cost[name]).padStart(4)} of ${budget[name]}${over.includes(name) ? '  over' : ''}`,
  );
}
process.exit(over.length > 0 ? 1 : 0);
