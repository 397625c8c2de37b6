import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectTo } from '@daybook/postgres';
import { cpuOf, difference, load, median } from './measure.mjs';

/** A denominator: what its table needs, and the statement (tools/bench/against). */
export function against(name) {
  const text = readFileSync(new URL(`against/${name}.sql`, import.meta.url), 'utf8');
  const [, setup, statement] = text.split(/^-- (?:setup|statement)\n/m);
  return { setup, statement: statement.trim().replace(/;$/, '') };
}

/** The first line of what `pgbench --version` prints; null where there is none. */
export const pgbenchVersion = () => {
  const { status, stdout } = spawnSync('pgbench', ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
};

/** One statement per transaction, with so many clients. `values` are the JSON it names (`:data`). */
export async function transactions({ name, clients, values, url, postmaster, seconds }) {
  const { setup, statement } = against(name);
  const admin = await connectTo(url, { application: 'bench' });
  await admin.query(setup);
  await admin.end();
  // A space after each colon of JSON, since pgbench takes `:null` for a variable.
  const literal = (value) => `'${JSON.stringify(value).replaceAll('":', '": ').replaceAll("'", "''")}'`;
  const inlined = statement.replaceAll(/:(\w+)/g, (all, key) =>
    values[key] === undefined ? all : literal(values[key]),
  );
  return pgbenchVersion() === null
    ? byOwnClient({ statement: inlined, clients, url, postmaster, seconds })
    : byPgbench({ statement: inlined, clients, url, postmaster, seconds });
}

async function byPgbench({ statement, clients, url, postmaster, seconds }) {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-pgbench-'));
  try {
    const script = join(folder, 'script.sql');
    writeFileSync(script, `${statement.replaceAll('\n', ' ')};\n`);
    const options = ['-n', '-M', 'prepared', '-c', clients, '-j', Math.min(clients, 2), '-f', script];
    await pgbench([...options, '-T', Math.max(1, Math.round(seconds / 5)), url], folder);
    const before = cpuOf(postmaster);
    // A line for each transaction has its price, so that many clients write none.
    const logged = clients === 1 ? ['-l', '--log-prefix', join(folder, 'log')] : [];
    const text = await pgbench([...options, ...logged, '-T', Math.round(seconds), url], folder);
    const cpu = difference(before, cpuOf(postmaster));
    const rate = Number(/^tps = ([\d.]+)/m.exec(text)[1]);
    const operations = Number(/^number of transactions actually processed: (\d+)/m.exec(text)[1]);
    return { operations, seconds: operations / rate, p50: median(timesIn(folder)), cpu };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds of each transaction: the third column of its logs, in microseconds. */
const timesIn = (folder) =>
  readdirSync(folder)
    .filter((name) => name.startsWith('log.'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
    .map((line) => Number(line.split(' ')[2]) / 1_000);

function pgbench(options, cwd) {
  return new Promise((done, fail) => {
    let output = '';
    const run = spawn('pgbench', options.map(String), { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [run.stdout, run.stderr]) stream.on('data', (chunk) => (output += chunk));
    run.once('error', fail);
    run.once('exit', (code) => (code === 0 ? done(output) : fail(new Error(output.slice(0, 500)))));
  });
}

/** The same SQL by our own client, on as many connections. */
export async function byOwnClient({ statement, clients, url, postmaster, seconds, valuesOf = () => [] }) {
  const opened = await Promise.all(Array.from({ length: clients }, () => connectTo(url, { application: 'bench' })));
  try {
    const once = (n) => opened[n].query({ name: 'against', text: statement, values: valuesOf() });
    return await load({ inFlight: clients, seconds, once, cpu: () => cpuOf(postmaster) });
  } finally {
    for (const client of opened) await client.end();
  }
}
