import { startApp, type TestApp, type TestClient } from '@daybook/testing/app';
import { addAccount, changeAccount, listAccounts, readAccount } from './account/account.operations.js';
import { createCompany, listCompanies } from './company/company.operations.js';
import { seedDemo } from './demo/seed-demo.js';
import { holdEntry, listEntries, postEntry, readEntry, reverseEntry } from './entry/entry.operations.js';
import { explainEntry, explainFigure } from './explain/explain.operations.js';
import { listJournals } from './journal/journal.operations.js';
import { readAccountLedger } from './account-ledger/account-ledger.operations.js';
import { readTrialBalance } from './trial-balance/trial-balance.operations.js';

/* The demo books through the whole product, over REST and GraphQL. */
describe('the books', () => {
  let app: TestApp;
  let books: TestClient;
  let companyId: string;
  const year = { from: '2026-01-01', to: '2026-10-31' };
  const lines = [
    { account: '6340', side: 'debit' as const, amount: '18240' },
    { account: '1920', side: 'credit' as const, amount: '18240.00' },
  ];
  const entry = () => ({ companyId, journal: 'GL', date: '2026-10-30', description: 'Electricity, roastery', lines });

  beforeAll(async () => {
    app = await startApp();
    books = await app.client('Accountant');
    const client = {
      execute: (...[operation, input, key]: Parameters<Parameters<typeof seedDemo>[0]['execute']>) =>
        books.execute(operation, input, { key }) as Promise<{ id: string; version: number; position: string }>,
    };
    ({ companyId } = await seedDemo(client));
    await app.settle();
  }, 180_000);
  afterAll(() => app.close());

  it('are visible to their tenant only', async () => {
    expect((await books.ask(listCompanies, {})).items).toMatchObject([{ id: companyId, name: 'Nordlys Kaffe AS' }]);
    const south = await app.client('Accountant', 'south');
    expect((await south.ask(listCompanies, {})).items).toEqual([]);
    await south.ask(readTrialBalance, { companyId, ...year }, { status: 404 });
    await south.execute(postEntry, entry(), { status: 404 });
  });

  it('keep a registration number to one company of the tenant, and name that company', async () => {
    const other = { name: 'Other AS', registrationNumber: '999 888 777', currency: 'NOK' };
    const admin = await app.client('Admin');
    expect(await admin.execute(createCompany, other, { status: 409 })).toMatchObject({
      code: 'accounting.registration-number-exists',
      detail: expect.stringContaining('Nordlys Kaffe AS'),
      details: { companyId, name: 'Nordlys Kaffe AS' },
      errors: [{ pointer: '/registrationNumber' }],
    });
    await (await app.client('Admin', 'south')).execute(createCompany, other);
    const { items } = await books.ask(listCompanies, {});
    expect(items.map(({ name }) => name)).toEqual(['Nordlys Kaffe AS']);
  });

  it('answer lists, accounts, an account ledger and figures over REST', async () => {
    expect((await books.ask(listJournals, { companyId })).items).toHaveLength(5);
    expect((await books.ask(listAccounts, { companyId, class: ['income'], limit: 10 })).items).toHaveLength(4);
    expect(await books.ask(readAccount, { companyId, number: '2000' })).toMatchObject({ balance: '-300000.00' });
    const page = await books.ask(listEntries, { companyId, journal: ['BK', 'SA'], limit: 3 });
    const next = await books.ask(listEntries, { companyId, journal: ['BK', 'SA'], limit: 3, cursor: page.next! });
    expect(new Set([...page.items, ...next.items].map(({ id }) => id)).size).toBe(6);
    const accountLedger = await books.ask(readAccountLedger, { companyId, number: '6300', ...year });
    expect(accountLedger.items).toHaveLength(10);
    const report = await books.ask(readTrialBalance, { companyId, ...year });
    const row = report.rows.find(({ account }) => account === '6300');
    const figure = await books.ask(explainFigure, { companyId, account: '6300', column: 'debit', ...year });
    expect(figure.amount).toBe(row?.debit);
    expect(report.totals).toMatchObject({ opening: '0.00', closing: '0.00' });
  });

  it('answer the same trial balance over GraphQL', async () => {
    const rest = await books.ask(readTrialBalance, { companyId, ...year });
    const { body } = await books.graphql(
      `query ($input: AccountingTrialBalanceReadInput!) {
         accountingTrialBalanceRead(input: $input) { rows { account opening debit credit closing } totals { debit } }
       }`,
      { input: { companyId, ...year } },
    );
    expect(body.errors).toBeUndefined();
    const { rows, totals } = body.data.accountingTrialBalanceRead;
    expect(rows).toEqual(rest.rows.map(({ name: _, class: __, ...figures }) => figures));
    expect(totals.debit).toBe(rest.totals.debit);
  });

  it('post an entry once per idempotency key, show it at once, and reverse it once', async () => {
    const posted = await books.execute(postEntry, entry(), { key: 'bill' });
    expect(await books.execute(postEntry, entry(), { key: 'bill' })).toEqual(posted);
    await books.execute(postEntry, { ...entry(), description: 'Other' }, { key: 'bill', status: 422 });
    const { id } = posted;
    const read = await books.ask(readEntry, { companyId, entryId: id }, { minPosition: posted.position });
    expect(read).toMatchObject({ version: 1, status: 'posted', debit: '18240.00', credit: '18240.00' });
    await books.execute(reverseEntry, { companyId, entryId: id }, { version: 7, status: 412 });
    const reversal = await books.execute(reverseEntry, { companyId, entryId: id }, { version: 1 });
    const after = await books.ask(readEntry, { companyId, entryId: id }, { minPosition: reversal.position });
    expect(after).toMatchObject({ version: 2, status: 'reversed', reversedBy: { entryId: reversal.id } });
    const again = await books.execute(reverseEntry, { companyId, entryId: id }, { status: 409 });
    expect(again).toMatchObject({
      code: 'accounting.entry-already-reversed',
      details: { reversedBy: { entryId: reversal.id } },
    });
  });

  it('accept one idempotency key in two companies, and answer each repeat by its own company', async () => {
    const made = [];
    for (const name of ['Sund AS', 'Vik AS']) made.push(await books.execute(createCompany, { name, currency: 'NOK' }));
    const account = { number: '1500', name: 'Receivables', class: 'asset' as const };
    const added = [];
    for (const { id: companyId } of made) {
      added.push(await books.execute(addAccount, { companyId, ...account }, { key: 'same' }));
    }
    expect(added[0]!.position).not.toBe(added[1]!.position);
    for (const [i, { id: companyId }] of made.entries()) {
      expect(await books.execute(addAccount, { companyId, ...account }, { key: 'same' })).toEqual(added[i]);
      await books.execute(addAccount, { companyId, ...account, name: 'Other' }, { key: 'same', status: 422 });
    }
  });

  it('put an entry on hold over REST, release it over GraphQL, and explain both', async () => {
    const [entry] = (await books.ask(listEntries, { companyId, status: ['posted'], limit: 1 })).items;
    const entryId = entry!.id;
    const reason = 'Waiting for the signed delivery note';
    await books.execute(holdEntry, { companyId, entryId, reason }, { version: 1 });
    await app.settle();
    const onHold = await books.ask(listEntries, { companyId, status: ['on-hold'] });
    expect(onHold.items).toMatchObject([{ id: entryId, status: 'on-hold', version: 2 }]);
    const mutation =
      'mutation ($input: AccountingEntryReleaseInput!) { accountingEntryRelease(input: $input) { version } }';
    const released = await books.graphql(mutation, { input: { companyId, entryId } });
    expect(released.body.data).toEqual({ accountingEntryRelease: { version: 3 } });
    await app.settle();
    const first = await books.ask(explainEntry, { companyId, entryId, limit: 2 });
    const second = await books.ask(explainEntry, { companyId, entryId, limit: 2, cursor: first.next! });
    expect([...first.events, ...second.events].map(({ says }) => says).slice(1)).toEqual([
      `put ${entry!.number} on hold: ${reason}`,
      `released ${entry!.number}`,
    ]);
    expect([first.events.length, second.events.length, second.next]).toEqual([2, 1, null]);
  });

  it('name the accounts of an entry and of its lines in GraphQL', async () => {
    const [entry] = (await books.ask(listEntries, { companyId, limit: 1 })).items;
    const asked = `query ($companyId: ID!, $entryId: ID!) {
      accountingEntryList(input: { companyId: $companyId, limit: 1 }) { items { mainAccount { number name } } }
      accountingEntryRead(input: { companyId: $companyId, entryId: $entryId }) { lines { accountName account { name class } } }
    }`;
    const { data } = (await books.graphql(asked, { companyId, entryId: entry!.id })).body as {
      data: {
        accountingEntryList: { items: { mainAccount: { number: string; name: string } }[] };
        accountingEntryRead: { lines: { accountName: string; account: { name: string; class: string } }[] };
      };
    };
    expect(data.accountingEntryList.items[0]?.mainAccount).toEqual({
      number: entry!.mainAccount,
      name: entry!.mainAccountName,
    });
    expect(data.accountingEntryRead.lines.length).toBeGreaterThan(1);
    for (const { accountName, account } of data.accountingEntryRead.lines) expect(account.name).toBe(accountName);
  });

  it('point at the invalid field', async () => {
    const wrong = { ...entry(), lines: [lines[0]!, { account: '9999', side: 'credit' as const, amount: '18240' }] };
    const problem = await books.execute(postEntry, wrong, { status: 404 });
    expect(problem).toMatchObject({ code: 'accounting.account-not-found', errors: [{ pointer: '/lines/1/account' }] });
  });

  it('explain an entry by its events, with person and trail number', async () => {
    const [reversed] = (await books.ask(listEntries, { companyId, text: 'SK-7714', status: ['reversed'] })).items;
    const why = await books.ask(explainEntry, { companyId, entryId: reversed!.id });
    expect(why).toMatchObject({
      number: reversed!.number,
      source: null,
      seal: { state: 'not-sealed', position: reversed!.position },
      events: [
        { type: 'accounting.entry-posted.v1', says: `posted ${reversed!.number}`, channel: 'rest' },
        { type: 'accounting.entry-reversed.v1', says: `reversed ${reversed!.number}` },
      ],
    });
    for (const event of why.events) {
      expect(event.trail).toMatch(/^\d+$/);
      expect(event.actor.name).toEqual(expect.any(String));
    }
    const reversal = await books.ask(readEntry, { companyId, entryId: reversed!.id });
    const taken = await books.ask(explainEntry, { companyId, entryId: reversal.reversedBy!.entryId });
    expect(taken.events[0]?.says).toBe(`reversed ${reversed!.number}`);
  });

  it('answer a trial balance as of an earlier moment byte for byte, after a correction and a renamed account', async () => {
    const ask = async (knownAt?: string) => {
      const marks = knownAt === undefined ? '' : `&known-at=${knownAt}`;
      const { from, to } = year;
      const path = `/v1/accounting/companies/${companyId}/trial-balance?from=${from}&to=${to}${marks}`;
      return (await books.get(path).expect(200)).text;
    };
    await app.settle();
    const filed = await ask();
    const { trail } = (JSON.parse(filed) as { stamp: { trail: string } }).stamp;
    await books.execute(changeAccount, { companyId, number: '6340', name: 'Power', class: 'expense' });
    const correction = await books.execute(postEntry, entry());
    await app.settle();
    expect(await ask(trail)).toBe(filed);
    const now = await ask();
    expect(now).toContain('Power');
    expect(now).not.toBe(filed);
    await books.execute(reverseEntry, { companyId, entryId: correction.id });
  });

  it('can be read by an auditor, who cannot post', async () => {
    const auditor = await app.client('Auditor');
    expect((await auditor.ask(readTrialBalance, { companyId, ...year })).rows.length).toBeGreaterThan(40);
    await auditor.execute(postEntry, entry(), { status: 403 });
  });
});
