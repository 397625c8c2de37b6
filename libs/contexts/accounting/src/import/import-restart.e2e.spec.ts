import { setTimeout as sleep } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createLogger } from '@daybook/server/health/logger';
import { createProjector } from '@daybook/server/projector';
import { startApp, type TestApp, type TestClient } from '@daybook/testing/app';
import { ProjectorModule } from '@daybook/app';
import { listCompanies } from '../company/company.operations.js';
import { listEntries } from '../entry/entry.operations.js';
import { stagedStream } from '../ledger/ledger.decision-facts.js';
import { balanced, tinyFile, transaction } from '../saft/testing/tiny-file.js';
import { readTrialBalance } from '../trial-balance/trial-balance.operations.js';
import { cancelImport, postImport, readImport, startImport } from './import.operations.js';

/* The process that reads a file ends in the middle, and another one takes over. */

const transactions = 3_000;
const bigFile = (number: string) =>
  tinyFile({
    transactions: Array.from({ length: transactions }, (_, n) => transaction(String(n + 1), balanced('1.00'))).join(
      '\n',
    ),
  }).replaceAll('900000001', number);

const quiet = createLogger('error', 'test');
let app: TestApp;
let books: TestClient;
let successor: NestFastifyApplication | undefined;
beforeAll(async () => {
  app = await startApp();
  books = await app.client('Accountant');
});
afterAll(async () => {
  await successor?.close();
  await app.close();
});

const stagedIn = async (importId: string): Promise<number> => {
  let last = 0;
  const stream = stagedStream(books.tenant, importId);
  for await (const event of app.projector.store.readStream(stream, { backwards: true, limit: 1 }))
    last = event.revision + 1;
  return last;
};
const start = async (number: string): Promise<string> => {
  const { sha256 } = await books.upload(`${number}.xml`, Buffer.from(bigFile(number)));
  return (await books.execute(startImport, { sha256, name: `${number}.xml` })).id;
};

it('imports nothing by halves when the reading process ends, and can be finished or cancelled afterwards', async () => {
  const finished = await start('900000061');
  while ((await stagedIn(finished)) === 0) await sleep(5);
  await app.projector.jobs.stop();
  await app.settle();

  const between = await books.ask(readImport, { importId: finished });
  const staged = await stagedIn(finished);
  expect(between).toMatchObject({ status: 'reading', report: null });
  expect(staged).toBeGreaterThan(0);
  expect(staged).toBeLessThan(transactions);
  expect((await books.ask(listCompanies, {})).items).toEqual([]);
  await books.execute(postImport, { companyId: between.companyId, importId: finished }, { status: 409 });

  // An import that is never resumed can be cancelled.
  const given = await start('900000071');
  await app.settle();
  const waiting = await books.ask(readImport, { importId: given });
  await books.execute(cancelImport, { companyId: waiting.companyId, importId: given });
  await app.settle();
  expect(await books.ask(readImport, { importId: given })).toMatchObject({ status: 'cancelled' });
  expect(await app.jobEnded(books, waiting.jobId)).toMatchObject({ state: 'cancelled' });

  successor = await createProjector(ProjectorModule, { config: app.config, logger: quiet, jobConcurrency: 1 });
  await successor.init();
  expect(await app.jobEnded(books, between.jobId)).toMatchObject({ state: 'done', error: null });
  await app.settle();

  const found = await books.ask(readImport, { importId: finished });
  expect(found).toMatchObject({ status: 'checked', entries: transactions });
  const { companyId } = found;
  await books.execute(postImport, { companyId, importId: finished });
  await app.settle();
  const balance = await books.ask(readTrialBalance, { companyId, from: '2025-01-01', to: '2025-12-31' });
  expect(balance.rows.map((row) => [row.account, row.closing])).toEqual([
    ['1920', '3000.00'],
    ['3000', '-3000.00'],
  ]);
  const numbers = await books.ask(listEntries, { companyId, limit: 1 });
  expect(numbers.items[0]!.number).toBe('GL-2025-3000');

  // The process that reads it ends on every attempt.
  await successor.close();
  successor = undefined;
  const dying = await start('900000081');
  await app.projector.pool.query(`update jobs.job set attempt = attempts where state = 'waiting'`);
  successor = await createProjector(ProjectorModule, { config: app.config, logger: quiet, jobConcurrency: 1 });
  await successor.init();
  await app.settle();
  const { jobId } = await books.ask(readImport, { importId: dying });
  expect(await app.jobEnded(books, jobId)).toMatchObject({ state: 'failed', error: { code: 'platform.job-crashed' } });
  await app.settle();
  expect(await books.ask(readImport, { importId: dying })).toMatchObject({ status: 'refused' });
}, 120_000);
