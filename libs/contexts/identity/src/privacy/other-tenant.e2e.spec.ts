import { randomUUID } from 'node:crypto';
import { listEvents, readEvent } from '@daybook/audit';
import { startApp, type TestApp, TestClient, type TestTenant } from '@daybook/testing/app';
import { findAnywhere } from '@daybook/testing/find-anywhere';
import { listActors } from '../actor/actor.operations.js';
import { giveGrant, listGrants } from '../grant/grant.operations.js';
import {
  acceptInvitation,
  eraseInvitation,
  listInvitations,
  previewInvitation,
  sendInvitation,
  withdrawInvitation,
} from '../invitation/invitation.operations.js';
import { listApiKeys } from '../api-key/api-key.operations.js';
import { askEmailChange, confirmEmail } from '../email-link/email-link.operations.js';
import { deactivateMember, listMembers, readMember, reactivateMember } from '../member/member.operations.js';
import { listPeople } from '../person/person.operations.js';
import {
  allowDelegatedAccess,
  enterDelegatedAccess,
  listDelegatedAccessConsents,
} from '../delegated-access/delegated-access.operations.js';
import { Mailbox } from '../testing/mailbox.js';
import { erasePerson, exportPerson, readErasure, readOwnData, setRetention } from './privacy.operations.js';

const password = 'seven green umbrellas';
const pathOf = (operation: { http: string }): string => String(operation.http.split(' ')[1]);
const reason = 'The person asked for it';

