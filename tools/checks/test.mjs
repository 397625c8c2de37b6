/* `npm test [-- paths]`: everything that needs nothing beyond npm; Node's part on Jest, the console's on Vitest. */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inWords, keep, none, results, root, slowestOf, sum, totalsOf } from './results.mjs';

const paths = process.argv.slice(2);
const run = (command, args, cwd) => spawnSync(command, args, { cwd, stdio: 'inherit' }).status ?? 1;

function node() {
  const report = join(results, 'node.json');
  rmSync(report, { force: true });
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  const status = run(process.execPath, [jest, '--json', `--outputFile=${report}`, ...paths], root);
  return totalsOf(report, status);
}

function web() {
  const cwd = join(root, 'apps/web');
  if (paths.length > 0 || !existsSync(join(cwd, 'angular.json'))) return none;
  const report = join(results, 'web.json');
  rmSync(report, { force: true });
  const reporters = ['--reporters=default', '--reporters=json', `--output-file=${report}`];
  return totalsOf(report, run('npm', ['run', '-s', 'test', '--', ...reporters], cwd));
}

const suites = { node: node(), web: web() };
const totals = Object.values(suites).reduce(sum, none);
keep('unit', totals);
for (const line of slowestOf(join(results, 'node.json'))) console.log(line);
console.log(`Specs in Node: ${inWords(suites.node)}.`);
console.log(`Specs of the console: ${inWords(suites.web)}.`);
process.exit(totals.failed > 0 ? 1 : 0);
