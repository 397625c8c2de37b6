import { setTimeout as sleep } from 'node:timers/promises';
import { addAccount, createCompany, listAccounts, listCompanies } from '@daybook/accounting';
import { scopedQuery } from '@daybook/postgres';
import { ApiJobs } from '@daybook/server/export/api-jobs';
import {
  type ImportMapping,
  listImportRows,
  readImport,
  revertImport,
  runImport,
  startImport,
} from '@daybook/server/import/import.operations';
import { startApp, type TestApp, type TestClient } from '@daybook/testing/app';
import { startDoomed } from '@daybook/testing/killed';

/*
 * A process that runs an import is killed (SIGKILL) between the event of a row and the note that the row is done. The next process
 * runs on: every row is there once, and is taken back once.
 */
/** Rows are noted in batches of so many. */
const batch = 100;
const before = (row: number): number => 2 * row - 1;
const after = (row: number): number => 2 * row;

describe('an import whose process is killed', () => {
  let app: TestApp;
  let admin: TestClient;
  beforeAll(async () => {
    app = await startApp();
    admin = await app.client('Admin');
    // Imports run in processes of their own only.
    await app.app.get(ApiJobs, { strict: false }).beforeApplicationShutdown();
  });
  afterAll(() => app.close());

  /** Its lease ends with the process, as it would half a minute later. */
  const leaseEnds = () => scopedQuery(app.api.pool, 'jobs', 'update jobs.api_job set leased_until = clock_timestamp()');
  async function killedAt(place: number): Promise<void> {
    const [code, signal] = await startDoomed(app, 'importer', place).ended;
    expect([place, code, signal]).toEqual([place, null, 'SIGKILL']);
    await leaseEnds();
  }
  async function runsToItsEnd(importId: string) {
    const { child, ended } = startDoomed(app, 'importer', 'never');
    try {
      for (let waited = 0; waited < 120_000; waited += 50) {
        const read = await admin.ask(readImport, { importId });
        if (!['waiting', 'running'].includes(read.state)) return read;
        await sleep(50);
      }
      throw new Error(`The import ${importId} does not end.`);
    } finally {
      child.kill('SIGKILL');
      await ended;
      await leaseEnds();
    }
  }
  async function rehearsed(
    operation: string,
    rows: readonly string[],
    fields: readonly string[],
    match: ImportMapping['match'] = null,
    forAll = {},
  ) {
    const { sha256 } = await admin.upload('rows.csv', [fields.join(','), ...rows].join('\n'));
    const mapping = { fields: fields.map((name) => ({ field: name, name })), match };
    const { id } = await admin.execute(startImport, { operation, file: sha256, name: 'rows.csv', mapping, forAll });
    expect(await runsToItsEnd(id)).toMatchObject({ state: 'done', counts: { ready: rows.length } });
    return id;
  }
  const states = async (importId: string) =>
    (await admin.ask(listImportRows, { importId, limit: 200 })).items.map(({ state }) => state);

  it('has every row once, whether or not the row had been noted', async () => {
    const wanted = Array.from({ length: batch + 1 }, (_, at) => `Company ${String(at + 1).padStart(3, '0')}`);
    const rows = wanted.map((name) => `${name},NOK`);
    const importId = await rehearsed(createCompany.name, rows, ['name', 'currency']);
    await admin.execute(runImport, { importId });
    // Two rows of the log that no note speaks of, then a batch that is noted and one row more that is not.
    await killedAt(after(2));
    expect((await states(importId)).includes('done')).toBe(false);
    await killedAt(after(batch + 1));
    expect((await states(importId)).filter((state) => state === 'done')).toHaveLength(batch);
    await killedAt(before(1));
    expect(await runsToItsEnd(importId)).toMatchObject({ state: 'done', counts: { done: batch + 1, refused: 0 } });

    const { items } = await admin.ask(listCompanies, {});
    const made = items.map(({ name }) => name).filter((name) => name.startsWith('Company '));
    expect(made.sort()).toEqual(wanted);
  }, 300_000);

  it('takes every row back once', async () => {
    const { id: companyId } = await admin.execute(createCompany, { name: 'Fjord AS', currency: 'NOK' });
    for (const number of ['1500', '2400'])
      await admin.execute(addAccount, { companyId, number, name: 'Before', class: 'asset' });
    const names = async () => (await admin.ask(listAccounts, { companyId })).items.map(({ name }) => name);
    const rows = ['1500,After,asset', '2400,After,asset', '3000,New,income', '4000,New,expense'];
    const importId = await rehearsed(addAccount.name, rows, ['number', 'name', 'class'], 'number', { companyId });
    await admin.execute(runImport, { importId });
    expect(await runsToItsEnd(importId)).toMatchObject({ counts: { done: 4 } });
    expect(await names()).toEqual(['After', 'After', 'New', 'New']);
    await admin.execute(revertImport, { importId });
    await killedAt(after(1));
    expect(await runsToItsEnd(importId)).toMatchObject({ state: 'done', counts: { reverted: 4, kept: 0 } });
    expect(await names()).toEqual(['Before', 'Before']);
  }, 300_000);
});
