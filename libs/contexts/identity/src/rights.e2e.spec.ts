import {
  addAccount,
  addJournal,
  createCompany,
  listAccounts,
  listCompanies,
  listEntries,
  postEntry,
  readCompany,
} from '@daybook/accounting';
import type { StoredEvent } from '@daybook/event-store';
import { newId } from '@daybook/kernel';
import { startApp, type TestApp, TestClient, testTenants } from '@daybook/testing/app';
import { tenantStream } from './access/tenant-state-cache.js';
import {
  listSodRules,
  listSodViolations,
  removeSodRule,
  setSodRule,
} from './segregation-of-duties/sod-rule.operations.js';
import { grantGiven } from './grant/grant.events.js';
import { giveGrant, listGrants, revokeGrant } from './grant/grant.operations.js';
import {
  deactivateMember,
  listMembers,
  reactivateMember,
  readMember,
  signOutMember,
} from './member/member.operations.js';
import { sendInvitation } from './invitation/invitation.operations.js';
import { startReview } from './review/review.operations.js';
import { changeRole, defineRole, listPermissions, listRoles, readRole, removeRole } from './role/role.operations.js';
import { readSession } from './session/session.operations.js';
import { createTenant, readPolicy, renameTenant, setPolicy } from './tenant/tenant.operations.js';
import type { Role } from './role.schema.js';
import { isOwn } from './roles.js';

const { north, south } = testTenants;
const reason = 'The spec says so';
const companies = '{ accountingCompanyList { items { id } } }';

