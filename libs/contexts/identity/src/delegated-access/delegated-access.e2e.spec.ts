import { addJournal, createCompany, listCompanies } from '@daybook/accounting';
import { listEvents } from '@daybook/audit';
import { startApp, TestClient, type TestApp } from '@daybook/testing/app';
import { listActors } from '../actor/actor.operations.js';
import { issueOwnApiKey } from '../api-key/api-key.operations.js';
import { deactivateMember } from '../member/member.operations.js';
import { readSession } from '../session/session.operations.js';
import {
  allowDelegatedAccess,
  endDelegatedAccess,
  enterDelegatedAccess,
  listDelegatedAccess,
  listDelegatedAccessConsents,
  withdrawDelegatedAccessConsent,
} from './delegated-access.operations.js';

describe('delegated access', () => {
  let app: TestApp;
  /** The person, in north, and their delegate, in south. */
  let helped: TestClient;
  let helper: TestClient;
  let helperId: string;
  let helpedId: string;
  let companyId: string;
  let count = 0;
  const wanted = () => ({ email: app.account('Auditor', 'south').email, hours: 2, reason: 'The VAT return' });
  beforeAll(async () => {
    app = await startApp();
    helped = await app.client('Accountant');
    helper = await app.client('Auditor', 'south');
    helperId = (await helper.ask(readSession, {})).person.id;
    helpedId = (await helped.ask(readSession, {})).person.id;
    companyId = (await helped.execute(createCompany, { name: 'Fjord AS', currency: 'NOK' })).id;
    await app.settle();
  });
  afterAll(() => app.close());

  const journal = () => ({ companyId, code: `S${(count += 1)}`, name: 'By a delegate' });
  const entered = async (delegatedAccessId: string) => {
    const { accessToken } = await helper.execute(enterDelegatedAccess, { delegatedAccessId });
    return new TestClient(app.app, accessToken, helped.tenant);
  };
  const allowed = async () => (await helped.execute(allowDelegatedAccess, wanted())).id;
  const companiesIn = '{ accountingCompanyList { items { id } } }';
  const problemOf = async (client: TestClient): Promise<string | undefined> =>
    (await client.graphql(companiesIn)).body.errors?.[0]?.extensions.problem.code;

  it("gives the delegate the person's rights, and events name both, in REST and GraphQL", async () => {
    const delegatedAccessId = await allowed();
    const delegate = await entered(delegatedAccessId);
    expect((await delegate.ask(listCompanies, {})).items).toHaveLength(1);
    await delegate.execute(addJournal, journal());
    const field = 'accountingJournalAdd(input: $input) { id }';
    const input = journal();
    const made = await delegate.graphql(`mutation ($input: AccountingJournalAddInput!) { ${field} }`, { input });
    expect(made.body.errors).toBeUndefined();
    await app.settle();
    const both = {
      actor: { kind: 'person', id: helperId, name: 'Auditor south' },
      onBehalfOf: { id: helpedId, name: 'Accountant north' },
    };
    const { items } = await helped.ask(listEvents, { actor: helperId });
    expect(items.map(({ operation, actor, onBehalfOf }) => ({ operation, actor, onBehalfOf }))).toEqual([
      { operation: 'accounting.journal.add', ...both },
      { operation: 'accounting.journal.add', ...both },
      { operation: 'identity.delegated-access.record-entry', ...both },
    ]);
    const own = await helped.ask(listEvents, { actor: helpedId, limit: 1 });
    expect(own.items[0]?.onBehalfOf).toBeNull();
    expect((await helped.ask(listDelegatedAccess, {})).items[0]).toMatchObject({
      direction: 'given',
      email: wanted().email,
      status: 'open',
      enteredAt: expect.any(String),
    });
    expect((await helper.ask(listDelegatedAccess, {})).items).toMatchObject([
      { delegatedAccessId, direction: 'received', personName: 'Accountant north', tenantName: 'north', email: null },
    ]);
  });

  it('is refused without consent, and to everybody but the delegate', async () => {
    const delegatedAccessId = await allowed();
    await helper.execute(enterDelegatedAccess, { delegatedAccessId: companyId }, { status: 404 });
    const stranger = await app.client('Admin', 'south');
    await stranger.execute(enterDelegatedAccess, { delegatedAccessId }, { status: 404 });
    await helped.execute(enterDelegatedAccess, { delegatedAccessId }, { status: 404 });
    await helped.execute(endDelegatedAccess, { delegatedAccessId });
  });

  it("covers neither sensitive operations nor the person's account, and cannot be passed on", async () => {
    const delegatedAccessId = await allowed();
    const delegate = await entered(delegatedAccessId);
    const until = new Date(Date.now() + 86_400_000).toISOString();
    await delegate.execute(issueOwnApiKey, { name: 'K', scopes: ['accounting.*.read'], until }, { status: 403 });
    await delegate.execute(allowDelegatedAccess, wanted(), { status: 403 });
    await delegate.execute(enterDelegatedAccess, { delegatedAccessId }, { status: 403 });
    await delegate.execute(endDelegatedAccess, { delegatedAccessId }, { status: 403 });
    await delegate.ask(listDelegatedAccess, {}, { status: 403 });
    await delegate.post('/v1/identity/session/password', { current: 'x', next: 'a new long password' }).expect(403);
    const admin = await app.client('Admin');
    const given = (await admin.execute(allowDelegatedAccess, wanted())).id;
    const asAdmin = await entered(given);
    const grant = { holderId: helperId, role: 'Auditor' };
    const { body } = await asAdmin.post('/v1/identity/grants', grant).expect(403);
    expect(body.code).toBe('platform.closed-to-delegated-access');
    await admin.execute(endDelegatedAccess, { delegatedAccessId: given });
    await helped.execute(endDelegatedAccess, { delegatedAccessId });
  });

  it('ends with the next request when the person ends it', async () => {
    const delegatedAccessId = await allowed();
    const delegate = await entered(delegatedAccessId);
    await delegate.ask(listCompanies, {});
    await helped.execute(endDelegatedAccess, { delegatedAccessId });
    await delegate.ask(listCompanies, {}, { status: 401 });
    expect(await problemOf(delegate)).toBe('platform.unauthenticated');
    await helper.execute(enterDelegatedAccess, { delegatedAccessId }, { status: 409 });
    await helped.execute(endDelegatedAccess, { delegatedAccessId }, { status: 409 });
  });

  it('ends with the next request when an Admin withdraws it', async () => {
    const delegatedAccessId = await allowed();
    const delegate = await entered(delegatedAccessId);
    const admin = await app.client('Admin');
    await app.settle();
    const { items } = await admin.ask(listDelegatedAccessConsents, { personId: helpedId });
    expect(items.find((one) => one.delegatedAccessId === delegatedAccessId)).toMatchObject({
      status: 'open',
      personName: 'Accountant north',
      email: wanted().email,
      entries: 1,
    });
    await helped.execute(
      withdrawDelegatedAccessConsent,
      { delegatedAccessId, reason: 'Not allowed here' },
      { status: 403 },
    );
    await admin.execute(withdrawDelegatedAccessConsent, { delegatedAccessId, reason: 'Not allowed here' });
    await delegate.ask(listCompanies, {}, { status: 401 });
  });

  it("ends with the person's membership and with the delegate's session", async () => {
    const staff = await app.client('Staff');
    const { id: delegatedAccessId } = await staff.execute(allowDelegatedAccess, wanted());
    const delegate = await entered(delegatedAccessId);
    await delegate.ask(listCompanies, {});
    const admin = await app.client('Admin');
    const { person } = await staff.ask(readSession, {});
    await admin.execute(deactivateMember, { personId: person.id, reason: 'Left' });
    await delegate.ask(listCompanies, {}, { status: 401 });
    await helper.execute(enterDelegatedAccess, { delegatedAccessId }, { status: 409 });

    const { email, password } = app.account('Accountant', 'south');
    const signIn = await app.anonymous.post('/v1/identity/session').send({ email, password });
    const second = new TestClient(app.app, signIn.body.accessToken, helper.tenant);
    const { id: another } = await helped.execute(allowDelegatedAccess, { ...wanted(), email });
    const { accessToken } = await second.execute(enterDelegatedAccess, { delegatedAccessId: another });
    const acting = new TestClient(app.app, accessToken, helped.tenant);
    await acting.ask(listCompanies, {});
    const [cookie] = signIn.headers['set-cookie'] as unknown as string[];
    const closed = await app.anonymous.post('/v1/identity/session/close').set('cookie', String(cookie));
    expect([closed.status, closed.body]).toEqual([200, { closed: true }]);
    await acting.ask(listCompanies, {}, { status: 401 });
  });

  it('does not reveal who has an account: the answer for an unknown address is the same', async () => {
    const unknown = await helped.post('/v1/identity/delegated-access', {
      ...wanted(),
      email: 'nobody@nowhere.example',
    });
    const known = await helped.post('/v1/identity/delegated-access', wanted());
    expect([unknown.status, Object.keys(unknown.body)]).toEqual([known.status, Object.keys(known.body)]);
    await app.settle();
    const [second, first] = (await helped.ask(listDelegatedAccess, {})).items;
    expect({ ...first, delegatedAccessId: 0, email: 0, until: 0, allowedAt: 0 }).toEqual({
      ...second,
      delegatedAccessId: 0,
      email: 0,
      until: 0,
      allowedAt: 0,
    });
    await helped.execute(
      allowDelegatedAccess,
      { ...wanted(), email: app.account('Accountant').email },
      { status: 409 },
    );
    await helped.execute(allowDelegatedAccess, { ...wanted(), hours: 73 }, { status: 400 });
  });

  it('shows the delegate the session of this tenant, without the account of the person', async () => {
    const session = await (await entered(await allowed())).ask(readSession, {});
    expect(session).toMatchObject({ person: { id: helpedId }, tenants: [session.tenant], restricted: null });
    expect(session.permissions).toContain('accounting.entry.post');
    expect(session.permissions.filter((permission) => /^identity\.(own|password|session)/.test(permission))).toEqual(
      [],
    );
  });

  it('hides from the tenant any name the delegate takes after its end', async () => {
    const { email, password } = app.account('Staff', 'south');
    const { body } = await app.anonymous.post('/v1/identity/session').send({ email, password }).expect(200);
    const theirs = new TestClient(app.app, body.accessToken, helper.tenant);
    const { id: delegatedAccessId } = await helped.execute(allowDelegatedAccess, { ...wanted(), email });
    await theirs.execute(enterDelegatedAccess, { delegatedAccessId });
    const shown = async () => {
      await app.settle();
      return (await helped.ask(listActors, {})).items.find(({ id }) => id === body.person.id)?.name;
    };
    await theirs.put('/v1/identity/own/name', { name: 'While It Lasts' }).expect(200);
    expect(await shown()).toBe('While It Lasts');
    await app.settle();
    await helped.execute(endDelegatedAccess, { delegatedAccessId });
    await theirs.put('/v1/identity/own/name', { name: 'Name After' }).expect(200);
    expect(await shown()).toBe('While It Lasts');
  });
});
