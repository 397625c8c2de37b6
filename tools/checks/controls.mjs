/*
 * `npm run test:controls [-- 7.4 9.1.2 …]`: removes each control of docs/asvs.md, one at a time, and checks that the spec that
 * proves it fails. A spec that passes without its control proves nothing, and is reported.
 *
 * Works in a copy of the working tree, never in the tree itself. `tools/checks/controls/*.json` lists what to remove and which
 * specs must fail; libs/app/src/asvs.spec.ts compares that list with the document and the code.
 */
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { changed, controls, runsOf, wanted } from './controls/list.mjs';
import { results, root } from './results.mjs';

/** A spec file that starts a product takes seconds; the longest ones, some minutes on a busy machine. */
const longestMs = 400_000;

const chosen = wanted(controls(root), process.argv.slice(2));
if (chosen.length === 0) {
  console.error('No control of that item. Items are those of docs/asvs.md: 7, 7.4 or 7.4.1.');
  process.exit(2);
}

const copy = mkdtempSync(join(tmpdir(), 'daybook-controls-'));
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

function copyTree() {
  const files = execFileSync('git', ['ls-files', '-coz', '--exclude-standard'], { cwd: root, maxBuffer: 1e8 });
  const deleted = execFileSync('git', ['ls-files', '-dz'], { cwd: root }).toString().split('\0');
  for (const file of files.toString().split('\0')) {
    if (file === '' || deleted.includes(file)) continue;
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    copyFileSync(join(root, file), join(copy, file));
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
}

/** Runs Jest on one spec file. Returns its report, and the failed assertions of its tests (not of its hooks). */
async function jest({ file, titles, whole, env }) {
  const [report, failures] = [join(copy, '.report.json'), join(copy, '.failures.json')];
  for (const path of [report, failures]) rmSync(path, { force: true });
  const pattern = titles.map((title) => title.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)).join('|');
  const child = spawn(
    process.execPath,
    [
      join(copy, 'node_modules/jest/bin/jest.js'),
      ...['--runInBand', '--silent', '--json', `--outputFile=${report}`],
      `--env=${join(copy, 'tools/checks/controls/environment.mjs')}`,
      ...(whole ? [] : [`--testNamePattern=(${pattern})$`]),
      ...['--runTestsByPath', file],
    ],
    {
      cwd: copy,
      stdio: 'ignore',
      detached: true,
      env: { ...process.env, ...env, CONTROLS_FAILURES: failures, NODE_OPTIONS: '' },
    },
  );
  const stop = () => process.kill(-child.pid, 'SIGKILL');
  process.once('exit', stop);
  const limit = setTimeout(stop, longestMs);
  await new Promise((resolve) => child.once('close', resolve));
  clearTimeout(limit);
  process.removeListener('exit', stop);
  return { report: read(report), failures: read(failures) };
}

const read = (path) => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
};

/** The result of one spec: `green`, `failed` by an assertion of its own, or why it is unknown. */
function outcomeOf(title, { report, failures }) {
  const [file] = report?.testResults ?? [];
  if (!file) return { is: 'it did not end in time' };
  const found = file.assertionResults.filter((one) => one.title === title && one.status !== 'pending');
  if (found.length === 0) return { is: `it did not run: ${firstLine(file.message) || 'there is no such spec'}` };
  if (found.every(({ status }) => status === 'passed')) return { is: 'green' };
  const failure = failures?.[title];
  if (!failure) return { is: `it failed before it began: ${firstLine(found[0].failureMessages[0])}` };
  if (!failure.asserted) return { is: `it broke, and asserted nothing: ${firstLine(failure.message)}` };
  return { is: 'failed', because: plain(failure.message).split('\n').filter(Boolean).slice(0, 4).join(' ') };
}
const plain = (text = '') => text.replaceAll(/\u001B\[[\d;]*m/g, '');
const firstLine = (text) =>
  plain(text)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('●'))[0] ?? '';

const seconds = (since) => Math.round((Date.now() - since) / 1000);
const row = (...cells) => console.log(cells.join(' | '));

async function unchanged() {
  const broken = [];
  for (const run of runsOf(chosen)) {
    const began = Date.now();
    const ended = await jest(run);
    const outcomes = run.titles.map((title) => ({ title, ...outcomeOf(title, ended) }));
    const wrong = outcomes.filter(({ is }) => is !== 'green');
    for (const { title, is, because = '' } of wrong) broken.push(`${run.file} › ${title}: ${is} ${because}`);
    row(
      'unchanged',
      run.file,
      `${run.titles.length} specs`,
      wrong.length === 0 ? 'green' : 'NOT GREEN',
      seconds(began),
    );
  }
  return broken;
}

/** Removes one control, runs its specs, and restores it. */
async function takeOut(control) {
  const began = Date.now();
  let texts;
  try {
    texts = changed(copy, control);
  } catch (error) {
    return [{ spec: control.fails.join(', '), outcome: { is: error.message }, took: 0 }];
  }
  for (const [file, { without }] of texts) writeFileSync(join(copy, file), without);
  const outcomes = [];
  for (const run of runsOf([control])) {
    const ended = await jest(run);
    for (const title of run.titles) {
      outcomes.push({ spec: `${run.file} › ${title}`, outcome: outcomeOf(title, ended), took: seconds(began) });
    }
  }
  for (const [file, { before }] of texts) writeFileSync(join(copy, file), before);
  return outcomes;
}

copyTree();
const began = Date.now();
const broken = await unchanged();
if (broken.length > 0) {
  console.error(`\nThese must be green before anything is taken out:\n${broken.join('\n')}`);
  process.exit(1);
}
row('\nitem', 'control taken out', 'spec', 'verdict', 'seconds');
const told = [];
for (const control of chosen) {
  for (const { spec, outcome, took } of await takeOut(control)) {
    const proved = outcome.is === 'failed';
    const verdict = proved ? 'failed as it must' : outcome.is === 'green' ? 'STILL GREEN' : `UNDECIDED: ${outcome.is}`;
    row(control.item, control.out, spec, verdict, took);
    told.push({ item: control.item, out: control.out, spec, proved, verdict, because: outcome.because ?? null });
  }
}
writeFileSync(join(results, 'controls.json'), JSON.stringify(told, null, 2));
const proved = told.filter((one) => one.proved).length;
console.log(`\n${seconds(began)} s; what each spec said stands in test-results/controls.json`);
console.log(`controls: ${proved} proved, ${told.length - proved} still green`);
process.exit(proved === told.length ? 0 : 1);
