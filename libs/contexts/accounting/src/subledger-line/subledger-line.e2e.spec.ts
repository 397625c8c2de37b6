import { giveGrant, listGrants, sendInvitation } from '@daybook/identity';
import { mostPartyId, type Party } from '@daybook/kernel';
import { startApp, type TestApp, type TestClient } from '@daybook/testing/app';
import { addAccount } from '../account/account.operations.js';
import { createCompany } from '../company/company.operations.js';
import { postEntry } from '../entry/entry.operations.js';
import { addJournal } from '../journal/journal.operations.js';
import { listSubledgerLines } from './subledger-line.operations.js';

describe('the subledger lines of a party', () => {
  let app: TestApp;
  let books: TestClient;
  let admin: TestClient;
  let vendor: TestClient;
  let companyId: string;
  const id = '10021';
  const parties: readonly Party['type'][] = ['customer', 'supplier', 'employee'];

  beforeAll(async () => {
    app = await startApp();
    [books, admin, vendor] = [await app.client('Accountant'), await app.client('Admin'), await app.client('Vendor')];
    ({ id: companyId } = await books.execute(createCompany, { name: 'Fjord AS', currency: 'NOK' }));
    for (const number of ['1500', '3000']) {
      await books.execute(addAccount, { companyId, number, name: `Account ${number}`, class: 'asset' });
    }
    await books.execute(addJournal, { companyId, code: 'GL', name: 'General' });
    for (const type of parties) {
      await books.execute(postEntry, {
        companyId,
        journal: 'GL',
        date: '2026-03-31',
        description: `Of the ${type}`,
        lines: [
          { account: '1500', side: 'debit', amount: '10.00', party: { type, id } },
          { account: '3000', side: 'credit', amount: '10.00' },
        ],
      });
    }
    const { person } = (await vendor.get('/v1/identity/session').expect(200)).body as { person: { id: string } };
    const asked = { holderId: person.id, role: 'Vendor', companyId, party: id };
    const refused = await admin.post('/v1/identity/grants', asked).expect(409);
    expect(refused.body).toMatchObject({
      code: 'identity.party-type-required',
      errors: [{ pointer: '/partyType' }],
    });
    await admin.execute(giveGrant, { ...asked, partyType: 'supplier' });
    await app.settle();
  }, 120_000);
  afterAll(() => app.close());

  it('do not show a supplier the lines of a customer with the same id', async () => {
    const descriptions = async (client: TestClient, more: object = {}) =>
      (await client.ask(listSubledgerLines, { companyId, ...more })).items.map(({ partyType, description }) => [
        partyType,
        description,
      ]);
    const own = [['supplier', 'Of the supplier']];
    expect(await descriptions(vendor)).toEqual(own);
    expect(await descriptions(vendor, { party: id })).toEqual(own);
    expect(await descriptions(vendor, { party: id, partyType: 'customer' })).toEqual([]);
    const query = `query ($input: AccountingSubledgerLineListInput!) { accountingSubledgerLineList(input: $input) { items { partyType party description } } }`;
    const { body } = await vendor.graphql(query, { input: { companyId } }).expect(200);
    expect(body.data.accountingSubledgerLineList.items).toMatchObject([{ party: id, description: 'Of the supplier' }]);
    const csv = await vendor
      .get(`/v1/accounting/companies/${companyId}/subledger-lines`)
      .set('accept', 'text/csv')
      .expect(200);
    expect(csv.text).toContain('Of the supplier');
    expect(csv.text).not.toMatch(/customer|employee/);
    // An accountant can ask for one party, or for all parties with an id.
    expect((await descriptions(books, { party: id })).length).toBe(3);
    expect(await descriptions(books, { party: id, partyType: 'customer' })).toEqual([['customer', 'Of the customer']]);
  });

  it('need a grant that names the kind and the id of the party', async () => {
    const { items } = await admin.ask(listGrants, { role: 'Vendor', companyId });
    expect(items.filter((grant) => grant.companyId === companyId)).toMatchObject([
      { partyType: 'supplier', party: id },
    ]);
    const invited = { email: 'supplier@example.org', role: 'Vendor', companyId, party: id };
    expect((await admin.post('/v1/identity/invitations', invited).expect(409)).body.code).toBe(
      'identity.party-type-required',
    );
    await admin.execute(sendInvitation, { ...invited, partyType: 'supplier' });
  });

  it('limit the length of the party id wherever it is given', async () => {
    const long = 'x'.repeat(mostPartyId + 1);
    const line = { account: '1500', amount: '1.00', party: { type: 'supplier', id: long } };
    const entry = { journal: 'GL', date: '2026-03-31', description: 'x' };
    const lines = [
      { ...line, side: 'debit' },
      { account: '3000', side: 'credit', amount: '1.00' },
    ];
    const answers = [
      await books.post(`/v1/accounting/companies/${companyId}/entries`, { ...entry, lines }),
      await books.get(`/v1/accounting/companies/${companyId}/subledger-lines?party=${long}`),
      await admin.post('/v1/identity/grants', { holderId: companyId, role: 'Vendor', partyType: 'supplier', party: long }), // prettier-ignore
      await admin.post('/v1/identity/invitations', { email: 'a@example.org', role: 'Vendor', partyType: 'supplier', party: long }), // prettier-ignore
    ];
    for (const { status, body } of answers) {
      expect([status, body.code]).toEqual([400, 'platform.invalid-input']);
      expect(JSON.stringify(body.errors)).toContain(`At most ${mostPartyId} characters`);
    }
  });
});
