import { readSession } from '@daybook/identity';
import { createCompany, listCompanies } from '@daybook/accounting';
import { startApp, type TestApp } from './app.js';

describe('the whole product in one process', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  it('signs in each role of both tenants', async () => {
    for (const tenant of ['north', 'south'] as const) {
      for (const role of ['Admin', 'Accountant', 'Auditor', 'Staff', 'Vendor'] as const) {
        const client = await app.client(role, tenant);
        expect(await client.ask(readSession, {})).toMatchObject({ role, tenant: { name: tenant } });
      }
    }
  });

  it('writes and reads its own write', async () => {
    const books = await app.client('Accountant');
    const { position } = await books.execute(createCompany, { name: 'Fjord AS', currency: 'NOK' });
    const { items } = await books.ask(listCompanies, {}, { minPosition: position });
    expect(items).toMatchObject([{ name: 'Fjord AS', version: 1 }]);
    const south = await app.client('Accountant', 'south');
    expect((await south.ask(listCompanies, {})).items).toEqual([]);
  });
});
