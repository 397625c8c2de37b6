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
const { startApp } = await import('@daybook/testing/app');
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

/** Anew for each minute: an access token lasts for ten. */
function signedIn() {
  return app.client('Accountant');
}

async function phase(title, importId) {
  const began = performance.now();
  peak = 0;
  let last = -1;
  let client = await signedIn();
  for (let round = 1; ; round++) {
    if (round % 120 === 0) client = await signedIn();
    const read = await client.ask(imports.readImport, { importId });
    if (read.done < last) throw new Error(`Progress fell from ${last} to ${read.done}`);
    last = read.done;
    if (!['waiting', 'running'].includes(read.state)) {
      const seconds = (performance.now() - began) / 1000;
      const counts = Object.entries(read.counts).flatMap(([state, count]) => (count > 0 ? [`${count} ${state}`] : []));
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
    const { state, error } = await client.ask(exports.readExport, { exportId });
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
