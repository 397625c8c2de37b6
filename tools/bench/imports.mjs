/*
 * `npm run bench:imports`: how many rows a second an import rehearses, runs and takes back, how much memory the process needs for it,
 * and how long an export waits that is asked for meanwhile. The whole product in one process, API and projector.
 *
 *   npm run bench:imports [-- rows [command]]      50,000 accounts of one company; `company` creates companies instead,
 *                                                  each with a stream of its own
 */
import { setTimeout as sleep } from 'node:timers/promises';

const [, , first, command = 'account'] = process.argv;
const rows = Number(first ?? 50_000);
const { startApp, TestClient } = await import('@daybook/testing/app');
const { RateLimits } = await import('@daybook/server/dispatch/limits');
const accounting = await import('@daybook/accounting');
const imports = await import('@daybook/server/import/import.operations');
const exports = await import('@daybook/server/export/export.operations');
// It looks more often than one person may.
RateLimits.prototype.take = () => null;

const app = await startApp({ env: { DAYBOOK_LOG_LEVEL: 'error' } });
let peak = 0;
const sampling = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 100);
try {
  const client = await signedIn();
  const { id: companyId } = await client.execute(accounting.createCompany, { name: 'Bench AS', currency: 'NOK' });
  const isAccount = command === 'account';
  const operation = isAccount ? accounting.addAccount.name : accounting.createCompany.name;
  const columns = isAccount ? ['number', 'name', 'class'] : ['name', 'currency'];
  const lineOf = (n) => (isAccount ? `A${n},Account ${n},asset` : `Company ${n},NOK`);
  const file = [columns.join(','), ...Array.from({ length: rows }, (_, n) => lineOf(n))].join('\n');
  const { sha256 } = await client.upload('rows.csv', file);
  console.log(
    `${rows} rows of ${operation}, ${(file.length / 1e6).toFixed(1)} MB; the process has ${mb(process.memoryUsage().rss)} MB`,
  );
  const mapping = { fields: columns.map((name) => ({ field: name, name })) };
  const forAll = isAccount ? { companyId } : {};
  const wanted = { operation, file: sha256, name: 'rows.csv', mapping, forAll };
  const { id: importId } = await client.execute(imports.startImport, wanted);
  await phase('rehearsed', importId);
  await (await signedIn()).execute(imports.runImport, { importId });
  const waited = exported(await signedIn());
  await phase('run', importId);
  console.log(
    `an export that was asked for at the beginning of the run was done after ${((await waited) / 1000).toFixed(1)} s`,
  );
  await (await signedIn()).execute(imports.revertImport, { importId });
  await phase('taken back', importId);
} finally {
  clearInterval(sampling);
  await app.close();
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

async function phase(title, importId) {
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
        `${title}: ${seconds.toFixed(0)} s, ${(rows / seconds).toFixed(0)} rows a second, ${mb(peak)} MB at most; ${counts.join(', ')}`,
      );
      return;
    }
    await sleep(500);
  }
}

/** Milliseconds until the export of a short list is done. */
async function exported(client) {
  await sleep(1000);
  const began = performance.now();
  const { id: exportId } = await client.execute(exports.startExport, {
    list: 'accounting.journal.list',
    input: { companyId: await some(client) },
    format: 'csv',
  });
  for (;;) {
    const { state, error } = await read(client, `/v1/platform/exports/${exportId}`);
    if (state === 'done') return performance.now() - began;
    if (state === 'failed') throw new Error(error.message);
    await sleep(100);
  }
}
async function some(client) {
  return (await client.ask(accounting.listCompanies, {})).items[0].id;
}

function mb(bytes) {
  return (bytes / 1e6).toFixed(0);
}