describe('rights', () => {
  let app: TestApp;
  let admin: TestClient;
  let books: TestClient;
  let count = 0;

  /** A new member of a tenant, signed in. */
  async function somebody(role: Role, more: { companyId?: string; tenant?: string } = {}) {
    const { tenant = north, ...placed } = more;
    count += 1;
    const account = {
      email: `somebody${count}@example.org`,
      password: `a long password of ${count}`,
      name: `No ${count}`,
    };
    const { people } = await app.api.identitySetUp.run({
      tenants: [],
      people: [{ ...account, memberships: [{ tenant, role, ...placed }] }],
    });
    await app.settle();
    const personId = people[0]!.id;
    const signIn = async () => {
      const { email, password } = account;
      const answer = await app.anonymous.post('/v1/identity/session').send({ email, password, tenant }).expect(200);
      return {
        client: new TestClient(app.app, answer.body.accessToken, tenant),
        cookie: answer.get('Set-Cookie')!.join('; '),
      };
    };
    const grantId = async () => (await admin.ask(listGrants, { holderId: personId })).items[0]!.grantId;
    return { personId, account, signIn, grantId, ...(await signIn()) };
  }
  const company = async (name: string) => {
    const { id } = await books.execute(createCompany, { name, currency: 'NOK' });
    await books.execute(addAccount, { companyId: id, number: '1920', name: 'Bank', class: 'asset' });
    await app.settle();
    return id;
  };

  beforeAll(async () => {
    app = await startApp();
    admin = await app.client('Admin');
    books = await app.client('Accountant');
  });
  afterAll(() => app.close());

  it('end with the next request after they are revoked, in REST and GraphQL', async () => {
    const { client, grantId } = await somebody('Accountant');
    await client.ask(listCompanies, {});
    expect((await client.graphql(companies)).body.errors).toBeUndefined();
    await admin.execute(revokeGrant, { grantId: await grantId(), reason });
    expect(await client.ask(listCompanies, {}, { status: 403 })).toMatchObject({ code: 'platform.forbidden' });
    const { body } = await client.graphql(companies);
    expect(body.errors[0].extensions.problem).toMatchObject({ status: 403, code: 'platform.forbidden' });
    const { permissions } = await client.ask(readSession, {});
    expect(permissions).toContain('identity.password.change');
    // What every member keeps: their own account, exports of lists and comments on records that they may read, and imports for
    // commands that they may run, which are none.
    const own = /^(identity|platform\.(export|import)|collaboration\.(thread|notification))\./;
    expect(permissions.filter((one) => !own.test(one))).toEqual([]);
  });

  it('are refused, with the reason, to a deactivated user in an open session', async () => {
    const { client, personId, cookie, signIn } = await somebody('Staff');
    await admin.execute(deactivateMember, { personId, reason });
    expect(await client.ask(listCompanies, {}, { status: 401 })).toMatchObject({
      code: 'platform.unauthenticated',
      detail: 'Your membership of this tenant is deactivated. Ask its administrator.',
    });
    expect((await client.graphql(companies)).body.errors[0].extensions.problem).toMatchObject({ status: 401 });
    await app.anonymous.post('/v1/identity/session/refresh').set('cookie', cookie).send({}).expect(401);
    await expect(signIn()).rejects.toThrow('403');
    await app.settle();
    expect(await admin.ask(readMember, { personId })).toMatchObject({ status: 'deactivated', version: 2 });
    await admin.execute(reactivateMember, { personId, reason });
    // The old session stays ended; signing in again works.
    await client.ask(listCompanies, {}, { status: 401 });
    await (await signIn()).client.ask(listCompanies, {});
  });

  it('end with the sessions when a member is signed out, until they sign in again', async () => {
    const { client, personId, signIn } = await somebody('Staff');
    expect(await admin.execute(signOutMember, { personId })).toEqual({ ended: 1 });
    await client.ask(listCompanies, {}, { status: 401 });
    await (await signIn()).client.ask(listCompanies, {});
    await admin.execute(signOutMember, { personId: newId() }, { status: 404 });
  });

  it('in one company reach only that company, and others are not found', async () => {
    const [ours, theirs] = [await company('Fjord AS'), await company('Fjell AS')];
    const { client } = await somebody('Accountant', { companyId: ours });
    expect((await client.ask(listCompanies, {})).items.map(({ id }) => id)).toEqual([ours]);
    await client.ask(readCompany, { id: ours });
    await client.ask(readCompany, { id: theirs }, { status: 404 });
    expect((await client.ask(listAccounts, { companyId: ours })).items).toHaveLength(1);
    await client.execute(addJournal, { companyId: ours, code: 'GL', name: 'General' });
    const foreign = await client.ask(listAccounts, { companyId: theirs }, { status: 404 });
    const missing = await client.ask(listAccounts, { companyId: newId() }, { status: 404 });
    expect({ ...foreign, traceId: '' }).toEqual({ ...missing, traceId: '' });
    await client.execute(addJournal, { companyId: theirs, code: 'GL', name: 'General' }, { status: 404 });
    const { body } = await client.graphql(
      `{ accountingAccountList(input: { companyId: "${theirs}" }) { items { number } } }`,
    );
    expect(body.errors[0].extensions.problem).toMatchObject({ status: 404 });
    // The session shows how far each right reaches, so that the console offers nothing that would be refused.
    const { permissions, limited } = await client.ask(readSession, {});
    const held = permissions.filter((permission) => !isOwn(permission));
    expect(limited).toEqual([{ companyId: ours, permissions: held }]);
    // Of the trail they see what belongs to the company: not the grants in it, nor what belongs to another.
    const events = await client.get('/v1/audit/events?limit=200').expect(200);
    const told = events.body.items.map(({ companyId, operation }: Record<string, string>) => [companyId, operation]);
    expect(told).toEqual(expect.arrayContaining([[ours, 'accounting.company.create'], [ours, 'accounting.journal.add']])); // prettier-ignore
    expect(told.filter(([companyId]: string[]) => companyId !== ours)).toEqual([]);
    const { body: of } = await admin.get(`/v1/audit/events?limit=200&companyId=${ours}`).expect(200);
    expect(of.items.map(({ eventId }: Record<string, string>) => eventId)).toEqual(events.body.items.map(({ eventId }: Record<string, string>) => eventId)); // prettier-ignore
    // Operations of the whole tenant need a grant for the whole tenant.
    await client.execute(createCompany, { name: 'A third', currency: 'NOK' }, { status: 403 });
  });

  it('are not given, offered or reviewed for a company that the tenant does not have', async () => {
    const { personId } = await somebody('Staff');
    const foreign = await app.client('Accountant', 'south');
    const theirs = (await foreign.execute(createCompany, { name: 'Southern AS', currency: 'NOK' })).id;
    const refused = { code: 'identity.company-not-found', errors: [{ pointer: '/companyId' }] };
    for (const companyId of [newId(), theirs]) {
      const given = { holder: 'person', holderId: personId, role: 'Auditor', companyId } as const;
      expect(await admin.execute(giveGrant, given, { status: 404 })).toMatchObject(refused);
      const invited = { email: 'else@example.org', role: 'Auditor', companyId };
      expect(await admin.execute(sendInvitation, invited, { status: 404 })).toMatchObject(refused);
      const reviewed = { name: 'Nowhere', dueOn: '2099-12-31', companyId };
      expect(await admin.execute(startReview, reviewed, { status: 404 })).toMatchObject(refused);
    }
    const ours = await company('Founded AS');
    await admin.execute(giveGrant, { holder: 'person', holderId: personId, role: 'Auditor', companyId: ours });
  });

  it('end with the last day of the grant', async () => {
    const { client, personId, grantId } = await somebody('Staff');
    const giving = { holder: 'person' as const, holderId: personId, role: 'Auditor' };
    expect(await admin.execute(giveGrant, { ...giving, until: '2020-01-01' }, { status: 409 })).toMatchObject({
      code: 'identity.grant-ended',
    });
    // As if the role had been given long ago.
    const { store, catalogue } = app.api;
    const data = { ...giving, grantId: newId(), companyId: null, party: null, until: '2020-01-01', mitigation: null };
    const last = (await store.readStream(tenantStream(north))[Symbol.asyncIterator]().next()).value as StoredEvent;
    const event = await catalogue.toStore(newId(), grantGiven.of(data), { ...last.meta, commandId: newId() });
    await store.append(tenantStream(north), 'any', [event]);
    await client.get('/v1/audit/events').expect(403);
    await admin.execute(giveGrant, { ...giving, until: '9999-12-31' });
    await client.get('/v1/audit/events').expect(200);
    expect(await grantId()).toEqual(expect.any(String));
  });

  it('of a role that hides a field never show it, and refuse to filter by it', async () => {
    const role = {
      name: 'Desk',
      description: 'Front desk',
      permissions: [
        'accounting.entry.read',
        'accounting.subledger-line.read',
        'identity.member.read',
        'identity.person.read',
      ],
    };
    const { id: roleId } = await admin.execute(defineRole, {
      ...role,
      fields: ['identity.person.email', 'accounting.entry.description', 'accounting.entry.party'].map((field) => ({
        field,
        rule: 'hide' as const,
      })),
    });
    const { client, personId, grantId } = await somebody('Staff');
    await admin.execute(revokeGrant, { grantId: await grantId(), reason });
    await admin.execute(giveGrant, { holderId: personId, role: roleId });
    const { items } = await client.ask(listMembers, {});
    expect(items.length).toBeGreaterThan(3);
    expect(items.filter(({ email }) => email !== null)).toEqual([]);
    const { body } = await client.graphql('{ identityMemberList { items { name email } } }');
    expect(body.data.identityMemberList.items[0]).toMatchObject({ email: null });
    const csv = await client.get('/v1/identity/members').set('accept', 'text/csv').expect(200);
    expect(csv.text).not.toContain('@');
    expect((await admin.ask(listMembers, {})).items.every(({ email }) => email?.includes('@'))).toBe(true);
    const companyId = await company('Hidden AS');
    await books.execute(addJournal, { companyId, code: 'GL', name: 'General' });
    const lines = (['debit', 'credit'] as const).map((side) => ({ account: '1920', side, amount: '100' }));
    const entry = { companyId, journal: 'GL', date: '2026-03-31', description: 'Rent', voucher: 'V-1', lines };
    const { id: entryId } = await books.execute(postEntry, entry);
    await app.settle();
    // What is hidden is not searched: neither what contains the text nor what does not tells of it.
    const entries = async (where: { text?: string; textNot?: string }) =>
      (await client.ask(listEntries, { companyId, ...where })).items.map(({ id, description }) => [id, description]);
    expect([await entries({ text: 'rent' }), await entries({ textNot: 'rent' })]).toEqual([[], [[entryId, null]]]);
    expect(await entries({ text: 'v-1' })).toEqual([[entryId, null]]);
    const asked = await client.get(`/v1/accounting/companies/${companyId}/subledger-lines?party=C1`).expect(403);
    expect(asked.body).toMatchObject({ code: 'platform.field-hidden', errors: [{ pointer: '/party' }] });
    // A change of the role applies from the next request on.
    await admin.execute(changeRole, { roleId, ...role, fields: [{ field: 'identity.person.email', rule: 'mask' }] });
    expect((await client.ask(readMember, { personId })).email).toBe('s•••@•••');
    expect(await admin.execute(removeRole, { roleId }, { status: 409 })).toMatchObject({
      code: 'identity.role-in-use',
    });
    await app.settle();
    expect(await admin.ask(readRole, { roleId })).toMatchObject({
      builtIn: false,
      holders: 1,
      version: 2,
      permissions: role.permissions,
      can: expect.arrayContaining(['List the members, Read a member']),
      heldBy: [{ holderId: personId }],
    });
    await client.execute(changeRole, { roleId, ...role }, { status: 403 });
  });

  it('always leave an Admin, and nobody gives themselves any', async () => {
    const { id: personId } = (await admin.ask(readSession, {})).person;
    const own = (await admin.ask(listGrants, { holderId: personId })).items[0]!;
    const lastAdmin = { code: 'identity.last-admin' };
    expect(await admin.execute(revokeGrant, { grantId: own.grantId, reason }, { status: 409 })).toMatchObject(
      lastAdmin,
    );
    expect(await admin.execute(deactivateMember, { personId, reason }, { status: 409 })).toMatchObject(lastAdmin);
    expect(await admin.execute(giveGrant, { holderId: personId, role: 'Accountant', mitigation: 'I am careful' }, { status: 403 })).toMatchObject({ code: 'identity.grant-to-self' }); // prettier-ignore
    await books.execute(giveGrant, { holderId: personId, role: 'Accountant' }, { status: 403 });
  });

  it('that violate segregation of duties need a compensating control and are reported', async () => {
    const { personId } = await somebody('Accountant');
    const giving = { holderId: personId, role: 'Admin' };
    const refused = await admin.execute(giveGrant, giving, { status: 409 });
    expect(refused).toMatchObject({ code: 'identity.sod-violated', details: { ruleId: 'give-and-post' } });
    await app.settle();
    const before = (await admin.ask(listMembers, {})).items.find((member) => member.personId === personId)!;
    const { position } = await admin.execute(giveGrant, { ...giving, mitigation: 'The board reads the trail' });
    await app.settle();
    const ofHim = (items: readonly { holderId: string }[]) => items.filter(({ holderId }) => holderId === personId);
    const now = ofHim((await admin.ask(listSodViolations, {})).items);
    expect(now).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ruleId: 'give-and-post',
          holderName: before.name,
          firstThrough: expect.objectContaining({ roleName: 'Admin' }),
          secondThrough: expect.objectContaining({ roleName: 'Accountant' }),
          mitigation: 'The board reads the trail',
        }),
      ]),
    );
    const knownAt = `position:${BigInt(position) - 1n}`;
    expect(ofHim((await admin.ask(listSodViolations, {}, { knownAt })).items)).toEqual([]);
    const then = await admin.ask(readMember, { personId }, { knownAt });
    expect(then.roles.map(({ roleName }) => roleName)).toEqual(['Accountant']);
  });

  it('are kept apart by rules that the tenant sets and removes', async () => {
    const rule = {
      first: 'audit.event.read',
      second: 'accounting.account.add',
      risk: 'Hides tracks',
      onDocument: true,
    };
    await admin.execute(setSodRule, { ruleId: 'own-rule', ...rule });
    await app.settle();
    const find = async (id: string) => (await admin.ask(listSodRules, {})).items.find((one) => one.ruleId === id);
    expect(await find('own-rule')).toMatchObject({
      ...rule,
      builtIn: false,
      version: 1,
      secondTitle: 'Add an account',
    });
    expect(await find('post-and-approve')).toMatchObject({ builtIn: true, version: 0, onDocument: true });
    await admin.execute(removeSodRule, { ruleId: 'own-rule' });
    await app.settle();
    expect(await find('own-rule')).toBeUndefined();
  });

  it('are listed as a tree of permissions and as roles with their holders', async () => {
    const { contexts, fields } = await admin.ask(listPermissions, {});
    const accounting = contexts.find(({ context }) => context === 'accounting');
    const entry = accounting?.nouns.find(({ noun }) => noun === 'entry');
    expect(entry?.permissions).toContainEqual({
      permission: 'accounting.entry.post',
      operations: [expect.objectContaining({ name: 'accounting.entry.post', writes: true })],
      writes: true,
      everybody: false,
    });
    expect(fields).toContainEqual({ field: 'identity.person.email', title: 'E-mail address of a person' });
    await app.settle();
    const { items } = await admin.ask(listRoles, {});
    expect(items.find(({ roleId }) => roleId === 'Admin')).toMatchObject({ builtIn: true, name: 'Admin' });
    const auditor = await admin.ask(readRole, { roleId: 'Auditor' });
    expect(auditor.cannot).toContain('Post an entry');
    expect(auditor.permissions).not.toContain('accounting.entry.post');
  });

  it('of the founder of a tenant are those of its Admin, and do not reach the first tenant', async () => {
    const { client, personId, account } = await somebody('Admin', { tenant: south });
    const { id: tenant, position } = await client.execute(createTenant, { name: 'Fjell Holding' });
    await client.execute(renameTenant, { name: 'South' });
    await app.settle();
    expect(BigInt(position)).toBeGreaterThan(0n);
    const { email, password } = account;
    const answer = await app.anonymous.post('/v1/identity/session').send({ email, password, tenant }).expect(200);
    expect(answer.body).toMatchObject({ tenant: { id: tenant, name: 'Fjell Holding' }, role: 'Admin' });
    const there = new TestClient(app.app, answer.body.accessToken, tenant);
    expect((await there.ask(listMembers, {})).items.map((member) => member.personId)).toEqual([personId]);
    expect((await there.ask(listCompanies, {})).items).toEqual([]);
  });

  it('without the second factor that the policy requires cover only the own account', async () => {
    const [boss, keeper] = [await somebody('Admin', { tenant: south }), await app.client('Accountant', 'south')];
    await keeper.ask(listCompanies, {});
    await boss.client.execute(setPolicy, { mfaRequired: true });
    await keeper.ask(listCompanies, {}, { status: 403 });
    await boss.client.ask(readPolicy, {}, { status: 403 });
    await keeper.get('/v1/identity/own/mfa-methods').expect(200);
    // A job would read with all rights of the person.
    await keeper.post('/v1/platform/exports', { list: 'collaboration.own-task.list', format: 'csv' }).expect(403);
    await keeper.post('/v1/platform/bulk', { operation: 'collaboration.record.follow', items: [] }).expect(403);
    await keeper.get('/v1/collaboration/own-tasks').expect(403);
  });

  it('to post belong to the Accountant and not to the Admin', async () => {
    const companyId = await company('Third AS');
    await books.execute(addJournal, { companyId, code: 'GL', name: 'General' });
    const line = (side: 'debit' | 'credit') => ({ account: '1920', side, amount: '1.00' });
    const entry = {
      companyId,
      journal: 'GL',
      date: '2026-03-31',
      description: 'T',
      lines: [line('debit'), line('credit')],
    };
    await admin.execute(postEntry, entry, { status: 403 });
    await books.execute(postEntry, entry);
  });
});
