/*
 * `npm run bench:rights`: how much time looking up rights adds to a GET. One process serves the whole product over HTTP.
 * Each round sends the same requests twice, once with the real look-up (tenant state, session) and once with memoized
 * answers, in alternating order, so that other load on the machine affects both. Prints the ratio of their times as a
 * geometric mean over the rounds with its 95 % confidence interval, for one request at a time and for eight at once: of
 * wall-clock time and of CPU time (this process, client included, and PostgreSQL; Linux only), which other load affects
 * less.
 *
 *   npm run bench:rights [-- rounds [requests]]
 */
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';

const [rounds = 40, requests = 16] = process.argv.slice(2).map(Number);
if (!(rounds >= 1 && requests >= 1)) {
  console.error('Usage: npm run bench:rights [-- rounds [requests]]');
  process.exit(2);
}
const { startApp } = await import('@daybook/testing/app');
const { TenantStateCache } = await import('@daybook/identity/access/tenant-state-cache');
const { SessionCheck } = await import('@daybook/identity/session/session-rows');
const { RateLimits } = await import('@daybook/server/dispatch/limits');
const { ConcurrencyLimits } = await import('@daybook/server/dispatch/concurrency');
const accounting = await import('@daybook/accounting');

const lookUps = memoize([
  [TenantStateCache.prototype, 'current'],
  [SessionCheck.prototype, 'look'],
]);
// The benchmark sends more requests per second, and more at a time, than one person may.
RateLimits.prototype.take = () => null;
ConcurrencyLimits.prototype.enter = async () => () => undefined;

let servers = [];
const app = await startApp({ env: { DAYBOOK_LOG_LEVEL: 'error' } });
try {
  const { paths, token } = await books(app);
  await app.app.listen(0, '127.0.0.1');
  const { port } = new URL(await app.app.getUrl());
  for (const [what, path] of Object.entries(paths)) {
    for (const together of [1, 8]) {
      const agent = new Agent({ keepAlive: true, maxSockets: together });
      const run = (fixed) => timed(lookUps, fixed, () => send({ agent, port, path, token }, requests, together));
      for (const fixed of [true, false, true, false]) await run(fixed);
      servers = await serversOf(app.api.pool);
      const pairs = [];
      for (let round = 0; round < rounds; round++) {
        const first = round % 2 === 0;
        const times = { [first]: await run(first), [!first]: await run(!first) };
        pairs.push({ looked: times[false], fixed: times[true] });
      }
      agent.destroy();
      for (const kind of ['wallClock', 'cpu']) {
        // The CPU time of a database connection that ended within a round is lost.
        const whole = pairs.filter(({ looked, fixed }) => looked[kind] > 0 && fixed[kind] > 0);
        const each = (which) =>
          (whole.reduce((sum, pair) => sum + pair[which][kind], 0) / whole.length / requests).toFixed(2);
        const { mean, low, high } = interval(whole.map(({ looked, fixed }) => Math.log(looked[kind] / fixed[kind])));
        const words = `${what}, ${together} at once, ${kind}`.padEnd(40);
        console.log(`${words} ${each('looked')} ms with the look-up, ${each('fixed')} ms without: ${percent(mean)} (95 %: ${percent(low)} to ${percent(high)})`); // prettier-ignore
      }
    }
  }
} finally {
  await app.close();
}

/** Remembers the answers of methods by their arguments, and repeats them while `fixed` is set. */
function memoize(methods) {
  const state = { fixed: false };
  for (const [prototype, name] of methods) {
    const real = prototype[name];
    const answers = new Map();
    prototype[name] = function (...args) {
      const key = args.join(' ');
      if (state.fixed && answers.has(key)) return answers.get(key);
      const answer = real.apply(this, args);
      answers.set(key, answer);
      return answer;
    };
  }
  return state;
}

async function timed(state, fixed, work) {
  state.fixed = fixed;
  const [started, used] = [performance.now(), cpuMs()];
  await work();
  return { wallClock: performance.now() - started, cpu: cpuMs() - used };
}

/** CPU time of this process and of the processes of the database server. */
function cpuMs() {
  const { user, system } = process.cpuUsage();
  let nanoseconds = 0;
  for (const pid of servers) {
    try {
      nanoseconds += Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]);
    } catch {
      // A connection that has ended.
    }
  }
  return (user + system) / 1000 + nanoseconds / 1_000_000;
}

/** The processes of the database server that this pool is connected to. */
async function serversOf(pool) {
  const { rows } = await pool.query('select pg_backend_pid() as pid');
  const parentOf = (pid) => /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  try {
    const parent = parentOf(rows[0].pid);
    return readdirSync('/proc').filter((pid) => {
      try {
        return /^\d+$/.test(pid) && parentOf(pid) === parent;
      } catch {
        return false;
      }
    });
  } catch {
    return [];
  }
}

async function send(target, count, together) {
  let left = count;
  const worker = async () => {
    while (left-- > 0) await get(target);
  };
  await Promise.all(Array.from({ length: together }, worker));
}

function get({ agent, port, path, token }) {
  return new Promise((done, failed) => {
    const headers = { authorization: `Bearer ${token}` };
    const asked = request({ agent, port, path, host: '127.0.0.1', headers }, (answer) => {
      answer.resume();
      answer.once('end', () =>
        answer.statusCode === 200 ? done() : failed(new Error(`${path}: ${answer.statusCode}`)),
      );
    });
    asked.once('error', failed);
    asked.end();
  });
}

/** A company with a chart and some entries, so that a GET has something to read. */
async function books(app) {
  const client = await app.client('Accountant');
  const { id: companyId } = await client.execute(accounting.createCompany, { name: 'Fjord AS', currency: 'NOK' });
  for (let n = 0; n < 50; n++) {
    const number = String(1900 + n);
    await client.execute(accounting.addAccount, { companyId, number, name: `Account ${n}`, class: 'asset' });
  }
  await client.execute(accounting.addJournal, { companyId, code: 'GL', name: 'General' });
  for (let n = 0; n < 100; n++) {
    const line = (side, account) => ({ account: String(1900 + (account % 50)), side, amount: '10.00' });
    const lines = [line('debit', n), line('credit', n + 1)];
    await client.execute(accounting.postEntry, {
      companyId,
      journal: 'GL',
      date: '2026-03-31',
      description: `No ${n}`,
      lines,
    });
  }
  await app.settle();
  const at = `/v1/accounting/companies/${companyId}`;
  const paths = {
    'List companies': '/v1/accounting/companies',
    'List accounts': `${at}/accounts`,
    'List entries': `${at}/entries`,
  };
  return { token: client.token, paths };
}

function interval(logs) {
  const mean = logs.reduce((a, b) => a + b, 0) / logs.length;
  const variance = logs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (logs.length - 1);
  const reach = 2.02 * Math.sqrt(variance / logs.length);
  return { mean: Math.exp(mean), low: Math.exp(mean - reach), high: Math.exp(mean + reach) };
}

function percent(ratio) {
  return `${ratio >= 1 ? '+' : ''}${((ratio - 1) * 100).toFixed(1)} %`;
}
