import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { mock } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { listEvents } from '@daybook/audit';
import { newId } from '@daybook/kernel';
import { cancelJob } from '@daybook/server/platform/platform.operations';
import { startApp, type TestApp, type TestClient } from '@daybook/testing/app';
import { listAccounts } from '../account/account.operations.js';
import { listCompanies } from '../company/company.operations.js';
import { listEntries } from '../entry/entry.operations.js';
import { externalData } from '../saft/testing/external-data.js';
import { balanced, tinyFile, transaction } from '../saft/testing/tiny-file.js';
import { readTrialBalance } from '../trial-balance/trial-balance.operations.js';
import { importInternalCommands } from './import.internal.js';
import { cancelImport, listImports, postImport, readImport, startImport } from './import.operations.js';

/* From an uploaded file to the books, through the whole product. */

let app: TestApp;
let books: TestClient;
beforeAll(async () => {
  app = await startApp();
  books = await app.client('Accountant');
});
afterAll(() => app.close());

const example = (name: string) => readFileSync(resolve('examples', name), 'utf8');

/** Uploads and checks a file; returns the import. */
async function check(client: TestClient, name: string, content: string | Buffer, companyId?: string) {
  const { sha256 } = await client.upload(name, Buffer.from(content));
  const { id } = await client.execute(startImport, { sha256, name, ...(companyId ? { companyId } : {}) });
  await app.settle();
  const started = await client.ask(readImport, { importId: id });
  const job = await app.jobEnded(client, started.jobId);
  expect(job.error).toBeNull();
  await app.settle();
  return client.ask(readImport, { importId: id });
}
const reportOf = (found: Awaited<ReturnType<typeof check>>) => {
  if (!found.report) throw new Error('The import has no report');
  return found.report;
};
const entriesOf = async (companyId: string) => (await books.ask(listEntries, { companyId, limit: 200 })).items;
const balanceOf = async (companyId: string, from: string, to: string) =>
  (await books.ask(readTrialBalance, { companyId, from, to })).rows.map(({ class: _class, ...row }) => row);

describe('a valid file', () => {
  it('creates its company, needs no decision, and gives the balances of the dry run', async () => {
    const found = await check(books, 'nordlys-kaffe_saf-t_1.30.xml', example('nordlys-kaffe_saf-t_1.30.xml'));
    const report = reportOf(found);
    expect(found).toMatchObject({
      status: 'checked',
      format: '1.30',
      companyName: 'Nordlys Kaffe Bergen AS',
      entries: 65,
    });
    expect(report).toMatchObject({ newCompany: true, findings: [], unclassified: [], openingDifference: '0.00' });
    expect(report.counts).toMatchObject({
      accounts: { total: 30, added: 30, known: 0 },
      journals: { total: 5, added: 5, known: 0 },
      entries: { total: 65, added: 65, known: 0 },
    });
    // The dry run posts nothing.
    expect((await books.ask(listCompanies, {})).items.filter((c) => c.id === found.companyId)).toEqual([]);

    await books.execute(postImport, { companyId: found.companyId, importId: found.id });
    await app.settle();
    expect(await books.ask(readImport, { importId: found.id })).toMatchObject({ status: 'posted' });
    expect(await balanceOf(found.companyId, '2025-01-01', '2025-12-31')).toEqual(report.balance);
    expect(await entriesOf(found.companyId)).toHaveLength(66);
    expect((await books.ask(listAccounts, { companyId: found.companyId })).items).toHaveLength(30);
    expect((await books.ask(listImports, { companyId: found.companyId })).items).toMatchObject([{ status: 'posted' }]);
  });

  it('adds nothing when imported again, and says so', async () => {
    const again = await check(books, 'again.xml', example('nordlys-kaffe_saf-t_1.30.xml'));
    const report = reportOf(again);
    expect(report).toMatchObject({ newCompany: false, findings: [], openingDifference: '0.00' });
    expect(report.counts).toMatchObject({
      accounts: { total: 30, added: 0, known: 30 },
      entries: { total: 65, added: 0, known: 65 },
      lines: { added: 0 },
    });
    expect(report.balance).toEqual(await balanceOf(again.companyId, '2025-01-01', '2025-12-31'));
    await books.execute(postImport, { companyId: again.companyId, importId: again.id });
    await app.settle();
    expect(await entriesOf(again.companyId)).toHaveLength(66);
  });

  it('is refused when an imported transaction has changed', async () => {
    const changed = example('nordlys-kaffe_saf-t_1.30.xml').replaceAll('>Renter på banklån<', '>Gebyr på banklån<');
    const found = await check(books, 'changed.xml', changed);
    expect(reportOf(found).findings).toMatchObject([
      { kind: 'error', code: 'saft.content-changed', transaction: '2025-0065', line: expect.any(Number) },
    ]);
    const problem = await books.execute(
      postImport,
      { companyId: found.companyId, importId: found.id },
      { status: 409 },
    );
    expect(problem).toMatchObject({ code: 'accounting.import-has-errors' });
  });

  it('adds new transactions and leaves out known ones', async () => {
    const more = example('nordlys-kaffe_saf-t_1.30.xml').replace(
      '<TransactionID>2025-0065<',
      '<TransactionID>2025-0066<',
    );
    const found = await check(books, 'more.xml', more);
    expect(reportOf(found).counts.entries).toEqual({ total: 65, added: 1, known: 64 });
    await books.execute(postImport, { companyId: found.companyId, importId: found.id });
    await app.settle();
    expect(await balanceOf(found.companyId, '2025-01-01', '2025-12-31')).toEqual(reportOf(found).balance);
    const added = (await entriesOf(found.companyId)).filter((entry) => entry.voucher === '2025-0066');
    expect(added.map((entry) => entry.number)).toEqual(['DIV-2025-0003']);
  });

  it('is refused for the books of another company', async () => {
    const { companyId } = (await books.ask(listImports, {})).items[0]!;
    const other = example('nordlys-kaffe_saf-t_1.30.xml').replaceAll('900000001', '900000021');
    expect(reportOf(await check(books, 'other.xml', other, companyId)).findings).toMatchObject([
      { kind: 'error', code: 'saft.company-differs' },
    ]);
  });
});

