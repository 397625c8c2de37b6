import { decimals, isRejection } from '@daybook/kernel';
import { changeAccount, listAccounts, readAccount } from '../account/account.operations.js';
import { listCompanies } from '../company/company.operations.js';
import { seedDemo } from '../demo/seed-demo.js';
import { listEntries, readEntry, reverseEntry } from '../entry/entry.operations.js';
import { explainFigure } from '../explain/explain.operations.js';
import { listJournals } from '../journal/journal.operations.js';
import { readAccountLedger } from '../account-ledger/account-ledger.operations.js';
import { openReadBench, type ReadBench } from '../testing/read-bench.js';
import { readTrialBalance } from './trial-balance.operations.js';

describe('queries over the demo books', () => {
  let books: ReadBench;
  let companyId: string;
  const year = { from: '2026-01-01', to: '2026-10-31' };
  beforeAll(async () => {
    books = await openReadBench();
    ({ companyId } = await seedDemo(books.memory));
    await books.project();
  }, 60_000);
  afterAll(() => books.end());
  const every = async () => {
    const items = [];
    let cursor: string | undefined;
    do {
      const page = await books.ask(listEntries, { companyId, limit: 100, ...(cursor && { cursor }) });
      items.push(...page.items);
      cursor = page.next ?? undefined;
    } while (cursor);
    return items;
  };

  it('list one company, its journals and its chart', async () => {
    expect((await books.ask(listCompanies, {})).items).toMatchObject([{ id: companyId, name: 'Nordlys Kaffe AS' }]);
    const journals = (await books.ask(listJournals, { companyId })).items.map(({ code }) => code);
    expect(journals).toEqual(['BK', 'GL', 'OB', 'PU', 'SA']);
    const accounts = await books.ask(listAccounts, { companyId, limit: 200 });
    expect(accounts.items).toHaveLength(45);
    expect((await books.ask(listAccounts, { companyId, text: 'vat', class: ['liability'] })).items).toHaveLength(4);
    const page = await books.ask(listAccounts, { companyId, limit: 3 });
    const next = await books.ask(listAccounts, { companyId, limit: 3, cursor: page.next! });
    expect([...page.items, ...next.items]).toEqual(accounts.items.slice(0, 6));
  });

  it('balance: total debit equals total credit, and opening and closing are zero', async () => {
    const report = await books.ask(readTrialBalance, { companyId, ...year });
    expect(report.totals).toMatchObject({ opening: '0.00', closing: '0.00', debit: report.totals.credit });
    expect(report.rows.at(-1)).toMatchObject({ account: 'results', class: 'equity', debit: '0.00' });
    for (const row of report.rows) {
      const closing = decimals.sub(decimals.add(row.opening, row.debit), row.credit);
      expect(decimals.cmp(closing, row.closing)).toBe(0);
      if (row.class === 'income' || row.class === 'expense') expect(row.opening).toBe('0.00');
    }
    expect(report.notices).toEqual([]);
  });

  it('keep opening entries out of movement, for any range', async () => {
    const first = await books.ask(readTrialBalance, { companyId, from: '2025-11-01', to: '2025-11-01' });
    expect(first.rows.find(({ account }) => account === '1200')).toMatchObject({
      opening: '1840000.00',
      debit: '0.00',
    });
    expect(first.rows.some(({ account }) => account === 'results')).toBe(false);
    const wide = await books.ask(readTrialBalance, { companyId, from: '2025-01-01', to: '2026-10-31' });
    expect(wide.rows.find(({ account }) => account === '2000')).toMatchObject({
      opening: '-300000.00',
      credit: '0.00',
    });
  });

  it('explain every figure of the report by lines and groups that add up to it', async () => {
    const report = await books.ask(readTrialBalance, { companyId, ...year });
    const figures = [
      ...report.rows.map((row) => [row.account, row] as const),
      ['total', report.totals] as const,
      ...(['asset', 'liability', 'equity', 'income', 'expense'] as const).map((class_) => {
        const rows = report.rows.filter((row) => row.class === class_);
        const sum = (column: 'opening' | 'debit' | 'credit' | 'closing') =>
          decimals.add('0', ...rows.map((row) => row[column]));
        const sums = { opening: sum('opening'), debit: sum('debit'), credit: sum('credit'), closing: sum('closing') };
        return [`class:${class_}`, sums] as const;
      }),
    ];
    for (const [account, row] of figures) {
      for (const column of ['opening', 'debit', 'credit', 'closing'] as const) {
        const figure = await books.ask(explainFigure, { companyId, account, column, ...year, limit: 200 });
        expect([account, column, decimals.cmp(figure.amount, row[column])]).toEqual([account, column, 0]);
        const groups = decimals.add('0', ...figure.groups.map(({ amount }) => amount));
        expect([account, column, decimals.cmp(groups, figure.amount)]).toEqual([account, column, 0]);
        let [sum, count, next] = ['0', 0, figure.next];
        for (let { items } = figure; ;) {
          sum = decimals.add(sum, ...items.map(({ amount }) => amount));
          count += items.length;
          if (next === null || count > 600) break;
          ({ items, next } = await books.ask(explainFigure, {
            companyId,
            account,
            column,
            ...year,
            limit: 200,
            cursor: next,
          }));
        }
        if (next === null) {
          expect([account, column, decimals.cmp(sum, figure.amount)]).toEqual([account, column, 0]);
          expect(count).toBe(figure.count);
        }
      }
    }
  }, 60_000);

  it('read an account ledger page by page, with the running balance', async () => {
    const whole = await books.ask(readAccountLedger, { companyId, number: '1920', ...year, limit: 200 });
    const row = (await books.ask(readTrialBalance, { companyId, ...year })).rows.find((r) => r.account === '1920');
    expect(whole).toMatchObject({
      opening: row?.opening,
      debit: row?.debit,
      credit: row?.credit,
      closing: row?.closing,
    });
    let balance = whole.opening;
    const items = [];
    for (let page = await books.ask(readAccountLedger, { companyId, number: '1920', ...year, limit: 40 }); ;) {
      items.push(...page.items);
      if (page.next === null) break;
      page = await books.ask(readAccountLedger, { companyId, number: '1920', ...year, limit: 40, cursor: page.next });
    }
    for (const line of items) {
      balance = decimals.sub(decimals.add(balance, line.debit ?? '0'), line.credit ?? '0');
      expect(decimals.cmp(balance, line.balance)).toBe(0);
    }
    expect(decimals.cmp(balance, whole.closing)).toBe(0);
    expect((await books.ask(readAccount, { companyId, number: '1920' })).balance).toBe(whole.closing);
    const opened = await books.ask(readAccountLedger, { companyId, number: '2000' });
    expect(opened).toMatchObject({ opening: '-300000.00', items: [], closing: '-300000.00', from: null });
  });

  it('start income and expense at zero each fiscal year in account ledgers too', async () => {
    const rent = await books.ask(readAccountLedger, {
      companyId,
      number: '6300',
      from: '2026-02-01',
      to: '2026-02-28',
    });
    expect(rent).toMatchObject({ opening: '75000.00', debit: '75000.00', closing: '150000.00' });
  });

  it('list entries newest first, by every filter', async () => {
    const all = await every();
    const dates = all.map(({ date }) => date);
    expect(dates).toEqual([...dates].sort().reverse());
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const oldest = await books.ask(listEntries, { companyId, sort: ['date'], limit: 1 });
    expect(oldest.items[0]).toMatchObject({ number: 'OB-2025-0001', kind: 'opening', amount: '6505092.65' });
    const count = async (filter: object) =>
      (await books.ask(listEntries, { companyId, limit: 200, ...filter })).items.length;
    const own = (test: (e: (typeof all)[number]) => boolean) => all.filter(test).length;
    expect(await count({ journal: ['GL'] })).toBe(own((e) => e.journal === 'GL'));
    expect(await count({ journal: ['PU'], period: [3, 4] })).toBe(
      own((e) => e.journal === 'PU' && [3, 4].includes(e.period)),
    );
    expect(await count({ fiscalYear: [2025] })).toBe(own((e) => e.fiscalYear === 2025));
    expect(await count({ fiscalYear: [2026], periodNot: [3, 4], journalNot: ['PU', 'BK'] })).toBe(
      own((e) => e.fiscalYear === 2026 && !['PU', 'BK'].includes(e.journal) && ![3, 4].includes(e.period)),
    );
    expect(await count({ kind: ['opening'] })).toBe(own((e) => e.kind === 'opening'));
    expect(await count({ statusNot: ['posted'] })).toBe(2);
    expect(await count({ from: '2026-05-01', to: '2026-05-31' })).toBe(own((e) => e.date.startsWith('2026-05')));
    expect(await count({ amountFrom: '1000000' })).toBe(own((e) => decimals.cmp(e.amount, '1000000') >= 0));
    expect(await count({ amountTo: '500' })).toBe(own((e) => decimals.cmp(e.amount, '500') <= 0));
    expect(await count({ status: ['reversed'] })).toBe(2);
    expect(await count({ account: ['6540', '1250'], text: 'coffee bar' })).toBe(3);
    const march = { fiscalYear: [2026], period: [3] };
    const [all3, of1920] = [await count(march), await count({ ...march, account: ['1920'] })];
    expect(of1920).toBeGreaterThan(0);
    expect(await count({ ...march, accountNot: ['1920'] })).toBe(all3 - of1920);
    expect(await count({ text: '100%_' })).toBe(0);
    expect(await count({ recordedBy: [companyId] })).toBe(0);
    expect(await count({ importId: [companyId] })).toBe(0);
    const { count: many, sums } = await books.ask(listEntries, { companyId, limit: 1, count: true, sums: true });
    expect([many, sums]).toEqual([all.length, [{ currency: 'NOK', amount: decimals.sum(all.map((e) => e.amount)) }]]);
  });

  it('show an entry with its lines and its reversal', async () => {
    const [wrong] = (await books.ask(listEntries, { companyId, text: 'SK-7714', status: ['reversed'] })).items;
    const entry = await books.ask(readEntry, { companyId, entryId: wrong!.id });
    expect(entry).toMatchObject({
      status: 'reversed',
      version: 2,
      debit: '53500.00',
      credit: '53500.00',
      source: null,
      lines: [
        { line: 1, account: '6540', accountName: 'Small equipment', debit: '42800.00', credit: null },
        { line: 2, account: '2710' },
        { line: 3, account: '2400', debit: null, credit: '53500.00' },
      ],
    });
    expect(entry.lineage.map(({ role }) => role)).toEqual(['original', 'reversal']);
    const reversal = await books.ask(readEntry, { companyId, entryId: entry.reversedBy!.entryId });
    expect(reversal).toMatchObject({ kind: 'reversal', reverses: { entryId: entry.id }, lineage: entry.lineage });
    expect(reversal.lines[0]).toMatchObject({ account: '6540', side: 'credit' });
  });

  it('answer 404 for what does not exist', async () => {
    const other = '0199f3a0-0000-7000-8000-00000000ffff';
    expect((await books.refused(readTrialBalance, { companyId: other, ...year })).status).toBe(404);
    expect((await books.refused(readEntry, { companyId, entryId: other })).code).toBe('accounting.entry-not-found');
    expect((await books.refused(readAccountLedger, { companyId, number: '9999' })).code).toBe(
      'accounting.account-not-found',
    );
    const figure = { companyId, account: '9999', column: 'debit' as const, ...year };
    expect((await books.refused(explainFigure, figure)).code).toBe('accounting.account-not-found');
    const backwards = await books.refused(readTrialBalance, { companyId, from: '2026-02-01', to: '2026-01-01' });
    expect(backwards.errors[0]?.pointer).toBe('/to');
  });

  it('answer an earlier moment byte for byte, with the account names of that moment', async () => {
    const before = await books.project();
    const ask = (at?: bigint) =>
      Promise.all([
        books.ask(readTrialBalance, { companyId, ...year }, at),
        books.ask(readAccountLedger, { companyId, number: '6700', ...year }, at),
        books.ask(listEntries, { companyId, account: ['6700'] }, at),
        books.ask(listAccounts, { companyId, limit: 200 }, at),
      ]);
    const filed = JSON.stringify(await ask(before));
    const renamed = { companyId, number: '6700', name: 'Audit', class: 'expense' as const };
    await books.memory.execute(changeAccount, renamed, 'rename');
    const [entry] = (await books.ask(listEntries, { companyId, account: ['6700'], journal: ['PU'] })).items;
    const reversed = await books.memory.execute(
      reverseEntry,
      { companyId, entryId: entry!.id, date: '2026-10-31' },
      'r',
    );
    expect(isRejection(reversed)).toBe(false);
    await books.project();
    expect(JSON.stringify(await ask(before))).toBe(filed);
    expect(JSON.stringify(await ask())).not.toBe(filed);
  });
});
