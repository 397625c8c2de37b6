import { startApp, type TestApp, type TestClient } from '@daybook/testing/app';
import { listEntries, postEntry, readEntry, reverseEntry } from '../entry/entry.operations.js';
import { postImport, readImport, startImport } from '../import/import.operations.js';
import { account, balanced, tinyFile, transaction } from '../saft/testing/tiny-file.js';
import { readTrialBalance } from '../trial-balance/trial-balance.operations.js';
import { explainEntry, explainFigure } from './explain.operations.js';

/* From a figure of imported books to the line of the file, and a correction of an imported entry. */
describe('imported books', () => {
  let app: TestApp;
  let books: TestClient;
  let companyId: string;
  let importId: string;
  const year = { from: '2025-01-01', to: '2025-12-31' };
  const file = tinyFile({
    accounts:
      account('1920', { opening: '<OpeningDebitBalance>40.00</OpeningDebitBalance>' }) +
      account('3000', { mapping: '<StandardAccountID>30</StandardAccountID>' }),
    transactions: `${transaction('1', balanced('100.00'))}\n${transaction('2', balanced('25.50'))}`,
  });
  const find = async (text: string) => (await books.ask(listEntries, { companyId, text })).items[0]!;

  beforeAll(async () => {
    app = await startApp();
    books = await app.client('Accountant');
    const { sha256 } = await books.upload('tiny.xml', file);
    const started = await books.execute(startImport, { sha256, name: 'tiny.xml' });
    importId = started.id;
    await app.settle();
    await app.jobEnded(books, (await books.ask(readImport, { importId })).jobId);
    await app.settle();
    companyId = (await books.ask(readImport, { importId })).companyId;
    await books.execute(postImport, { companyId, importId, openingDifference: '2999' });
    await app.settle();
  }, 120_000);
  afterAll(() => app.close());

  it('open in balance, and reports show an opening difference that is not cleared', async () => {
    const report = await books.ask(readTrialBalance, { companyId, ...year });
    expect(report.totals).toMatchObject({ opening: '0.00', debit: '125.50', credit: '125.50', closing: '0.00' });
    expect(report.rows.find((row) => row.account === '2999')).toMatchObject({ class: 'equity', opening: '-40.00' });
    expect(report.notices).toMatchObject([
      { code: 'accounting.opening-difference', account: '2999', amount: '-40.00' },
    ]);
  });

  it('show no notice once the difference is cleared', async () => {
    const lines = [
      { account: '2999', side: 'debit' as const, amount: '40.00' },
      { account: '1920', side: 'credit' as const, amount: '40.00' },
    ];
    const cleared = { companyId, journal: 'OB', date: '2025-12-31', description: 'Opening difference found', lines };
    const { position } = await books.execute(postEntry, cleared);
    const report = await books.ask(readTrialBalance, { companyId, ...year }, { minPosition: position });
    expect(report.notices).toEqual([]);
  });

  it('are explained from a figure down to the line of the file', async () => {
    const ask = { companyId, account: '3000', column: 'credit' as const, ...year };
    const figure = await books.ask(explainFigure, ask);
    expect(figure).toMatchObject({ amount: '125.50', count: 2 });
    const { entryId, line } = figure.items.find(({ amount }) => amount === '25.50')!;
    const why = await books.ask(explainEntry, { companyId, entryId, line });
    expect(why.source).toMatchObject({ file: 'tiny.xml', importId });
    expect(why.source?.excerpt.map(({ text }) => text).join('')).toContain('25.50');
    expect(why.events).toMatchObject([
      { type: 'accounting.entry-staged.v1', channel: 'import', trail: null },
      { type: 'accounting.import-posted.v1', channel: 'rest', says: 'imported 3 entries from tiny.xml' },
    ]);
    expect(why.events[1]?.actor.name).toEqual(expect.any(String));
    const entry = await books.ask(readEntry, { companyId, entryId });
    expect(entry).toMatchObject({ importId, source: { file: 'tiny.xml' }, status: 'posted', version: 1 });
  });

  it('are corrected by a reversal, once', async () => {
    const entry = await find('GL-2025-0001');
    const { position } = await books.execute(reverseEntry, { companyId, entryId: entry.id }, { version: 1 });
    const after = await books.ask(readEntry, { companyId, entryId: entry.id }, { minPosition: position });
    expect(after).toMatchObject({ status: 'reversed', version: 2, reversedBy: { number: 'GL-2025-0003' } });
    await books.execute(reverseEntry, { companyId, entryId: entry.id }, { status: 409 });
    const why = await books.ask(explainEntry, { companyId, entryId: entry.id });
    expect(why.events).toHaveLength(3);
  });
});