describe('a file that contradicts itself', () => {
  it('is imported once the caller names an account for its opening difference', async () => {
    const found = await check(books, 'contradictions.xml', example('contradictions_saf-t_1.30.xml'));
    const { companyId, id: importId } = found;
    const report = reportOf(found);
    expect(report.openingDifference).toBe('-12500.00');
    expect(report.findingCounts).toEqual({ error: 0, decide: 1, contradiction: 3, warning: 4 });
    const problem = await books.execute(postImport, { companyId, importId }, { status: 409 });
    expect(problem).toMatchObject({ code: 'accounting.opening-difference' });

    await books.execute(postImport, { companyId, importId, openingDifference: '2059' });
    await app.settle();
    const rows = await balanceOf(companyId, '2025-01-01', '2025-12-31');
    expect(rows.find((row) => row.account === '2059')).toMatchObject({ opening: '-12500.00', closing: '-12500.00' });
    expect(rows.filter((row) => row.account !== '2059')).toEqual(report.balance);
  });
});

describe('a file that cannot be read', () => {
  it('is refused with the line, and nothing is imported', async () => {
    const broken = example('nordlys-kaffe_saf-t_1.30.xml')
      .replaceAll('900000001', '900000031')
      .replace('<TransactionID>2025-0060<', '<TransactionID>2025-0060</oops><');
    const found = await check(books, 'broken.xml', broken);
    expect(found.status).toBe('refused');
    expect(reportOf(found).findings).toMatchObject([{ code: 'saft.malformed-xml', line: expect.any(Number) }]);
    const { companyId, id: importId } = found;
    const { items } = await books.ask(listEvents, { recordType: 'accounting.import', recordId: importId });
    expect(items).toMatchObject([
      { operation: 'accounting.import.refuse', says: 'refused a file', causationId: items[1]?.commandId },
      { operation: 'accounting.import.begin' },
    ]);
    expect(await books.execute(postImport, { companyId, importId }, { status: 409 })).toMatchObject({
      code: 'accounting.import-refused',
    });
    expect((await books.ask(listCompanies, {})).items.map((c) => c.id)).not.toContain(companyId);
  });

  it('is not imported when it was never uploaded', async () => {
    const sha256 = 'f'.repeat(64);
    expect(await books.execute(startImport, { sha256, name: 'x' }, { status: 404 })).toMatchObject({
      code: 'accounting.file-not-found',
    });
  });
});

