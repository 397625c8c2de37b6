import { issueOwnApiKey, setSodRule } from '@daybook/identity';
import { startApp, type TestApp, TestClient, testTenants } from '@daybook/testing/app';
import { addAccount, changeAccount } from '../account/account.operations.js';
import { createCompany } from '../company/company.operations.js';
import { postEntry, releaseEntry, reverseEntry, holdEntry } from '../entry/entry.operations.js';
import { addJournal } from '../journal/journal.operations.js';

describe('segregation of duties on one entry', () => {
  let app: TestApp;
  let books: TestClient;
  let other: TestClient;
  let companyId: string;
  beforeAll(async () => {
    app = await startApp();
    books = await app.client('Accountant');
    const [email, password, tenant] = ['other@north.example', 'a long password of Other', testTenants.north];
    await app.api.identitySetUp.run({
      tenants: [],
      people: [{ email, password, name: 'Other', memberships: [{ tenant, role: 'Accountant' }] }],
    });
    await app.settle();
    const { body } = await app.anonymous.post('/v1/identity/session').send({ email, password, tenant }).expect(200);
    other = new TestClient(app.app, body.accessToken, tenant);
    companyId = (await books.execute(createCompany, { name: 'Fjord AS', currency: 'NOK' })).id;
    await books.execute(addAccount, { companyId, number: '1920', name: 'Bank', class: 'asset' });
    await books.execute(addAccount, { companyId, number: '3000', name: 'Sales', class: 'income' });
    await books.execute(addJournal, { companyId, code: 'GL', name: 'General' });
    const admin = await app.client('Admin');
    const apart = { risk: 'Hides what they posted', onDocument: true };
    await admin.execute(setSodRule, {
      ruleId: 'post-and-reverse',
      first: postEntry.name,
      second: reverseEntry.name,
      ...apart,
    });
    await admin.execute(setSodRule, {
      ruleId: 'hold-and-release',
      first: holdEntry.name,
      second: releaseEntry.name,
      ...apart,
    });
  }, 90_000);
  afterAll(() => app.close());

  const entry = () => ({
    companyId,
    journal: 'GL',
    date: '2026-03-31',
    description: 'Sale',
    lines: [
      { account: '1920', side: 'debit' as const, amount: '10.00' },
      { account: '3000', side: 'credit' as const, amount: '10.00' },
    ],
  });

  it('refuses the second duty to the same person, says why, and lets somebody else do it', async () => {
    const { id: entryId } = await books.execute(postEntry, entry());
    const refused = await books.execute(reverseEntry, { companyId, entryId }, { status: 409 });
    expect(refused).toMatchObject({
      code: 'platform.sod-violated',
      details: {
        rule: { first: postEntry.name, second: reverseEntry.name },
        earlier: [{ permission: postEntry.name }],
      },
    });
    await books.execute(holdEntry, { companyId, entryId, reason: 'Waiting' });
    await books.execute(releaseEntry, { companyId, entryId }, { status: 409 });
    await other.execute(releaseEntry, { companyId, entryId });
    await other.execute(reverseEntry, { companyId, entryId });
  });

  it('holds for every other record too, such as an account, and names the roles that may', async () => {
    const [first, second] = [addAccount.name, changeAccount.name];
    const admin = await app.client('Admin');
    await admin.execute(setSodRule, { ruleId: 'two-for-accounts', first, second, risk: 'One hand', onDocument: true });
    const account = { companyId, number: '4000' };
    await books.execute(addAccount, { ...account, name: 'Purchases', class: 'expense' });
    const refused = await books.execute(changeAccount, { ...account, name: 'Goods' }, { status: 409 });
    expect(refused).toMatchObject({
      code: 'platform.sod-violated',
      detail: expect.stringMatching(
        /you did “Add an account” on this record.*Ask somebody else who may do it: .*Accountant/,
      ),
      details: { record: { type: 'accounting.account', id: `${companyId}/4000` }, rule: { first, second } },
    });
    await other.execute(changeAccount, { ...account, name: 'Goods' });
    // Of another record it is no past.
    await other.execute(addAccount, { companyId, number: '4010', name: 'Freight', class: 'expense' });
    await books.execute(changeAccount, { companyId, number: '4010', name: 'Freight in' });
  });

  it('counts a person and their own API keys as the same person', async () => {
    const until = new Date(Date.now() + 86_400_000).toISOString();
    const scopes = [postEntry.name, reverseEntry.name];
    const { secret } = await books.execute(issueOwnApiKey, { name: 'Script', scopes, until });
    const key = new TestClient(app.app, secret, testTenants.north);
    const { id: byKey } = await key.execute(postEntry, entry());
    await books.execute(reverseEntry, { companyId, entryId: byKey }, { status: 409 });
    const { id: byPerson } = await books.execute(postEntry, entry());
    await key.execute(reverseEntry, { companyId, entryId: byPerson }, { status: 409 });
    await other.execute(reverseEntry, { companyId, entryId: byKey });
  });
});
