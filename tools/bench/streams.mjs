/*
 * `npm run bench:streams`: how many entries 64 clients post a second, all to one ledger and each to a ledger of their own, in turns
 * within the same run, and the ratio of both. The whole product answers over HTTP, rights and limits as in operation.
 *
 *   npm run bench:streams [-- rounds [commands per client and round]]
 */
import { Agent, request } from 'node:http';

const [rounds = 6, commands = 20] = process.argv.slice(2).map(Number);
const clients = 64;
const { startApp } = await import('@daybook/testing/app');
const { RateLimits } = await import('@daybook/server/dispatch/limits');
const accounting = await import('@daybook/accounting');
// The benchmark sends more requests per second than one person may.
RateLimits.prototype.take = () => null;

const app = await startApp({ env: { DAYBOOK_LOG_LEVEL: 'error' } });
try {
  const client = await app.client('Accountant');
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
} finally {
  await app.close();
}

function post({ agent, port, token, companyId }) {
  const line = (side, account) => ({ account, side, amount: '10.00' });
  const lines = [line('debit', '1920'), line('credit', '3000')];
  const body = JSON.stringify({ journal: 'GL', date: '2026-03-31', description: 'Entry', lines });
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