describe('an import', () => {
  it('is started once, even if the request is repeated', async () => {
    const { sha256 } = await books.upload('tiny.xml', Buffer.from(tinyFile().replaceAll('900000001', '900000041')));
    const first = await books.execute(startImport, { sha256, name: 'tiny.xml' }, { key: 'once' });
    const second = await books.execute(startImport, { sha256, name: 'tiny.xml' }, { key: 'once' });
    expect(second).toEqual(first);
    await app.settle();
    const found = await books.ask(readImport, { importId: first.id });
    await app.jobEnded(books, found.jobId);
    await app.settle();
    expect((await books.ask(listImports, {})).items.filter((i) => i.sha256 === sha256)).toHaveLength(1);
  });

  it('can be cancelled, and is then not posted', async () => {
    const found = await check(books, 'tiny.xml', tinyFile().replaceAll('900000001', '900000051'));
    const { companyId, id: importId } = found;
    await books.execute(cancelImport, { companyId, importId });
    await app.settle();
    expect(await books.ask(readImport, { importId })).toMatchObject({ status: 'cancelled' });
    expect(await books.execute(postImport, { companyId, importId }, { status: 409 })).toMatchObject({
      code: 'accounting.import-cancelled',
    });
  });

  it('makes no company when it is cancelled: another import cannot name it', async () => {
    const { companyId, id: importId } = await check(books, 'a.xml', tinyFile().replaceAll('900000001', '900000052'));
    await books.execute(cancelImport, { companyId, importId });
    const { sha256 } = await books.upload('b.xml', Buffer.from(tinyFile().replaceAll('900000001', '900000053')));
    expect(await books.execute(startImport, { sha256, name: 'b.xml', companyId }, { status: 404 })).toMatchObject({
      code: 'accounting.company-not-found',
    });
  });

  /** An import whose file is being read, until what is given back is called. */
  async function beingRead(registrationNumber: string) {
    const many = Array.from({ length: 3_000 }, (_, n) => transaction(String(n), balanced())).join('\n');
    const xml = tinyFile({ transactions: many }).replaceAll('900000001', registrationNumber);
    const { sha256 } = await books.upload('long.xml', Buffer.from(xml));
    // Comes a little at a time, far longer than a cancellation takes.
    const slowly = mock.method(app.projector.files, 'open', async () =>
      Readable.from(
        (async function* () {
          for (let at = 0; at < xml.length; at += 500) {
            yield Buffer.from(xml.slice(at, at + 500));
            await sleep(20);
          }
        })(),
      ),
    );
    const { id: importId, position } = await books.execute(startImport, { sha256, name: 'long.xml' });
    const { companyId, jobId } = await books.ask(readImport, { importId }, { minPosition: position });
    return { companyId, importId, jobId, goOn: () => slowly.mock.restore() };
  }

  it('can be cancelled while its file is read, which stops the job', async () => {
    const { companyId, importId, jobId, goOn } = await beingRead('900000081');
    await books.execute(cancelImport, { companyId, importId });
    expect(await app.jobEnded(books, jobId)).toMatchObject({ state: 'cancelled' });
    goOn();
    await app.settle();
    expect(await books.ask(readImport, { importId })).toMatchObject({ status: 'cancelled', report: null });
  });

  it('does not stay under way when its job is cancelled', async () => {
    const { companyId, importId, jobId, goOn } = await beingRead('900000082');
    expect(await books.execute(cancelJob, { jobId })).toEqual({ id: jobId });
    expect(await app.jobEnded(books, jobId)).toMatchObject({ state: 'cancelled' });
    goOn();
    await app.settle();
    expect(await books.ask(readImport, { importId })).toMatchObject({ status: 'cancelled', report: null });
    expect(await books.execute(postImport, { companyId, importId }, { status: 409 })).toMatchObject({
      code: 'accounting.import-cancelled',
    });
    await books.execute(cancelJob, { jobId }, { status: 409 });
  });

  it('is not stopped by a dry run of cancelling it', async () => {
    const many = Array.from({ length: 3_000 }, (_, n) => transaction(String(n), balanced())).join('\n');
    const xml = tinyFile({ transactions: many }).replaceAll('900000001', '900000082');
    const { sha256 } = await books.upload('rehearsed.xml', Buffer.from(xml));
    const { id: importId, position } = await books.execute(startImport, { sha256, name: 'rehearsed.xml' });
    const { companyId, jobId } = await books.ask(readImport, { importId }, { minPosition: position });
    const { bindings, commands } = app.api;
    const binding = bindings.of(cancelImport);
    if (binding.kind !== 'decide') throw new Error(binding.kind);
    const commandId = newId();
    const rehearsed = await commands.rehearse(binding, {
      operation: cancelImport,
      input: { companyId, importId },
      caller: {
        tenant: books.tenant,
        actor: { kind: 'system', id: 'spec' },
        channel: 'system',
        address: null,
        correlationId: commandId,
        reason: null,
      },
      commandId,
      newId: newId(),
      causationId: null,
      expectedVersion: null,
    });
    expect(rehearsed).toBeNull();
    expect(await app.jobEnded(books, jobId)).toMatchObject({ state: 'done' });
  });

  it('has internal commands that cannot be called', async () => {
    for (const step of importInternalCommands) {
      const path = step.http.split(' ')[1]!;
      expect((await books.post(path, {})).status).toBe(405);
    }
    const { text } = await books.get('/openapi.json');
    expect(text).toContain('/v1/accounting/imports/{importId}');
    expect(text).not.toContain('/v1/accounting/imports/begin');
  });

  it('is not visible to another tenant', async () => {
    const [mine] = (await books.ask(listImports, {})).items;
    const theirs = await app.client('Accountant', 'south');
    await theirs.ask(readImport, { importId: mine!.id }, { status: 404 });
    expect((await theirs.ask(listImports, {})).items).toEqual([]);
    await theirs.execute(startImport, { sha256: mine!.sha256, name: 'x' }, { status: 404 });
  });

  it('cannot be started by an auditor', async () => {
    const auditor = await app.client('Auditor');
    await auditor.execute(startImport, { sha256: 'f'.repeat(64), name: 'x' }, { status: 403 });
  });
});

