import { randomUUID } from 'node:crypto';
import { mock } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Mail, MailNotSent, type Message, Outbox } from '@daybook/mail';
import { scopedTransaction } from '@daybook/postgres';
import { MAIL } from '@daybook/server';
import { startApp, type TestApp, TestClient } from '@daybook/testing/app';
import { listMembers } from '../member/member.operations.js';
import { completeSession } from '../session/session.operations.js';
import { withAuthenticatorApp } from '../testing/authenticator-app.js';
import { Mailbox } from '../testing/mailbox.js';
import {
  acceptInvitation,
  listInvitations,
  previewInvitation,
  sendInvitation,
  withdrawInvitation,
} from './invitation.operations.js';
import { completeInvitation, recordInvitation } from './invitation.internal.js';

const pathOf = (operation: { http: string }): string => String(operation.http.split(' ')[1]);
const password = 'seven green umbrellas';

describe('invitations', () => {
  let app: TestApp;
  let admin: TestClient;
  let mailbox: Mailbox;
  beforeAll(async () => {
    app = await startApp();
    admin = await app.client('Admin');
    mailbox = new Mailbox(app.config.mail);
  });
  afterAll(() => app.close());

  const look = (token: string) => app.anonymous.post(pathOf(previewInvitation)).send({ token });
  const accept = (body: object) => app.anonymous.post(pathOf(acceptInvitation)).send(body);
  const invite = async (email: string, more: object = {}): Promise<string> => {
    const before = (await mailbox.to(email)).filter(({ token }) => token !== '').length;
    await admin.execute(sendInvitation, { email, role: 'Accountant', ...more });
    return (await mailbox.link(email, before + 1)).token;
  };
  const statusOf = async (email: string): Promise<(string | null)[]> => {
    await app.settle();
    const { items } = await admin.ask(listInvitations, {});
    return items.filter((one) => one.email === email).map(({ status }) => status);
  };

  it('make a new person a member by a mailed link, a name and a password', async () => {
    const token = await invite('kari@example.org');
    const { subject, text } = await mailbox.letter('kari@example.org');
    expect(subject).toBe('You are invited to north');
    expect(text).toContain(`${app.config.publicUrl}/invitation#token=${token}`);
    expect((await look(token).expect(200)).body).toEqual({
      tenantName: 'north',
      invitedBy: 'admin@north.example',
      email: 'kari@example.org',
      known: false,
    });
    expect(await statusOf('kari@example.org')).toEqual(['sent']);

    const answer = await accept({ token, name: 'Kari Nordmann', password }).expect(200);
    expect(answer.body).toMatchObject({
      accepted: true,
      session: { person: { name: 'Kari Nordmann', email: 'kari@example.org' }, role: 'Accountant' },
    });
    expect(answer.get('Set-Cookie')?.join()).toContain('daybook_refresh=');
    const works = app.anonymous
      .get('/v1/identity/session')
      .set('authorization', `Bearer ${answer.body.session.accessToken}`);
    expect((await works.expect(200)).body.permissions).toContain('accounting.entry.post');
    await app.anonymous.post('/v1/identity/session').send({ email: 'kari@example.org', password }).expect(200);
    expect(await statusOf('kari@example.org')).toEqual(['accepted']);
    const { items } = await admin.ask(listMembers, {});
    expect(items.find(({ email }) => email === 'kari@example.org')?.roles).toMatchObject([{ role: 'Accountant' }]);
  });

  it('keep the token out of the log, and the address out of the events', async () => {
    const token = await invite('quiet@example.org');
    await look(token).expect(200);
    expect(app.log.join('')).not.toContain(token);
    expect(app.log.join('')).not.toContain('quiet@example.org');
    const { rows } = await app.projector.pool.query<{ data: string; operation: string }>(
      `select data::text || meta::text as data, meta->>'operation' as operation from store.events
       where type like 'identity.invitation%'`,
    );
    const operations = new Set(rows.map(({ operation }) => operation));
    expect(operations).toEqual(new Set([recordInvitation.name, completeInvitation.name]));
    expect(JSON.stringify(rows)).not.toContain('example.org');
  });

  /** Sends what is due, and what waits for its next attempt. */
  const sendMails = async () => {
    await inScope('mail', 'update mail.outbox set next_at = now()');
    await app.api.app.get(Outbox).work();
  };

  it('are mailed although the process dies between recording one and answering', async () => {
    const email = 'crash@example.org';
    const append = app.api.store.appendGroup.bind(app.api.store);
    const dying = mock.method(app.api.store, 'appendGroup', async (...args: Parameters<typeof append>) => {
      await append(...args);
      throw new Error('The process died');
    });
    await admin.post(pathOf(sendInvitation), { email, role: 'Staff' }).expect(500);
    dying.mock.restore();
    expect(await statusOf(email)).toEqual(['sent']);
    expect(await mailbox.to(email)).toEqual([]);
    await sendMails();
    const { token } = await mailbox.link(email);
    await accept({ token, name: 'Ola', password }).expect(200);
  });

  it('wait for a mail server that is away, and are withdrawn when it refuses the address', async () => {
    const [away, unknown] = ['away@example.org', 'unknown@example.org'];
    const errors: Record<string, MailNotSent> = {
      [away]: new MailNotSent('ECONNECTION', null),
      [unknown]: new MailNotSent('EENVELOPE', 550),
    };
    const server = mock.method(app.api.app.get<Mail>(MAIL), 'send', async ({ to }: Message) => {
      throw errors[to]!;
    });
    for (const email of [away, unknown]) await admin.execute(sendInvitation, { email, role: 'Staff' });
    await sendMails();
    expect([await statusOf(away), await statusOf(unknown)]).toEqual([['sent'], ['withdrawn']]);
    server.mock.restore();
    await sendMails();
    expect((await mailbox.link(away)).to).toBe(away);
    expect(await mailbox.to(unknown)).toEqual([]);
  });

  it('refuse a used link', async () => {
    const token = await invite('used@example.org');
    await accept({ token, name: 'Ola', password }).expect(200);
    const again = await accept({ token, name: 'Ola', password }).expect(404);
    expect(again.body.code).toBe('identity.email-link-invalid');
    await look(token).expect(404);
  });

  it('refuse an expired link', async () => {
    const token = await invite('late@example.org');
    await inScope(
      'identity',
      `update identity.email_links set expires_at = now() - interval '1 second' where used_at is null`,
    );
    expect((await accept({ token, name: 'Ola', password }).expect(404)).body.code).toBe('identity.email-link-invalid');
  });

  it('refuse a link whose invitation was withdrawn, or replaced by a newer one', async () => {
    const first = await invite('twice@example.org');
    const second = await invite('twice@example.org');
    await accept({ token: first, name: 'Ola', password }).expect(404);
    expect(await statusOf('twice@example.org')).toEqual(['sent', 'withdrawn']);
    const { items } = await admin.ask(listInvitations, { status: 'sent' });
    const { invitationId = '', version = 0 } = items.find(({ email }) => email === 'twice@example.org') ?? {};
    await admin.execute(withdrawInvitation, { invitationId }, { version: version + 1, status: 412 });
    await admin.execute(withdrawInvitation, { invitationId }, { version });
    await admin.execute(withdrawInvitation, { invitationId }, { status: 409 });
    const refused = await accept({ token: second, name: 'Ola', password }).expect(409);
    expect(refused.body.code).toBe('identity.invitation-closed');
    await app.anonymous.post('/v1/identity/session').send({ email: 'twice@example.org', password }).expect(401);
  });

  it('refuse a link that is for somebody other than the signed-in person', async () => {
    const token = await invite('other@example.org');
    const auditor = await app.client('Auditor');
    const refused = await auditor.post(pathOf(acceptInvitation), { token }).expect(403);
    expect(refused.body.code).toBe('identity.invitation-not-yours');
    await accept({ token, name: 'Ola', password }).expect(200);
  });

  it('ask a person with an account to sign in or give their password, and keep that password', async () => {
    const { email, password: known } = app.account('Accountant', 'south');
    const token = await invite(email, { role: 'Auditor' });
    expect((await look(token).expect(200)).body).toMatchObject({ known: true });
    expect((await accept({ token }).expect(401)).body.code).toBe('identity.sign-in-required');
    expect((await accept({ token, name: 'Else', password }).expect(401)).body.code).toBe('identity.sign-in-failed');
    const answer = await accept({ token, password: known }).expect(200);
    expect(answer.body.session).toMatchObject({ person: { email }, tenant: { name: 'north' }, role: 'Auditor' });
    expect(answer.body.session.tenants.map(({ name }: { name: string }) => name)).toEqual(['north', 'south']);

    const staff = app.account('Staff', 'south');
    const next = await invite(staff.email, { role: 'Auditor' });
    const signedIn = await (await app.client('Staff', 'south')).post(pathOf(acceptInvitation), { token: next });
    expect(signedIn.body).toEqual({ accepted: true, session: null });
    await app.settle();
    await app.anonymous
      .post('/v1/identity/session')
      .send({ email: staff.email, password: staff.password, tenant: app.account('Admin').tenantId })
      .expect(200);
  });

  it('ask a person with an account for their second factor', async () => {
    const { email, password: known } = app.account('Vendor', 'south');
    const code = await withAuthenticatorApp(await app.client('Vendor', 'south'));
    const token = await invite(email, { role: 'Auditor' });
    const asked = await accept({ token, password: known }).expect(401);
    expect(asked.body.code).toBe('identity.mfa-required');
    const { ticket } = asked.body.details as { ticket: string };
    const opened = await app.anonymous.post(pathOf(completeSession)).send({ ticket, code: code() }).expect(200);
    expect(opened.body).toMatchObject({ person: { email }, tenant: { name: 'north' } });
  });

  it('refuse a missing name or a weak password, and stay valid', async () => {
    const token = await invite('weak@example.org');
    const bare = await accept({ token }).expect(400);
    expect(bare.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(['/name', '/password']);
    const weak = await accept({ token, name: 'Ola', password: 'password1' }).expect(409);
    expect(weak.body).toMatchObject({ code: 'identity.password-weak', errors: [{ pointer: '/password' }] });
    await accept({ token, name: 'Ola', password }).expect(200);
  });

  it('are refused when the inviter may not give the role, to members, and for roles that do not exist', async () => {
    const { email } = app.account('Auditor');
    const refuse = (input: { email: string; role: string }, status: number, client = admin) =>
      client.execute(sendInvitation, input, { status }) as unknown as Promise<{ code: string }>;
    expect((await refuse({ email, role: 'Staff' }, 409)).code).toBe('identity.member-exists');
    expect((await refuse({ email: 'x@example.org', role: 'Boss' }, 404)).code).toBe('identity.role-not-found');
    await refuse({ email: 'x@example.org', role: 'Staff' }, 403, await app.client('Accountant'));
    expect(await mailbox.to('x@example.org')).toEqual([]);
  });

  it('wait for a second Admin where an approval rule says so, and are sent on approval', async () => {
    const accepted = await accept({
      token: await invite('second@example.org', { role: 'Admin' }),
      name: 'Two',
      password,
    });
    const second = new TestClient(app.app, accepted.body.session.accessToken, admin.tenant);
    const rule = { operation: sendInvitation.name, approvers: 1 };
    const set = await admin.put(`/v1/approvals/rules/${randomUUID()}`, rule).expect(200);
    const held = await admin.post(pathOf(sendInvitation), { email: 'held@example.org', role: 'Staff' }).expect(202);
    await app.settle();
    expect(await mailbox.to('held@example.org')).toEqual([]);
    const path = `/v1/approvals/requests/${held.body.approvalRequest}/approval`;
    await second.post(path).set('if-match', '"1"').expect(200);
    const { token } = await mailbox.link('held@example.org');
    await accept({ token, name: 'Held', password }).expect(200);
    expect(await statusOf('held@example.org')).toEqual(['accepted']);
    const lifting = await admin.post(`/v1/approvals/rules/${set.body.id}/removal`).expect(202);
    await second
      .post(`/v1/approvals/requests/${lifting.body.approvalRequest}/approval`)
      .set('if-match', '"1"')
      .expect(200);
  });

  it('of one tenant are not listed in another', async () => {
    await invite('here@example.org');
    await app.settle();
    const south = await app.client('Admin', 'south');
    expect((await south.ask(listInvitations, {})).items).toEqual([]);
    const page = await admin.ask(listInvitations, { limit: 1 });
    expect(page.items).toHaveLength(1);
    expect(page.next).not.toBeNull();
  });

  it('cannot be used to mail-bomb a stranger: five of forty to one mailbox are sent', async () => {
    const written = ['victim@example.org', 'Victim+1@example.org', 'victim+two@EXAMPLE.org'];
    const letters = async () =>
      (await mailbox.all()).filter(({ to }) => /^victim(\+\w+)?@example\.org$/i.test(to)).length;
    const mailed = async (count: number) => {
      while ((await letters()) < count) await sleep(20);
    };
    await app.clock.freeze(async () => {
      const statuses: number[] = [];
      for (let n = 0; n < 40; n += 1) {
        const email = String(written[n % written.length]);
        const sent = await admin.post(pathOf(sendInvitation), { email, role: 'Staff' });
        statuses.push(sent.status);
        if (sent.status === 200) {
          // Once withdrawn, it would not be mailed.
          await mailed(statuses.filter((status) => status === 200).length);
          await admin.post(`/v1/identity/invitations/${sent.body.id}/withdrawal`).expect(200);
        } else {
          expect(sent.body).toMatchObject({ code: 'identity.too-many-mails', errors: [{ pointer: '/email' }] });
          expect(Number(sent.headers['retry-after'])).toBeGreaterThan(3_600);
        }
      }
      expect(statuses.filter((status) => status === 200)).toHaveLength(5);
      // Nor by another tenant beside it: the mailbox has a limit of its own; and other ways to write to it count, too.
      const south = await app.client('Admin', 'south');
      for (const email of written) await south.execute(sendInvitation, { email, role: 'Staff' });
      const staff = await app.client('Staff');
      const change = (email: string) => staff.post('/v1/identity/own/email', { email });
      await change(written[0]!).expect(200);
      await change(written[1]!).expect(200);
      expect((await change(written[2]!).expect(429)).body.code).toBe('identity.too-many-mails');
      await south.post(pathOf(sendInvitation), { email: written[0], role: 'Staff' }).expect(429);
      await invite('somebody-else@example.org');
      app.clock.advance(5 * 3_600_000);
      await admin.execute(sendInvitation, { email: written[0]!, role: 'Staff' });
    });
    await mailed(5 + 3 + 2 + 1);
    expect(await letters()).toBe(5 + 3 + 2 + 1);
  });

  it('name the verified address of the inviter, because two tenants may share a name', async () => {
    const south = await app.client('Admin', 'south');
    await south.put('/v1/identity/tenant', { name: 'north' }).expect(200);
    await south.execute(sendInvitation, { email: 'which@example.org', role: 'Staff' });
    const first = await mailbox.link('which@example.org', 1);
    await admin.execute(sendInvitation, { email: 'which@example.org', role: 'Staff' });
    const letters = [first, await mailbox.link('which@example.org', 2)];
    expect(letters[0]?.subject).toBe(letters[1]?.subject);
    expect(letters.map(({ text }) => /Invited by: (\S+)/.exec(text)?.[1])).toEqual([
      'admin@south.example',
      'admin@north.example',
    ]);
    expect((await look(letters[0]!.token).expect(200)).body.invitedBy).toBe('admin@south.example');
    await south.put('/v1/identity/tenant', { name: 'south' }).expect(200);
  });

  it.each([
    ['a line break', 'Fjord\r\nBcc: all@example.org'],
    ['a turned direction', 'Fjord \u202etxt.exe'],
    ['zero width', 'Fjo\u200brd'],
    ['a web address', 'Click https://evil.example/login'],
    ['a web address without its scheme', 'evil.example/login'],
    ['nothing', ' \u00a0 '],
  ])('cannot carry a tenant name with %s, because such a name is refused', async (_, name) => {
    const renamed = await admin.put('/v1/identity/tenant', { name }).expect(400);
    const founded = await admin.post('/v1/identity/tenants', { name }).expect(400);
    for (const { body } of [renamed, founded]) {
      expect(body).toMatchObject({ code: 'platform.invalid-input', errors: [{ pointer: '/name' }] });
    }
  });

  const inScope = (scope: string, sql: string) => scopedTransaction(app.api.pool, scope, (client) => client.query(sql));
});