describe('personal data of somebody who works in two tenants', () => {
  let app: TestApp;
  let north: TestClient;
  let south: TestClient;
  let mailbox: Mailbox;
  beforeAll(async () => {
    app = await startApp();
    [north, south] = [await app.client('Admin', 'north'), await app.client('Admin', 'south')];
    mailbox = new Mailbox(app.config.mail);
  }, 120_000);
  afterAll(() => app.close());

  const admin = (tenant: TestTenant) => (tenant === 'north' ? north : south);
  const invite = async (tenant: TestTenant, email: string): Promise<{ id: string; token: string }> => {
    const before = (await mailbox.to(email)).filter(({ token }) => token !== '').length;
    const { id } = await admin(tenant).execute(sendInvitation, { email, role: 'Accountant' });
    return { id, token: (await mailbox.link(email, before + 1)).token };
  };
  const accept = (body: object) => app.anonymous.post(pathOf(acceptInvitation)).send(body);
  const join = async (tenant: TestTenant, email: string, name = 'Somebody') => {
    const { token } = await invite(tenant, email);
    const { body } = await accept({ token, name, password }).expect(200);
    await app.settle();
    const client = new TestClient(app.app, String(body.session.accessToken), admin(tenant).tenant);
    return { personId: String(body.session.person.id), client };
  };
  const leave = (tenant: TestTenant, personId: string) =>
    admin(tenant).execute(deactivateMember, { personId, reason: 'Left' });
  const signIn = (email: string, tenant: TestTenant) =>
    app.anonymous.post('/v1/identity/session').send({ email, password, tenant: admin(tenant).tenant });
  const invitationOf = async (tenant: TestTenant, id: string) => {
    await app.settle();
    return (await admin(tenant).ask(listInvitations, {})).items.find(({ invitationId }) => invitationId === id);
  };

  it('cannot be erased or read by the Admin of another tenant who invites the address', async () => {
    const email = 'former@example.org';
    const { personId } = await join('north', email, 'Former Member');
    await leave('north', personId);
    const refuse = async () => {
      await south.execute(erasePerson, { personId, reason }, { status: 404 });
      await south.ask(exportPerson, { personId }, { status: 404 });
      await south.ask(readErasure, { personId }, { status: 404 });
      await south.execute(setRetention, { personId, reason, until: '2099-12-31' }, { status: 404 });
    };
    await refuse();
    const { id, token } = await invite('south', email);
    expect(await invitationOf('south', id)).toMatchObject({ email, personId: null });
    await refuse();
    // Nor is the invitation's own id anybody.
    await south.execute(erasePerson, { personId: id, reason }, { status: 404 });
    await south.ask(exportPerson, { personId: id }, { status: 404 });
    await south.execute(withdrawInvitation, { invitationId: id });
    await refuse();
    await app.anonymous.post(pathOf(previewInvitation)).send({ token }).expect(404);
    await app.settle();
    expect(await north.ask(readMember, { personId })).toMatchObject({ name: 'Former Member', email });
  });

  it('is not revealed by an invitation: the answer is the same with and without an account', async () => {
    const known = app.account('Staff', 'south').email;
    const unknown = 'staff@nobody.example';
    const answers: unknown[] = [];
    for (const email of [known, unknown]) {
      const sent = await north.post(pathOf(sendInvitation), { email, role: 'Staff' }).expect(200);
      const again = await north.post(pathOf(sendInvitation), { email, role: 'Staff' }).expect(200);
      await app.settle();
      const rows = (await north.ask(listInvitations, {})).items.filter((row) => row.email === email);
      const { items } = await north.ask(listEvents, { recordId: String(again.body.id) });
      const events = await Promise.all(items.map(({ eventId }) => north.ask(readEvent, { eventId })));
      await north.execute(withdrawInvitation, { invitationId: String(again.body.id) });
      answers.push({
        bodies: [sent.body, again.body].map((body) => Object.keys(body)),
        rows: rows.map((row) => ({ ...row, email: 0, invitationId: 0, sentAt: 0, expiresAt: 0, closedAt: typeof row.closedAt })), // prettier-ignore
        events: events.map(({ data }) => ({ ...data, email: 0, invitationId: 0, replacedBy: 0, expiresAt: 0 })),
      });
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(JSON.stringify(answers)).toContain('"personId":null');
  });

  it('is not revealed by an invitation that waits for approval', async () => {
    const rule = `/v1/approvals/rules/${randomUUID()}`;
    await north.put(rule, { operation: sendInvitation.name, approvers: 1 }).expect(200);
    const answers: unknown[] = [];
    for (const email of [app.account('Auditor', 'south').email, 'auditor@nobody.example']) {
      const ids = new Set<string>();
      for (const _ of [1, 2]) {
        const { body } = await north.post(pathOf(sendInvitation), { email, role: 'Staff' }).expect(202);
        await app.settle();
        const { items } = await north.ask(listEvents, { recordId: String(body.approvalRequest) });
        const { data } = await north.ask(readEvent, { eventId: String(items[0]?.eventId) });
        ids.add(String(data['sealedFor']));
        answers.push({ ...data, sealedFor: 0, requestId: 0, commandId: 0, input: 0 });
        await north
          .post(`/v1/approvals/requests/${body.approvalRequest}/withdrawal`)
          .set('if-match', '"1"')
          .expect(200);
      }
      // An id that were the same both times would be somebody's.
      expect(ids.size).toBe(2);
    }
    expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1);
    const { body: lifting } = await north.post(`${rule}/removal`).expect(202);
    const books = await app.client('Accountant');
    await books.post(`/v1/approvals/requests/${lifting.approvalRequest}/approval`).set('if-match', '"1"').expect(200);
  });

  it('is not revealed by a consent to delegated access', async () => {
    const helped = await app.client('Accountant');
    const helper = app.account('Accountant', 'south').email;
    const given: string[] = [];
    for (const email of [helper, helper, 'nobody@nobody.example', 'nobody@nobody.example']) {
      given.push((await helped.execute(allowDelegatedAccess, { email, hours: 1, reason })).id);
    }
    await app.settle();
    const rows = (await north.ask(listDelegatedAccessConsents, {})).items.filter(({ delegatedAccessId }) =>
      given.includes(delegatedAccessId),
    );
    expect(rows.map(({ delegateId }) => delegateId)).toEqual([null, null, null, null]);
    for (const delegatedAccessId of given) {
      const { items } = await north.ask(listEvents, { recordId: delegatedAccessId });
      const { data } = await north.ask(readEvent, { eventId: String(items[0]?.eventId) });
      expect(Object.keys(data).sort()).toEqual(['delegatedAccessId', 'personId', 'reason', 'until']);
    }
    await (
      await app.client('Accountant', 'south')
    ).execute(enterDelegatedAccess, { delegatedAccessId: String(given[0]) });
    await app.settle();
    const entered = (await north.ask(listDelegatedAccessConsents, {})).items.find(
      ({ delegatedAccessId }) => delegatedAccessId === given[0],
    );
    expect(entered?.delegateId).toEqual(expect.any(String));
  });

  it('shows no later name, address or second factor to a tenant that deactivated the person', async () => {
    const [before, after] = ['before@example.org', 'after@example.org'];
    const { personId, client } = await join('north', before, 'Name Before');
    const until = new Date(Date.now() + 86_400_000).toISOString();
    await client
      .post('/v1/identity/own/api-keys', { name: 'Script', scopes: ['accounting.*.read'], until })
      .expect(200);
    await accept({ token: (await invite('south', before)).token, password }).expect(200);
    await leave('north', personId);
    const { body } = await signIn(before, 'south').expect(200);
    const there = new TestClient(app.app, String(body.accessToken), south.tenant);
    await there.put('/v1/identity/own/name', { name: 'Name After' }).expect(200);
    await there.execute(askEmailChange, { email: after });
    await app.anonymous
      .post(pathOf(confirmEmail))
      .send({ token: (await mailbox.link(after)).token })
      .expect(200);
    await app.settle();
    expect((await south.ask(listMembers, {})).items.find((one) => one.personId === personId)).toMatchObject({ email: after, name: 'Name After' }); // prettier-ignore

    const seen = [
      await north.ask(readMember, { personId }),
      await north.ask(listMembers, {}),
      await north.ask(listPeople, {}),
      await north.ask(listActors, {}),
      await north.ask(listGrants, {}),
      await north.ask(listApiKeys, {}),
      await north.ask(exportPerson, { personId }),
      await north.ask(listEvents, { actor: personId }),
    ].map((answer) => JSON.stringify(answer));
    expect(seen[0]).toContain(before);
    for (const answer of seen) {
      expect(answer).toContain('Name Before');
      expect(answer).not.toMatch(/Name After|after@example/);
    }
    // What the person proves themselves with is the account's, not the tenant's to read.
    expect(seen[6]).not.toContain('"kind":"password"');
    expect(JSON.stringify(await there.ask(readOwnData, {}))).toContain('"kind":"password"');
    // The later address is like any other, until the person accepts: and then it is they who hear it.
    expect((await north.post(pathOf(sendInvitation), { email: before, role: 'Staff' }).expect(409)).body.code).toBe(
      'identity.member-deactivated',
    );
    const { id, token } = await invite('north', after);
    expect(await invitationOf('north', id)).toMatchObject({ status: 'sent', personId: null });
    expect((await accept({ token, password }).expect(409)).body.code).toBe('identity.membership-ended');
    expect(await invitationOf('north', id)).toMatchObject({ status: 'sent', personId: null });
    // Nor does reactivating show it: the person comes back by signing in.
    await north.execute(reactivateMember, { personId, reason: 'Back' });
    await app.settle();
    expect(await north.ask(readMember, { personId })).toMatchObject({ name: 'Name Before', email: before });
    await invite('north', after);
    await signIn(after, 'north').expect(200);
    await app.settle();
    expect(await north.ask(readMember, { personId })).toMatchObject({ name: 'Name After', email: after });
  });

  it('keeps the account and its e-mail links when one of the tenants erases the person', async () => {
    const email = 'both@example.org';
    const { personId } = await join('north', email, 'Works Twice');
    await accept({ token: (await invite('south', email)).token, password }).expect(200);
    const opened = await signIn(email, 'south').expect(200);
    const there = new TestClient(app.app, String(opened.body.accessToken), south.tenant);
    await there.execute(askEmailChange, { email: 'both-after@example.org' });
    const { token } = await mailbox.link('both-after@example.org');
    await leave('north', personId);
    // What the other tenant has to keep is no business of this one, and is not told.
    await south.execute(setRetention, { personId, reason: 'Payroll of the south', until: '2099-12-31' });
    await north.execute(erasePerson, { personId, reason });
    await app.settle();
    expect(await north.ask(readMember, { personId })).toMatchObject({ name: null, email: null });
    expect(JSON.stringify(await north.ask(exportPerson, { personId }))).not.toMatch(/Works Twice|both/);
    const receipt = await north.ask(readErasure, { personId });
    expect(receipt.status).toBe('finished');
    expect(receipt.places.map(({ place }) => place)).not.toContain('identity.credentials');

    expect(await south.ask(readMember, { personId })).toMatchObject({ name: 'Works Twice', email });
    expect((await south.ask(readErasure, { personId })).status).toBe('none');
    await there.get('/v1/identity/session').expect(200);
    await app.anonymous.post(pathOf(confirmEmail)).send({ token }).expect(200);
    await signIn('both-after@example.org', 'south').expect(200);
    await signIn('both-after@example.org', 'north').expect(403);
    const back = await north.post(`/v1/identity/members/${personId}/reactivation`, { reason }).expect(409);
    expect(back.body.code).toBe('identity.person-erased');
    const again = await invite('north', 'both-after@example.org');
    expect((await accept({ token: again.token, password }).expect(409)).body.code).toBe('identity.membership-ended');
  });

  it('ends with the account when the last tenant erases it, but keeps invitations of other tenants', async () => {
    const email = 'twofold@example.org';
    const { personId } = await join('north', email, 'Twofold Thrupp');
    const open = await invite('south', email);
    await leave('north', personId);
    await north.execute(erasePerson, { personId, reason });
    await app.settle();
    expect(await findAnywhere(app, ['thrupp'])).toEqual([]);
    await signIn(email, 'north').expect(401);
    expect(await invitationOf('south', open.id)).toMatchObject({ email, status: 'sent' });
    const looked = await app.anonymous.post(pathOf(previewInvitation)).send({ token: open.token }).expect(200);
    expect(looked.body).toMatchObject({ email, known: false });
    const { body } = await accept({ token: open.token, name: 'Anew', password }).expect(200);
    expect(body.session.person.id).not.toBe(personId);
  });

  it('keeps the account while the person is a former member of another tenant', async () => {
    const email = 'ex-of-both@example.org';
    const { personId } = await join('north', email, 'Ex Ofboth');
    await accept({ token: (await invite('south', email)).token, password }).expect(200);
    await app.settle();
    await leave('north', personId);
    await leave('south', personId);
    await north.execute(erasePerson, { personId, reason });
    await app.settle();
    expect(await south.ask(readMember, { personId })).toMatchObject({ name: 'Ex Ofboth', email });
    await south.execute(reactivateMember, { personId, reason: 'Back' });
    await signIn(email, 'south').expect(200);
    await leave('south', personId);
    await south.execute(erasePerson, { personId, reason });
    await app.settle();
    expect(await findAnywhere(app, ['ofboth', 'ex-of-both'])).toEqual([]);
  });

  it('includes the address of an invited stranger, which each tenant erases for itself', async () => {
    const email = 'quibble@stranger.example';
    const first = await invite('north', email);
    await north.execute(withdrawInvitation, { invitationId: first.id });
    const second = await invite('north', email);
    const elsewhere = await invite('south', email);
    await south.execute(eraseInvitation, { invitationId: first.id, reason }, { status: 404 });
    await north.execute(eraseInvitation, { invitationId: first.id, reason });
    expect(await invitationOf('north', first.id)).toMatchObject({ email: null, status: 'withdrawn' });
    expect(await invitationOf('north', second.id)).toMatchObject({ email: null, status: 'withdrawn' });
    await accept({ token: second.token, name: 'Quibble', password }).expect(404);
    // It is the other tenant's invitation that is left, and the link of it is good.
    expect(await invitationOf('south', elsewhere.id)).toMatchObject({ email, status: 'sent' });
    await south.execute(eraseInvitation, { invitationId: elsewhere.id, reason });
    await app.settle();
    expect(await findAnywhere(app, ['quibble'])).toEqual([]);
    const { personId } = await join('north', 'came@example.org');
    const { items } = await north.ask(listInvitations, { status: 'accepted' });
    const accepted = items.find((one) => one.personId === personId);
    const refused = await north.post(`/v1/identity/invitations/${accepted?.invitationId}/erasure`, { reason });
    expect([refused.status, refused.body.code]).toEqual([409, 'identity.invitation-accepted']);
    await north.execute(giveGrant, { holderId: personId, role: 'Auditor' });
  });
});