const data = externalData('saft-no');
(data ? describe : describe.skip)('the published example of 888888888', () => {
  const file = () => readFileSync(join(data!, 'ExampleFile_SAF-T_Financial_888888888_20180228235959.xml'));
  const expected = () =>
    readFileSync(join(data!, 'ExampleFile_888888888.expected.csv'), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((row) => /^(\d+),"([^"]*)",([^,]+),([^,]+),/.exec(row)!.slice(1, 5) as [string, string, string, string]);
  const money = (text: string) => (Number(text) * 1).toFixed(2);

  it('has the expected openings, movements and closings', async () => {
    const found = await check(books, '888888888.xml', file());
    const { companyId, id: importId } = found;
    const report = reportOf(found);
    expect(report.findingCounts).toEqual({ error: 0, decide: 1, contradiction: 3, warning: 7 });
    expect(report.openingDifference).toBe('-2545410.00');
    expect(report.totals).toEqual({ debit: '9487049.35', credit: '9487049.35' });
    await books.execute(postImport, { companyId, importId, openingDifference: '2099' });
    await app.settle();

    const rows = await balanceOf(companyId, '2017-01-01', '2017-04-30');
    const own = rows.filter((row) => row.account !== '2099');
    expect(own).toEqual(report.balance);
    expect(own.map((row) => [row.account, row.name, row.opening])).toEqual(
      expected().map(([account, name, opening]) => [account, name, money(opening)]),
    );
    expect(own.map((row) => money(String(Number(row.debit) - Number(row.credit))))).toEqual(
      expected().map(([, , , movement]) => money(movement)),
    );
    const closing = (account: string) => rows.find((row) => row.account === account)?.closing;
    expect([closing('1920'), closing('2711'), closing('2740')]).toEqual(['724407.00', '-0.35', '0.35']);
    expect(closing('2099')).toBe('-2545410.00');
    expect(await entriesOf(companyId)).toHaveLength(54);

    const question = `query ($input: AccountingTrialBalanceReadInput!) {
      accountingTrialBalanceRead(input: $input) { rows { account name opening debit credit closing } }
    }`;
    const { body } = await books.graphql(question, { input: { companyId, from: '2017-01-01', to: '2017-04-30' } });
    expect(body.data?.accountingTrialBalanceRead.rows ?? body).toEqual(rows);
  });

  it('adds nothing the second time', async () => {
    const again = await check(books, 'again.xml', file());
    expect(reportOf(again).counts).toMatchObject({
      entries: { total: 53, added: 0, known: 53 },
      lines: { total: 170, added: 0, known: 170 },
    });
    expect(reportOf(again).findingCounts).toMatchObject({ error: 0, decide: 0 });
    await books.execute(postImport, { companyId: again.companyId, importId: again.id });
    await app.settle();
    expect(await entriesOf(again.companyId)).toHaveLength(54);
  });
});
