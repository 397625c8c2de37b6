import { randomUUID } from 'node:crypto';
import { TestClient } from '@daybook/testing/app';
import { acceptInvitation, sendInvitation } from '../invitation/invitation.operations.js';
import { askEmailChange, confirmEmail } from '../email-link/email-link.operations.js';
import { deactivateMember, reactivateMember, readMember } from '../member/member.operations.js';
import { Mailbox } from '../testing/mailbox.js';
import { pathOf, useSso } from '../testing/sso-fixture.js';
import { linkSsoAccount, listOwnSsoAccounts, unlinkSsoAccount } from './sso-provider.operations.js';

describe('a person who signed in with SSO only', () => {
  const sso = useSso();

  it('cannot step up, and cannot switch to another tenant', async () => {
    sso.outside.outsider = sso.memberOutside('Auditor');
    const answer = await sso.signIn();
    const bearer = `Bearer ${answer.body.session.accessToken}`;
    const sensitive = await sso
      .stranger()
      .post('/v1/identity/own/email')
      .set('authorization', bearer)
      .send({ email: 'thief@example.org' })
      .expect(403);
    expect(sensitive.body.code).toBe('identity.confirmation-required');
    const refreshCookie = (answer.get('Set-Cookie') ?? []).find((line) => line.startsWith('daybook_refresh='));
    const other = await sso
      .stranger()
      .post('/v1/identity/session/refresh')
      .set('cookie', String(refreshCookie?.split(';')[0]))
      .send({ tenant: sso.app.account('Admin', 'south').tenantId })
      .expect(403);
    expect(other.body.code).toBe('identity.credential-proof-required');
  });

  it("sees nothing of the person's other tenants, and ends and changes nothing there", async () => {
    const { email, password } = sso.app.account('Auditor');
    const south = sso.app.account('Admin', 'south').tenantId;
    await sso.app.api.identitySetUp.run({
      tenants: [],
      people: [{ email, password, name: 'Auditor', memberships: [{ tenant: south, role: 'Auditor' }] }],
    });
    await sso.app.settle();
    const opened = await sso
      .stranger()
      .post('/v1/identity/session')
      .send({ email, password, tenant: south })
      .expect(200);
    const withPassword = new TestClient(sso.app.app, opened.body.accessToken, south);
    expect((await withPassword.get('/v1/identity/session').expect(200)).body.tenants).toHaveLength(2);

    sso.outside.outsider = sso.memberOutside('Auditor');
    const { session } = (await sso.signIn()).body;
    const vouched = new TestClient(sso.app.app, session.accessToken, session.tenant.id);
    expect(session.tenants).toEqual([session.tenant]);
    expect((await vouched.get('/v1/identity/session').expect(200)).body.tenants).toEqual([session.tenant]);
    const sessions = (await vouched.get('/v1/identity/own/sessions').expect(200)).body.items;
    expect(new Set(sessions.map((one: { tenant: string }) => one.tenant))).toEqual(new Set([session.tenant.name]));
    await vouched.post('/v1/identity/own/sessions/end').expect(403);
    expect((await vouched.put('/v1/identity/own/name', { name: 'Thief' }).expect(403)).body.code).toBe(
      'identity.credential-proof-required',
    );
  });

  it('shows which methods the person has, but not since when or on which devices', async () => {
    const { email, password } = sso.app.account('Vendor');
    sso.outside.outsider = sso.memberOutside('Vendor');
    const { session } = (await sso.signIn()).body;
    const personId = session.person.id as string;
    await sso.inIdentityScope(`insert into identity.passkeys (passkey_id, person_id, credential_id, public_key, counter, transports, synced, name)
      values ('${randomUUID()}', '${personId}', 'their-key', '\\x00', 0, '{}', false, 'Phone of Kari')`);
    const factorsOf = async (accessToken: string) =>
      (
        await new TestClient(sso.app.app, accessToken, session.tenant.id)
          .get('/v1/identity/own/mfa-methods')
          .expect(200)
      ).body;
    const unsaid = { name: null, createdAt: null, lastUsedAt: null, synced: null };
    expect(await factorsOf(session.accessToken)).toEqual({
      password: { changedAt: null },
      totp: null,
      recoveryCodesLeft: null,
      passkeys: [{ passkeyId: expect.any(String), ...unsaid }],
    });
    const confirmed = await sso
      .stranger()
      .post('/v1/identity/session/confirm')
      .set('authorization', `Bearer ${session.accessToken}`)
      .send({ password })
      .expect(200);
    expect(await factorsOf(confirmed.body.accessToken)).toMatchObject({
      password: { changedAt: expect.any(String) },
      recoveryCodesLeft: 0,
      passkeys: [{ name: 'Phone of Kari' }],
    });
    await sso.inIdentityScope(`delete from identity.passkeys where person_id = '${personId}'`);
    expect(session.person.email).toBe(email);
  });

  it('does not show a tenant the later name of a member it deactivated, reactivated and signed in as', async () => {
    const [email, password] = ['parted@north.example', 'seven green umbrellas'];
    const { tenantId: south } = sso.app.account('Admin', 'south');
    const memberships = [sso.admin.tenant, south].map((tenant) => ({ tenant, role: 'Staff' as const }));
    await sso.app.api.identitySetUp.run({
      tenants: [],
      people: [{ email, password, name: 'Name Before', memberships }],
    });
    await sso.app.settle();
    sso.outside.outsider = { sub: 'parted', email, verified: true };
    const personId = (await sso.signIn()).body.session.person.id as string;
    await sso.admin.execute(deactivateMember, { personId, reason: 'Left' });
    const open = (tenant: string) => sso.stranger().post('/v1/identity/session').send({ email, password, tenant });
    const there = new TestClient(sso.app.app, (await open(south).expect(200)).body.accessToken, south);
    await there.put('/v1/identity/own/name', { name: 'Name After' }).expect(200);
    await sso.admin.execute(reactivateMember, { personId, reason: 'Back' });
    await sso.app.settle();

    const { session } = (await sso.signIn()).body;
    expect(session.person).toEqual({ id: personId, name: 'Name Before', email });
    const vouched = new TestClient(sso.app.app, session.accessToken, sso.admin.tenant);
    expect((await vouched.get('/v1/identity/session').expect(200)).body.person.name).toBe('Name Before');
    await sso.app.settle();
    expect(await sso.admin.ask(readMember, { personId })).toMatchObject({ name: 'Name Before' });
    // After signing in with a method of their own, the person's current name is shown.
    expect((await open(sso.admin.tenant).expect(200)).body.person.name).toBe('Name After');
    await sso.app.settle();
    expect(await sso.admin.ask(readMember, { personId })).toMatchObject({ name: 'Name After' });
  });

  it("cannot accept an invitation to another tenant: that needs a proof of the person's own", async () => {
    sso.outside.outsider = sso.memberOutside('Vendor');
    const { session } = (await sso.signIn()).body;
    const south = await sso.app.client('Admin', 'south');
    const mailbox = new Mailbox(sso.app.config.mail);
    const { email, password } = sso.app.account('Vendor');
    await south.execute(sendInvitation, { email, role: 'Staff' });
    const { token } = await mailbox.link(email);
    const accept = () => sso.stranger().post(pathOf(acceptInvitation));
    const bearer = `Bearer ${session.accessToken}`;
    const refused = await accept().set('authorization', bearer).send({ token }).expect(403);
    expect(refused.body.code).toBe('identity.credential-proof-required');
    await accept().send({ token, password }).expect(200);
  });

  it('links and unlinks an SSO account while signed in', async () => {
    const staff = await sso.app.client('Staff');
    sso.outside.outsider = { sub: 'private account', email: 'private@example.org', verified: true };
    const started = await staff.post(pathOf(linkSsoAccount).replace('{providerId}', sso.providerId)).expect(200);
    const cookie = String(started.get('Set-Cookie')?.[0]?.split(';')[0]);
    const linked = await sso.finish(await sso.outside.walk(started.body.url), cookie).expect(200);
    expect(linked.body).toEqual({ linked: true, session: null });
    expect((await staff.ask(listOwnSsoAccounts, {})).items).toMatchObject([
      { providerId: sso.providerId, linkedAt: expect.any(String) },
    ]);
    expect((await sso.signIn()).body.session.person.email).toBe(sso.app.account('Staff').email);

    const vendor = await sso.app.client('Vendor');
    const second = await vendor.post(pathOf(linkSsoAccount).replace('{providerId}', sso.providerId)).expect(200);
    const taken = await sso
      .finish(await sso.outside.walk(second.body.url), String(second.get('Set-Cookie')?.[0]?.split(';')[0]))
      .expect(409);
    expect(taken.body.code).toBe('identity.sso-account-already-linked');

    expect(await staff.execute(unlinkSsoAccount, { providerId: sso.providerId })).toEqual({ unlinked: true });
    expect(await staff.execute(unlinkSsoAccount, { providerId: sso.providerId })).toEqual({ unlinked: false });
    expect((await sso.signIn()).status).toBe(403);
  });

  it('does not confirm to a provider a later address of a reactivated member who has not signed in since', async () => {
    const [before, later, password] = ['guessed@north.example', 'guessed.later@north.example', 'nine yellow lanterns'];
    const { tenantId: south } = sso.app.account('Admin', 'south');
    const memberships = [sso.admin.tenant, south].map((tenant) => ({ tenant, role: 'Staff' as const }));
    const { people } = await sso.app.api.identitySetUp.run({
      tenants: [],
      people: [{ email: before, password, name: 'Guessed', memberships }],
    });
    const personId = people[0]!.id;
    await sso.app.settle();
    await sso.admin.execute(deactivateMember, { personId, reason: 'Left' });
    const opened = await sso.stranger().post('/v1/identity/session').send({ email: before, password, tenant: south });
    await new TestClient(sso.app.app, opened.body.accessToken, south).execute(askEmailChange, { email: later });
    const { token } = await new Mailbox(sso.app.config.mail).letter(later);
    await sso.stranger().post(pathOf(confirmEmail)).send({ token }).expect(200);
    await sso.admin.execute(reactivateMember, { personId, reason: 'Back' });
    await sso.app.settle();
    sso.outside.outsider = { sub: 'guesses', email: later, verified: true };
    const guessed = await sso.signIn();
    sso.outside.outsider = { sub: 'nobody', email: 'nobody.at.all@north.example', verified: true };
    const unknown = await sso.signIn();
    expect([guessed.status, guessed.body.detail]).toEqual([unknown.status, unknown.body.detail]);
    expect(guessed.status).toBe(403);
    // Once they have signed in themselves, the tenant sees the address, and its provider may send it.
    await sso
      .stranger()
      .post('/v1/identity/session')
      .send({ email: later, password, tenant: sso.admin.tenant })
      .expect(200);
    await sso.app.settle();
    sso.outside.outsider = { sub: 'guesses', email: later, verified: true };
    expect((await sso.signIn()).body.session.person.id).toBe(personId);
  });
});
