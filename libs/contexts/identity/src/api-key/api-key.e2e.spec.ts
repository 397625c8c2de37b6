import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { addAccount, addJournal, createCompany, listCompanies } from '@daybook/accounting';
import { listEvents } from '@daybook/audit';
import { startApp, TestClient, type TestApp } from '@daybook/testing/app';
import { giveGrant, revokeGrant } from '../grant/grant.operations.js';
import { deactivateMember } from '../member/member.operations.js';
import { readSession } from '../session/session.operations.js';
import { setPolicy } from '../tenant/tenant.operations.js';
import { withAuthenticatorApp } from '../testing/authenticator-app.js';
import { createService, deactivateService, listServices } from '../service/service.operations.js';
import {
  issueApiKey,
  issueOwnApiKey,
  listApiKeys,
  listOwnApiKeys,
  revokeApiKey,
  revokeOwnApiKey,
} from './api-key.operations.js';

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

describe('API keys', () => {
  let app: TestApp;
  let admin: TestClient;
  let books: TestClient;
  let companyId: string;
  let count = 0;
  beforeAll(async () => {
    app = await startApp();
    admin = await app.client('Admin');
    books = await app.client('Accountant');
    companyId = (await books.execute(createCompany, { name: 'Fjord AS', currency: 'NOK' })).id;
    await app.settle();
  });
  afterAll(() => app.close());

  const service = async (role = 'Accountant') => {
    const { id } = await admin.execute(createService, { name: `Webshop ${(count += 1)}` });
    const grant = await admin.execute(giveGrant, { holder: 'service', holderId: id, role });
    return { serviceId: id, grantId: grant.id };
  };
  const wanted = { name: 'Orders', scopes: ['accounting.*.read', 'accounting.journal.add'], until: inDays(30) };
  const holding = (secret: string, tenant = admin.tenant) => new TestClient(app.app, secret, tenant);
  const journal = () => ({ companyId, code: `J${(count += 1)}`, name: 'By a program' });
  const companiesIn = '{ accountingCompanyList { items { id } } }';
  const problemOf = async (client: TestClient): Promise<string | undefined> =>
    (await client.graphql(companiesIn)).body.errors?.[0]?.extensions.problem.code;

  it('act for a service account, within their scopes, and are named in the events', async () => {
    const { serviceId } = await service();
    const { secret, keyId, prefix } = await admin.execute(issueApiKey, { serviceId, ...wanted });
    expect(secret).toMatch(/^dbk_[0-9a-f]{8}_[A-Za-z0-9_-]{43}$/);
    expect(secret.startsWith(prefix)).toBe(true);
    const program = holding(secret);
    expect((await program.ask(listCompanies, {})).items).toHaveLength(1);
    expect(await problemOf(program)).toBeUndefined();
    const { position } = await program.execute(addJournal, journal());
    await program.execute(createCompany, { name: 'Outside of its scopes', currency: 'NOK' }, { status: 403 });
    await app.settle();
    const { body } = await admin.get(`/v1/audit/events?actor=${keyId}`).expect(200);
    expect(body.items).toMatchObject([{ position, actor: { kind: 'api-key', id: keyId }, operation: 'accounting.journal.add' }]); // prettier-ignore
  });

  it('are shown once and stored as a hash: no list, log or database contains them', async () => {
    const { serviceId } = await service();
    const { secret, keyId } = await admin.execute(issueApiKey, { serviceId, ...wanted, addresses: ['127.0.0.0/8'] });
    await holding(secret).ask(listCompanies, {});
    await app.settle();
    const { items } = await admin.ask(listApiKeys, { holderId: serviceId });
    expect(items).toMatchObject([{ keyId, status: 'active', addresses: ['127.0.0.0/8'], holder: 'service' }]);
    expect(items[0]?.holderName).toContain('Webshop');
    const again = await admin.ask(listApiKeys, { holderId: serviceId });
    expect(Date.now() - Date.parse(again.items[0]?.lastUsedAt ?? '')).toBeLessThan(120_000);
    const tail = secret.slice(13);
    expect(JSON.stringify(items)).not.toContain(tail);
    expect(app.log.join('')).not.toContain(tail);
    expect((await admin.ask(listServices, {})).items.map((one) => one.serviceId)).toContain(serviceId);
  });

  it('are refused from the next request on, once they are revoked', async () => {
    const { serviceId } = await service();
    const { secret, keyId } = await admin.execute(issueApiKey, { serviceId, ...wanted });
    const program = holding(secret);
    await program.ask(listCompanies, {});
    await admin.execute(revokeApiKey, { keyId, reason: 'Found in a log' });
    await program.ask(listCompanies, {}, { status: 401 });
    expect(await problemOf(program)).toBe('platform.unauthenticated');
    await admin.execute(revokeApiKey, { keyId, reason: 'Once more' }, { status: 409 });
  });

  it('are refused once they have expired', async () => {
    const { serviceId } = await service();
    const until = new Date(Date.now() + 4_000).toISOString();
    const { secret } = await admin.execute(issueApiKey, { serviceId, ...wanted, until });
    await holding(secret).ask(listCompanies, {});
    await sleep(Date.parse(until) - Date.now() + 50);
    await holding(secret).ask(listCompanies, {}, { status: 401 });
    expect(await problemOf(holding(secret))).toBe('platform.unauthenticated');
    await admin.execute(issueApiKey, { serviceId, ...wanted, until: inDays(366) }, { status: 409 });
  });

  it('are refused from an address that they do not allow', async () => {
    const { serviceId } = await service();
    const { secret } = await admin.execute(issueApiKey, { serviceId, ...wanted, addresses: ['192.0.2.0/24'] });
    await holding(secret).ask(listCompanies, {}, { status: 401 });
    expect(await problemOf(holding(secret))).toBe('platform.unauthenticated');
    await admin.execute(issueApiKey, { serviceId, ...wanted, addresses: ['192.0.2.0/40'] }, { status: 400 });
  });

  it('lose the rights that their holder loses, and stop working with them, by the next request', async () => {
    const { serviceId, grantId } = await service();
    const { secret } = await admin.execute(issueApiKey, { serviceId, ...wanted });
    const program = holding(secret);
    await program.execute(addJournal, journal());
    await admin.execute(revokeGrant, { grantId, reason: 'No longer' });
    await program.execute(addJournal, journal(), { status: 403 });
    await admin.execute(giveGrant, { holder: 'service', holderId: serviceId, role: 'Accountant' });
    await program.execute(addJournal, journal());
    await admin.execute(deactivateService, { serviceId, reason: 'Sold' });
    await program.ask(listCompanies, {}, { status: 401 });
    await admin.execute(issueApiKey, { serviceId, ...wanted }, { status: 409 });
    await app.settle();
    const { items } = await admin.ask(listApiKeys, { holderId: serviceId });
    expect(items).toMatchObject([{ status: 'holder-deactivated' }]);
  });

  it('of a person do what the person may do, but cannot change their account or count as a step-up', async () => {
    const { secret, keyId } = await books.execute(issueOwnApiKey, wanted);
    const own = holding(secret);
    await own.execute(addJournal, journal());
    await own.ask(listOwnApiKeys, {}, { status: 403 });
    await own.execute(issueOwnApiKey, wanted, { status: 403 });
    await own.get('/v1/identity/session').expect(403);
    await app.settle();
    expect((await books.ask(listOwnApiKeys, {})).items).toMatchObject([{ keyId, holder: 'person' }]);
    await admin.execute(revokeOwnApiKey, { keyId, reason: 'Not mine' }, { status: 404 });
    await books.execute(revokeOwnApiKey, { keyId, reason: 'Done' });
    await own.ask(listCompanies, {}, { status: 401 });
  });

  it('of a person count as that person, who cannot approve what they requested with a key', async () => {
    for (const number of ['1920', '3000']) {
      await books.execute(addAccount, { companyId, number, name: 'Account', class: 'asset' });
    }
    const code = `E${(count += 1)}`;
    await books.execute(addJournal, { companyId, code, name: 'Entries' });
    const rule = { operation: 'accounting.entry.post', approvers: 1 };
    await admin.put(`/v1/approvals/rules/${randomUUID()}`, rule).expect(200);
    const { secret, keyId } = await books.execute(issueOwnApiKey, { ...wanted, scopes: ['accounting.entry.post'] });
    const lines = [
      { account: '1920', side: 'debit', amount: '10.00' },
      { account: '3000', side: 'credit', amount: '10.00' },
    ];
    const entry = { journal: code, date: '2026-03-31', description: 'By a key', lines };
    const held = await holding(secret).post(`/v1/accounting/companies/${companyId}/entries`, entry).expect(202);
    const path = `/v1/approvals/requests/${held.body.approvalRequest}/approval`;
    const { body } = await books.post(path).set('if-match', '"1"').expect(409);
    expect(body.code).toBe('approvals.approver-ineligible');
    await app.settle();
    const { items } = await books.ask(listEvents, { actor: keyId });
    const { person } = await books.ask(readSession, {});
    expect(items[0]).toMatchObject({ actor: { kind: 'api-key' }, onBehalfOf: { id: person.id, name: person.name } });
  });

  it('of a deactivated member stop working at once', async () => {
    const south = await app.client('Staff', 'south');
    const { secret } = await south.execute(issueOwnApiKey, { ...wanted, scopes: ['accounting.*.read'] });
    const own = holding(secret, south.tenant);
    await own.ask(listCompanies, {});
    const { body } = await south.get('/v1/identity/session').expect(200);
    const adminThere = await app.client('Admin', 'south');
    await adminThere.execute(deactivateMember, { personId: body.person.id, reason: 'Left' });
    await own.ask(listCompanies, {}, { status: 401 });
  });

  it('get the same refusal if they are unknown, wrong or malformed', async () => {
    const { serviceId } = await service();
    const { secret } = await admin.execute(issueApiKey, { serviceId, ...wanted });
    const other = `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`;
    const answers = [other, `dbk_00000000_${'A'.repeat(43)}`, 'dbk_', 'dbk_short'].map(async (key) => {
      const { status, body } = await holding(key).get('/v1/accounting/companies');
      return [status, body.code, body.detail];
    });
    for (const answer of await Promise.all(answers)) {
      expect(answer).toEqual([401, 'platform.unauthenticated', 'The key is not valid.']);
    }
  });

  it('refuse scopes that are unknown or concern an account, and other tenants', async () => {
    const { serviceId } = await service();
    for (const scope of ['accounting.*', '*.read', 'no.*.read', 'no.such.thing', 'identity.own-api-key.issue']) {
      await admin.execute(issueApiKey, { serviceId, ...wanted, scopes: [scope] }, { status: 400 });
    }
    const south = await app.client('Admin', 'south');
    await south.execute(issueApiKey, { serviceId, ...wanted }, { status: 404 });
    const { keyId } = await admin.execute(issueApiKey, { serviceId, ...wanted });
    await south.execute(revokeApiKey, { keyId, reason: 'Not ours' }, { status: 404 });
    expect((await south.ask(listApiKeys, { holderId: serviceId })).items).toEqual([]);
  });

  it('of a person, like delegated access, are refused while the person lacks the MFA that the tenant requires', async () => {
    const south = await app.client('Auditor', 'south');
    const early = await south.execute(issueOwnApiKey, { ...wanted, scopes: ['accounting.*.read'] });
    const own = holding(early.secret, south.tenant);
    await own.ask(listCompanies, {});
    await (await app.client('Admin', 'south')).execute(setPolicy, { mfaRequired: true });
    expect(await own.ask(listCompanies, {}, { status: 403 })).toMatchObject({ code: 'identity.mfa-setup-required' });
    const { body: key } = await south
      .post('/v1/identity/own/api-keys', { ...wanted, scopes: ['accounting.*.read'] })
      .expect(403);
    expect(key.code).toBe('identity.mfa-setup-required');
    const consent = { email: app.account('Admin').email, hours: 1, reason: 'To get around it' };
    const { body: delegated } = await south.post('/v1/identity/delegated-access', consent).expect(403);
    expect(delegated.code).toBe('identity.mfa-setup-required');
    await withAuthenticatorApp(south);
    await own.ask(listCompanies, {});
  });
});
