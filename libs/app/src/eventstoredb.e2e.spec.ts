import { addAccount, createCompany, listAccounts, listCompanies } from '@daybook/accounting';
import { type EventStoreDbDouble, startEventStoreDbDouble } from '@daybook/event-store/testing/eventstoredb-double';
import { startApp, type TestApp } from '@daybook/testing/app';

/** The whole product with its events in EventStoreDB, as its wire protocol has it; reads stay in PostgreSQL. */
describe('the product on EventStoreDB', () => {
  let events: EventStoreDbDouble;
  let app: TestApp;
  beforeAll(async () => {
    events = await startEventStoreDbDouble();
    app = await startApp({ env: { EVENTSTORE_URL: events.url } });
  });
  afterAll(async () => {
    await app.close();
    await events.stop();
  });

  it('signs in, writes, answers a retry, reads, and reads the past', async () => {
    const books = await app.client('Accountant');
    const company = { name: 'Fjord AS', currency: 'NOK' };
    const made = await books.execute(createCompany, company, { key: 'c' });
    expect(await books.execute(createCompany, company, { key: 'c' })).toEqual(made);
    const account = { companyId: made.id, number: '1920', name: 'Bank', class: 'asset' as const };
    const { position } = await books.execute(addAccount, account);
    const { items } = await books.ask(listAccounts, { companyId: made.id }, { minPosition: position });
    expect(items).toMatchObject([{ number: '1920' }]);
    const before = await books.ask(listCompanies, {}, { knownAt: `position:${made.position}` });
    expect(before.items).toMatchObject([{ id: made.id }]);
    expect(
      (await books.ask(listAccounts, { companyId: made.id }, { knownAt: `position:${made.position}` })).items,
    ).toEqual([]);
  });

  it('accepts one Idempotency-Key in two companies, and answers each retry from its own company', async () => {
    const books = await app.client('Accountant');
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

  it('is ready', async () => {
    await app.anonymous.get('/health/ready').expect(200);
  });
});
