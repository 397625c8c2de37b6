/*
 * `npm run bench:imports`: how long an import takes for a row that it rehearses, runs and takes back, in round trips to the database and
 * in milliseconds, how much memory the process needs for it, and how long an export waits that is asked for meanwhile. The whole
 * product in one process, API and projector. Several sizes in one run show whether a row costs the same in a large file.
 *
 *   npm run bench:imports [-- sizes [commands]]    1000,10000,50000 account,company; accounts are all of one company, companies
 *                                                  have a stream of their own each
 */
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const [, , sizes = '1000,10000,50000', commands = 'account,company'] = process.argv;
const { startApp, TestClient } = await import('@daybook/testing/app');
const { RateLimits } = await import('@daybook/server/dispatch/limits');
const accounting = await import('@daybook/accounting');
const imports = await import('@daybook/server/import/import.operations');
const exports = await import('@daybook/server/export/export.operations');
// It looks more often than one person may.
RateLimits.prototype.take = () => null;

/** What each command is given for its n-th row. */
const rowsOf = {
  account: {
    operation: accounting.addAccount.name,
    columns: ['number', 'name', 'class'],
    line: (n) => `A${n},Account ${n},asset`,
  },
  company: { operation: accounting.createCompany.name, columns: ['name', 'currency'], line: (n) => `Company ${n},NOK` },
};

const app = await startApp({ env: { DAYBOOK_LOG_LEVEL: 'error' } });
let peak = 0;
const sampling = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 100);
try {
  for (const command of commands.split(',')) for (const size of sizes.split(',')) await imported(command, Number(size));
} finally {
  clearInterval(sampling);
  await app.close();
}

async function imported(command, rows) {
  const { operation, columns, line } = rowsOf[command];
  const client = await signedIn();
  const { id: companyId } = await client.execute(accounting.createCompany, { name: 'Bench AS', currency: 'NOK' });
  const file = [columns.join(','), ...Array.from({ length: rows }, (_, n) => line(n))].join('\n');
  const { sha256 } = await client.upload('rows.csv', file);
  console.log(
    `${rows} rows of ${operation}, ${(file.length / 1e6).toFixed(1)} MB; the process has ${mb(process.memoryUsage().rss)} MB; load ${loadavg()[0].toFixed(1)}`,
  );
  const mapping = { fields: columns.map((name) => ({ field: name, name })) };
  const forAll = command === 'account' ? { companyId } : {};
  const wanted = { operation, file: sha256, name: 'rows.csv', mapping, forAll };
  const { id: importId } = await client.execute(imports.startImport, wanted);
  await phase('rehearsed', importId, rows);
  await (await signedIn()).execute(imports.runImport, { importId });
  const waited = exported(await signedIn(), companyId);
  await phase('run', importId, rows);
  console.log(
    `an export that was asked for at the beginning of the run was done after ${((await waited) / 1000).toFixed(1)} s`,
  );
  await (await signedIn()).execute(imports.revertImport, { importId });
  await phase('taken back', importId, rows);
}

/** Without waiting for the read models, as the harness's clients do. */
async function read(client, url) {
  return (await app.app.inject({ url, headers: { authorization: `Bearer ${client.token}` } })).json();
}

/** Anew for each minute: an access token lasts for ten, and the harness keeps its clients. */
async function signedIn() {
  const { email, password, tenantId: tenant } = app.account('Accountant');
  const answer = await app.app.inject({
    method: 'POST',
    url: '/v1/identity/session',
    payload: { email, password, tenant },
  });
  return new TestClient(app.app, answer.json().accessToken, tenant);
}

async function phase(title, importId, rows) {
  const began = performance.now();
  peak = 0;
  let last = -1;
  let client = await signedIn();
  for (let round = 1; ; round++) {
    if (round % 120 === 0) client = await signedIn();
    const now = await read(client, `/v1/platform/imports/${importId}`);
    if (now.done < last) throw new Error(`Progress fell from ${last} to ${now.done}`);
    last = now.done;
    if (!['waiting', 'running'].includes(now.state)) {
      const seconds = (performance.now() - began) / 1000;
      const counts = Object.entries(now.counts).flatMap(([state, count]) => (count > 0 ? [`${count} ${state}`] : []));
      console.log(
        `${title}: ${seconds.toFixed(0)} s, ${((1000 * seconds) / rows).toFixed(2)} ms a row, ${mb(peak)} MB at most; ${counts.join(', ')}`,
      );
      return;
    }
    await sleep(500);
  }
}

/** Milliseconds until the export of a short list is done. */
async function exported(client, companyId) {
  await sleep(1000);
  const began = performance.now();
  const { id: exportId } = await client.execute(exports.startExport, {
    list: 'accounting.journal.list',
    input: { companyId },
    format: 'csv',
  });
  for (;;) {
    const { state, error } = await read(client, `/v1/platform/exports/${exportId}`);
    if (state === 'done') return performance.now() - began;
    if (state === 'failed') throw new Error(error.message);
    await sleep(100);
  }
}

function mb(bytes) {
  return (bytes / 1e6).toFixed(0);
}
