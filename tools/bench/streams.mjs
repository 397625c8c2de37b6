/*
 * `npm run bench:streams`: how many entries 64 clients post a second, all to one ledger and each to a ledger of their own, in turns
 * within the same run, and the ratio of both. The whole product answers over HTTP, rights and limits as in operation.
 *
 *   npm run bench:streams [-- rounds [commands per client and round]]
 *   npm run bench:streams -- --restart [events]     how long the first command takes after a restart, on a ledger of so many
 *                                                   events (1,000,000): folded from zero once, then from its snapshot
 */
import { Agent, request } from 'node:http';
import { parseArgs } from 'node:util';

const { positionals, values } = parseArgs({ allowPositionals: true, options: { restart: { type: 'boolean' } } });
const [first, second] = positionals.map(Number);
const [rounds, commands] = [first ?? 6, second ?? 20];
const clients = 64;
const restarts = 5;
const { startApp } = await import('@daybook/testing/app');
const { RateLimits } = await import('@daybook/server/dispatch/limits');
const { ConcurrencyLimits } = await import('@daybook/server/dispatch/concurrency');
const accounting = await import('@daybook/accounting');
// The benchmark sends more requests per second, and more at a time, than one person may.
RateLimits.prototype.take = () => null;
ConcurrencyLimits.prototype.enter = async () => () => undefined;

const line = (side, account) => ({ account, side, amount: '10.00' });
const lines = [line('debit', '1920'), line('credit', '3000')];
const entry = { journal: 'GL', date: '2026-03-31', description: 'Entry', lines };

const app = await startApp({ env: { DAYBOOK_LOG_LEVEL: 'error' } });
try {
  const client = await app.client('Accountant');
  if (values.restart) await measureRestart(client, first ?? 1_000_000);
  else await measureStreams(client);
} finally {
  await app.close();
}

async function measureStreams(client) {
  const ledgers = [];
  for (let n = 0; n < clients; n++) ledgers.push(await ledger(client, `Company ${n}`));
  await app.work.engine.stop();
  await app.app.listen(0, '127.0.0.1');
  const { port } = new URL(await app.app.getUrl());
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const rates = { hot: [], apart: [] };
  const run = {
    hot: () => postAll(() => ledgers[0]),
    apart: () => postAll((n) => ledgers[n]),
  };
  await run.apart();
  await run.hot();
  for (let round = 0; round < rounds; round++) {
    for (const kind of round % 2 === 0 ? ['hot', 'apart'] : ['apart', 'hot']) rates[kind].push(await run[kind]());
  }
  agent.destroy();
  const [hot, apart] = [median(rates.hot), median(rates.apart)];
  console.log(`${clients} clients on one stream:   ${hot.toFixed(0)} entries a second (${shown(rates.hot)})`);
  console.log(
    `${clients} clients on ${clients} streams:  ${apart.toFixed(0)} entries a second (${shown(rates.apart)})`,
  );
  console.log(`ratio: ${(hot / apart).toFixed(2)}`);

  async function postAll(ledgerOf) {
    const started = performance.now();
    await Promise.all(
      Array.from({ length: clients }, async (_, n) => {
        for (let i = 0; i < commands; i++) await post({ agent, port, token: client.token, companyId: ledgerOf(n) });
      }),
    );
    return (clients * commands) / ((performance.now() - started) / 1000);
  }
}

async function measureRestart(client, events) {
  const { apiWith, inject } = await import('@daybook/testing/raw-requests');
  const { ledgerStream } = await import('@daybook/accounting/ledger/ledger.decision-facts');
  const companyId = await ledger(client, 'Large company');
  await client.execute(accounting.postEntry, { companyId, ...entry });
  await app.work.engine.stop();
  const stream = ledgerStream(client.tenant, companyId);
  console.log(`${await fill(stream, events)} events in ${stream}`);
  const times = [];
  for (let n = -1; n < restarts; n++) {
    const api = await apiWith(app, {});
    const headers = { authorization: `Bearer ${client.token}`, 'content-type': 'application/json' };
    const started = performance.now();
    const { statusCode, payload } = await inject(api, {
      method: 'POST',
      url: `/v1/accounting/companies/${companyId}/entries`,
      headers,
      payload: JSON.stringify(entry),
    });
    const ms = performance.now() - started;
    if (statusCode !== 200) throw new Error(payload);
    // The snapshot that is due is taken after the answer, before the next command.
    await api.close();
    if (n < 0) console.log(`first command, folded from zero: ${(ms / 1000).toFixed(1)} s`);
    else times.push(ms);
  }
  console.log(`first command after a restart: ${times.map((ms) => ms.toFixed(0)).join(', ')} ms`);
}

/** Copies of the last entry, each with ids and a number of its own, until the stream has so many events. */
async function fill(stream, count) {
  const { newId } = await import('@daybook/kernel');
  const { store } = app.projector;
  let last;
  for await (const event of store.readStream(stream, { backwards: true, limit: 1 })) last = event;
  let { revision } = last;
  while (revision + 1 < count) {
    const events = Array.from({ length: Math.min(400, count - revision - 1) }, (_, n) => {
      const [entryId, commandId, sequence] = [newId(), newId(), revision + 2 + n];
      const data = { ...last.data, entryId, sequence, number: `GL-2026-${sequence}` };
      const meta = { ...last.meta, commandId, record: { ...last.meta.record, id: entryId } };
      return { id: newId(), type: last.type, data, meta };
    });
    const outcome = await store.append(stream, revision, events);
    if (outcome.kind !== 'appended') throw new Error(outcome.kind);
    revision = outcome.revision;
  }
  return revision + 1;
}

function post({ agent, port, token, companyId }) {
  const body = JSON.stringify(entry);
  return new Promise((done, failed) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const path = `/v1/accounting/companies/${companyId}/entries`;
    const asked = request({ agent, port, path, method: 'POST', host: '127.0.0.1', headers }, (answer) => {
      answer.resume();
      answer.once('end', () =>
        answer.statusCode === 200 ? done() : failed(new Error(`${path}: ${answer.statusCode}`)),
      );
    });
    asked.once('error', failed);
    asked.end(body);
  });
}

async function ledger(client, name) {
  const { id: companyId } = await client.execute(accounting.createCompany, { name, currency: 'NOK' });
  for (const number of ['1920', '3000']) {
    await client.execute(accounting.addAccount, { companyId, number, name: number, class: 'asset' });
  }
  await client.execute(accounting.addJournal, { companyId, code: 'GL', name: 'General' });
  return companyId;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function shown(values) {
  return values.map((value) => value.toFixed(0)).join(', ');
}
