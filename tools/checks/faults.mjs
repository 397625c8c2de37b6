/*
 * `npm run test:faults [-- --seed N --rounds N --product-rounds N --minutes N paths]`: the fault specs, in which parts of the core are
 * killed, cut off and starved. It prints the seed; the same seed kills at the same places. What is counted in rounds stops when
 * the minutes are over.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inWords, keep, results, root, slowestOf, totalsOf } from './results.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    rounds: { type: 'string', default: '200' },
    'product-rounds': { type: 'string', default: '5' },
    minutes: { type: 'string', default: '8' },
  },
});
for (const [name, value] of Object.entries(values)) {
  if (/^[1-9]\d*$|^0$/.test(value)) continue;
  console.error(`--${name} is a whole number.`);
  process.exit(2);
}
const { seed, rounds, minutes } = values;
console.log(
  `Fault specs: --seed ${seed} --rounds ${rounds} --product-rounds ${values['product-rounds']} --minutes ${minutes}`,
);
const report = join(results, 'faults.json');
rmSync(report, { force: true });
const jest = join(root, 'node_modules/jest/bin/jest.js');
const { status } = spawnSync(
  process.execPath,
  [jest, '--maxWorkers=2', '--json', `--outputFile=${report}`, ...positionals],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      DAYBOOK_FAULTS: '1',
      DAYBOOK_COVERAGE: '',
      DAYBOOK_FAULTS_SEED: seed,
      DAYBOOK_FAULTS_ROUNDS: rounds,
      DAYBOOK_FAULTS_PRODUCT_ROUNDS: values['product-rounds'],
      DAYBOOK_FAULTS_MINUTES: minutes,
      DAYBOOK_FAULTS_BEGAN: String(Date.now()),
    },
  },
);
const totals = totalsOf(report, status ?? 1);
keep('faults', totals);
for (const line of slowestOf(report)) console.log(line);
console.log(`Fault specs (seed ${seed}): ${inWords(totals)}.`);
process.exitCode = totals.failed > 0 ? 1 : 0;
