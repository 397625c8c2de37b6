import { addAccount, createCompany, listAccounts, listCompanies } from '@daybook/accounting';
import { listEvents } from '@daybook/audit';
import { tenantStream } from '@daybook/identity/access/tenant-state-cache';
import { newId } from '@daybook/kernel';
import { startApp, type TestApp, type TestClient } from '@daybook/testing/app';

/* A newer version wrote an event into a company's books, and this one is still running. */
describe('on an event that a newer version wrote', () => {
  let app: TestApp;
  let books: TestClient;
  let companyId: string;
  let position: string;
  const account = { number: '1500', name: 'Receivables', class: 'asset' as const };
  beforeAll(async () => {
    app = await startApp();
    books = await app.client('Accountant');
    ({ id: companyId } = await books.execute(createCompany, { name: 'Fjord AS', currency: 'NOK' }));
    await books.execute(addAccount, { companyId, ...account });
    const { store } = app.projector;
    for await (const { stream, revision, meta } of store.readAll({ backwards: true, limit: 1 })) {
      const commandId = newId();
      const event = {
        id: newId(),
        type: 'accounting.budget-set.v1',
        data: { companyId },
        meta: { ...meta, commandId, operation: 'accounting.budget.set' },
      };
      const outcome = await store.append(stream, revision, [event]);
      if (outcome.kind !== 'appended') throw new Error(outcome.kind);
      position = String(outcome.position);
    }
  });
  afterAll(() => app.close());

  it('still reads, and stays ready', async () => {
    expect((await books.ask(listAccounts, { companyId }, { minPosition: position })).items).toMatchObject([account]);
    expect((await books.ask(listCompanies, {}, { minPosition: position })).items).toHaveLength(1);
    await app.anonymous.get('/health/ready').expect(200);
  });

  it('lists it in the trail by its type, without a sentence', async () => {
    const auditor = await app.client('Auditor');
    const { items } = await auditor.ask(listEvents, {}, { minPosition: position });
    const of = (type: string) => items.find((item) => item.type === type);
    expect(of('accounting.budget-set')).toMatchObject({ operation: 'accounting.budget.set', says: '' });
    expect(of('accounting.account-added')).toMatchObject({ says: expect.stringContaining('1500') });
  });

  it('refuses to change those books, names the unknown event and asks for an update, and changes other books', async () => {
    const refused: unknown = await books.execute(
      addAccount,
      { companyId, ...account, number: '1510' },
      { status: 503 },
    );
    expect(refused).toMatchObject({
      code: 'platform.program-too-old',
      detail: expect.stringMatching(/does not know the event accounting\.budget-set\.v1.*Update/),
      details: { event: 'accounting.budget-set.v1' },
    });
    const { id } = await books.execute(createCompany, { name: 'Sund AS', currency: 'NOK' });
    await books.execute(addAccount, { companyId: id, ...account });
  });

  it('tells members of a tenant with an unknown access event that their rights cannot be checked, and strangers nothing', async () => {
    const [books, south] = [await app.client('Accountant'), await app.client('Accountant', 'south')];
    const { store } = app.projector;
    for await (const { stream, revision, meta } of store.readStream(tenantStream(books.tenant), { backwards: true })) {
      const commandId = newId();
      const event = { id: newId(), type: 'identity.grant-paused.v1', data: {}, meta: { ...meta, commandId } };
      expect(await store.append(stream, revision, [event])).toMatchObject({ kind: 'appended' });
      break;
    }
    const { body } = await books.get('/v1/accounting/companies').expect(503);
    expect(body).toMatchObject({ code: 'platform.program-too-old', details: { event: 'identity.grant-paused.v1' } });
    const graphql = await books.graphql('{ accountingCompanyList { items { id } } }');
    expect(graphql.body.errors[0].extensions.problem).toMatchObject({ code: 'platform.program-too-old', status: 503 });
    await south.get('/v1/accounting/companies').expect(200);
  });
});
