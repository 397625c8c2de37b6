/*
 * `npm run bench [-- row …] [--quick] [--write]`: one table of what the core does, each row beside a denominator that runs in turn with
 * it (A B B A …) on the same server within the same run, one process per measurement. Ratios of one run can be compared, absolute
 * numbers only with those of the same machine. `--quick` takes about 3 minutes; `--write` writes docs/benchmarks.md.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { migrate, roleUrl } from '@daybook/postgres';
import { startEmbedded } from '@daybook/postgres/embedded';
import { eventStoreMigrations } from '@daybook/event-store/postgres/migrations';
import { document, lineOf, table } from './report.mjs';
import { rows } from './rows.mjs';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean' }, write: { type: 'boolean' } },
});
const [repetitions, seconds] = values.quick ? [3, 2] : [5, 6];
const secret = 'a secret of the benchmark, long enough to be taken';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dataDir = mkdtempSync(join(tmpdir(), 'daybook-bench-'));
const server = await startEmbedded({ dataDir });
try {
  await migrate(server.url, secret, eventStoreMigrations);
  const wanted = rows.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const results = [];
  for (const row of wanted) {
    const cells = { ours: [], against: [] };
    for (const side of turns(repetitions)) cells[side].push(await cell(row, side));
    results.push({ row, cells });
    console.log(lineOf(results.at(-1)));
  }
  console.log(`\n${table(results)}`);
  if (values.write)
    writeFileSync(join(root, 'docs/benchmarks.md'), await document(results, server.url, { repetitions, seconds }));
} finally {
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** A B B A A B B A …, so that what changes slowly on the machine meets both alike. */
function turns(count) {
  return Array.from({ length: count }, (_, n) => (n % 2 === 0 ? ['ours', 'against'] : ['against', 'ours'])).flat();
}

function cell({ name }, side) {
  const where = {
    url: server.url,
    projectorUrl: roleUrl(server.url, 'projector', secret),
    apiUrl: roleUrl(server.url, 'api', secret),
    postmaster: server.pid,
    seconds,
  };
  return new Promise((done, fail) => {
    let output = '';
    const run = spawn(process.execPath, ['--import', './tools/source.mjs', 'tools/bench/cell.mjs', name, side], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, BENCH_WHERE: JSON.stringify(where) },
    });
    run.stdout.on('data', (chunk) => (output += chunk));
    run.once('error', fail);
    run.once('exit', (code) => (code === 0 ? done(JSON.parse(output)) : fail(new Error(`${name}, ${side}: ${code}`))));
  });
}
