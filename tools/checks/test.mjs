/*
 * `npm test [-- paths]`: all specs that need only npm packages: Jest for Node and, in parallel, Vitest for the console, whose output
 * follows when Jest is done.
 */
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inWords, keep, none, results, root, slowestOf, sum, totalsOf } from './results.mjs';

const paths = process.argv.slice(2);

/** Runs a suite that writes its report to this file. Returns its totals, and its output if that was not shown directly. */
function suite(name, command, args, { cwd = root, stdio = 'inherit' } = {}) {
  const report = join(results, `${name}.json`);
  rmSync(report, { force: true });
  const child = spawn(command, args(report), { cwd, stdio });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => said.push(text));
  return new Promise((done) => {
    child.once('error', (error) => said.push(`${error.message}\n`));
    child.once('close', (status) => done({ totals: totalsOf(report, status ?? 1), said: said.join('') }));
  });
}

const jest = join(root, 'node_modules/jest/bin/jest.js');
const node = () => suite('node', process.execPath, (report) => [jest, '--json', `--outputFile=${report}`, ...paths]);

async function web() {
  const cwd = join(root, 'apps/web');
  if (paths.length > 0 || !existsSync(join(cwd, 'angular.json'))) return { totals: none, said: '' };
  const reporters = (report) => ['--reporters=default', '--reporters=json', `--output-file=${report}`];
  const args = (report) => ['run', '-s', 'test', '--', ...reporters(report)];
  return suite('web', 'npm', args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
}

const [inNode, ofConsole] = await Promise.all([node(), web()]);
process.stdout.write(ofConsole.said);
const totals = sum(inNode.totals, ofConsole.totals);
keep('unit', totals);
for (const line of slowestOf(join(results, 'node.json'))) console.log(line);
console.log(`Specs in Node: ${inWords(inNode.totals)}.`);
console.log(`Specs of the console: ${inWords(ofConsole.totals)}.`);
process.exitCode = totals.failed > 0 ? 1 : 0;
