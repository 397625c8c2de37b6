import { randomUUID } from 'node:crypto';
import { TestClient } from '@daybook/testing/app';
import { acceptInvitation, sendInvitation } from '../invitation/invitation.operations.js';
import { askEmailChange, confirmEmail } from '../email-link/email-link.operations.js';
import { deactivateMember, reactivateMember, readMember } from '../member/member.operations.js';
import { setUpIdentity } from '../set-up.js';
import { Mailbox } from '../testing/mailbox.js';
import { pathOf, type SsoFixture, ssoFixture } from '../testing/sso-fixture.js';
import { linkSsoAccount, listOwnSsoAccounts, unlinkSsoAccount } from './sso-provider.operations.js';

describe('a person who signed in with SSO only', () => {
  let world: SsoFixture;
  let app: SsoFixture['app'];
  let outside: SsoFixture['outside'];
  let admin: SsoFixture['admin'];
  let providerId: SsoFixture['providerId'];
  let stranger: SsoFixture['stranger'];
  let finish: SsoFixture['finish'];
  let signIn: SsoFixture['signIn'];
  let memberOutside: SsoFixture['memberOutside'];
  let inIdentityScope: SsoFixture['inIdentityScope'];
  beforeAll(async () => {
    world = await ssoFixture();
    ({ app, outside, admin, providerId, stranger, finish, signIn, memberOutside, inIdentityScope } = world);
  });
  afterAll(() => world.close());
  beforeEach(() => world.comeFromElsewhere());

  it('cannot step up, and cannot switch to another tenant', async () => {
    outside.outsider = memberOutside('Auditor');
    const answer = await signIn();
    const bearer = `Bearer ${answer.body.session.accessToken}`;
    const sensitive = await stranger()
      .post('/v1/identity/own/email')
      .set('authorization', bearer)
      .send({ email: 'thief@example.org' })
      .expect(403);
    expect(sensitive.body.code).toBe('identity.confirmation-required');
    const refreshCookie = (answer.get('Set-Cookie') ?? []).find((line) => line.startsWith('daybook_refresh='));
    const other = await stranger()
      .post('/v1/identity/session/refresh')
      .set('cookie', String(refreshCookie?.split(';')[0]))
      .send({ tenant: app.account('Admin', 'south').tenantId })
      .expect(403);
    expect(other.body.code).toBe('identity.credential-proof-required');
  });

  it("sees nothing of the person's other tenants, and ends and changes nothing there", async () => {
    const { email, password } = app.account('Auditor');
    const south = app.account('Admin', 'south').tenantId;
    await setUpIdentity(
      { em: app.api.em, secret: app.config.secret, execute: app.api.jobCommands.execute },
      {
        tenants: [],
        people: [{ email, password, name: 'Auditor', memberships: [{ tenant: south, role: 'Auditor' }] }],
      },
    );
    await app.settle();
    const opened = await stranger().post('/v1/identity/session').send({ email, password, tenant: south }).expect(200);
    const withPassword = new TestClient(app.app, opened.body.accessToken, south);
    expect((await withPassword.get('/v1/identity/session').expect(200)).body.tenants).toHaveLength(2);

    outside.outsider = memberOutside('Auditor');
    const { session } = (await signIn()).body;
    const vouched = new TestClient(app.app, session.accessToken, session.tenant.id);
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
    const { email, password } = app.account('Vendor');
    outside.outsider = memberOutside('Vendor');
    const { session } = (await signIn()).body;
    const personId = session.person.id as string;
    await inIdentityScope(`insert into identity.passkeys (passkey_id, person_id, credential_id, public_key, counter, transports, synced, name)
      values ('${randomUUID()}', '${personId}', 'their-key', '\\x00', 0, '{}', false, 'Phone of Kari')`);
    const factorsOf = async (accessToken: string) =>
      (await new TestClient(app.app, accessToken, session.tenant.id).get('/v1/identity/own/mfa-methods').expect(200))
        .body;
    const unsaid = { name: null, createdAt: null, lastUsedAt: null, synced: null };
    expect(await factorsOf(session.accessToken)).toEqual({
      password: { changedAt: null },
      totp: null,
      recoveryCodesLeft: null,
      passkeys: [{ passkeyId: expect.any(String), ...unsaid }],
    });
    const confirmed = await stranger()
      .post('/v1/identity/session/confirm')
      .set('authorization', `Bearer ${session.accessToken}`)
      .send({ password })
      .expect(200);
    expect(await factorsOf(confirmed.body.accessToken)).toMatchObject({
      password: { changedAt: expect.any(String) },
      recoveryCodesLeft: 0,
      passkeys: [{ name: 'Phone of Kari' }],
    });
    await inIdentityScope(`delete from identity.passkeys where person_id = '${personId}'`);
    expect(session.person.email).toBe(email);
  });

  it('does not show a tenant the later name of a member it deactivated, reactivated and signed in as', async () => {
    const [email, password] = ['parted@north.example', 'seven green umbrellas'];
    const { tenantId: south } = app.account('Admin', 'south');
    const memberships = [admin.tenant, south].map((tenant) => ({ tenant, role: 'Staff' as const }));
    await setUpIdentity(
      { em: app.api.em, secret: app.config.secret, execute: app.api.jobCommands.execute },
      { tenants: [], people: [{ email, password, name: 'Name Before', memberships }] },
    );
    await app.settle();
    outside.outsider = { sub: 'parted', email, verified: true };
    const personId = (await signIn()).body.session.person.id as string;
    await admin.execute(deactivateMember, { personId, reason: 'Left' });
    const open = (tenant: string) => stranger().post('/v1/identity/session').send({ email, password, tenant });
    const there = new TestClient(app.app, (await open(south).expect(200)).body.accessToken, south);
    await there.put('/v1/identity/own/name', { name: 'Name After' }).expect(200);
    await admin.execute(reactivateMember, { personId, reason: 'Back' });
    await app.settle();

    const { session } = (await signIn()).body;
    expect(session.person).toEqual({ id: personId, name: 'Name Before', email });
    const vouched = new TestClient(app.app, session.accessToken, admin.tenant);
    expect((await vouched.get('/v1/identity/session').expect(200)).body.person.name).toBe('Name Before');
    await app.settle();
    expect(await admin.ask(readMember, { personId })).toMatchObject({ name: 'Name Before' });
    // After signing in with a method of their own, the person's current name is shown.
    expect((await open(admin.tenant).expect(200)).body.person.name).toBe('Name After');
    await app.settle();
    expect(await admin.ask(readMember, { personId })).toMatchObject({ name: 'Name After' });
  });

  it("cannot accept an invitation to another tenant: that needs a proof of the person's own", async () => {
    outside.outsider = memberOutside('Vendor');
    const { session } = (await signIn()).body;
    const south = await app.client('Admin', 'south');
    const mailbox = new Mailbox(app.config.mail);
    const { email, password } = app.account('Vendor');
    await south.execute(sendInvitation, { email, role: 'Staff' });
    const { token } = await mailbox.link(email);
    const accept = () => stranger().post(pathOf(acceptInvitation));
    const bearer = `Bearer ${session.accessToken}`;
    const refused = await accept().set('authorization', bearer).send({ token }).expect(403);
    expect(refused.body.code).toBe('identity.credential-proof-required');
    await accept().send({ token, password }).expect(200);
  });

  it('links and unlinks an SSO account while signed in', async () => {
    const staff = await app.client('Staff');
    outside.outsider = { sub: 'private account', email: 'private@example.org', verified: true };
    const started = await staff.post(pathOf(linkSsoAccount).replace('{providerId}', providerId)).expect(200);
    const cookie = String(started.get('Set-Cookie')?.[0]?.split(';')[0]);
    const linked = await finish(await outside.walk(started.body.url), cookie).expect(200);
    expect(linked.body).toEqual({ linked: true, session: null });
    expect((await staff.ask(listOwnSsoAccounts, {})).items).toMatchObject([
      { providerId, linkedAt: expect.any(String) },
    ]);
    expect((await signIn()).body.session.person.email).toBe(app.account('Staff').email);

    const vendor = await app.client('Vendor');
    const second = await vendor.post(pathOf(linkSsoAccount).replace('{providerId}', providerId)).expect(200);
    const taken = await finish(
      await outside.walk(second.body.url),
      String(second.get('Set-Cookie')?.[0]?.split(';')[0]),
    ).expect(409);
    expect(taken.body.code).toBe('identity.sso-account-already-linked');

    expect(await staff.execute(unlinkSsoAccount, { providerId })).toEqual({ unlinked: true });
    expect(await staff.execute(unlinkSsoAccount, { providerId })).toEqual({ unlinked: false });
    expect((await signIn()).status).toBe(403);
  });

  it('does not confirm to a provider a later address of a reactivated member who has not signed in since', async () => {
    const [before, later, password] = ['guessed@north.example', 'guessed.later@north.example', 'nine yellow lanterns'];
    const { tenantId: south } = app.account('Admin', 'south');
    const memberships = [admin.tenant, south].map((tenant) => ({ tenant, role: 'Staff' as const }));
    const { people } = await setUpIdentity(
      { em: app.api.em, secret: app.config.secret, execute: app.api.jobCommands.execute },
      { tenants: [], people: [{ email: before, password, name: 'Guessed', memberships }] },
    );
    const personId = people[0]!.id;
    await app.settle();
    await admin.execute(deactivateMember, { personId, reason: 'Left' });
    const opened = await stranger().post('/v1/identity/session').send({ email: before, password, tenant: south });
    await new TestClient(app.app, opened.body.accessToken, south).execute(askEmailChange, { email: later });
    const { token } = await new Mailbox(app.config.mail).letter(later);
    await stranger().post(pathOf(confirmEmail)).send({ token }).expect(200);
    await admin.execute(reactivateMember, { personId, reason: 'Back' });
    await app.settle();
    outside.outsider = { sub: 'guesses', email: later, verified: true };
    const guessed = await signIn();
    outside.outsider = { sub: 'nobody', email: 'nobody.at.all@north.example', verified: true };
    const unknown = await signIn();
    expect([guessed.status, guessed.body.detail]).toEqual([unknown.status, unknown.body.detail]);
    expect(guessed.status).toBe(403);
    // Once they have signed in themselves, the tenant sees the address, and its provider may send it.
    await stranger().post('/v1/identity/session').send({ email: later, password, tenant: admin.tenant }).expect(200);
    await app.settle();
    outside.outsider = { sub: 'guesses', email: later, verified: true };
    expect((await signIn()).body.session.person.id).toBe(personId);
  });
});
