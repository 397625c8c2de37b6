import { mock } from 'node:test';
import { StoreUnavailable } from '@daybook/event-store';
import { startApp, type TestApp } from '@daybook/testing/app';
import { changeOwnPassword } from '../session/session.operations.js';
import { withAuthenticatorApp } from '../testing/authenticator-app.js';
import { Mailbox } from '../testing/mailbox.js';
import { askEmailChange, askPasswordReset, confirmEmail, finishPasswordReset } from './email-link.operations.js';
import { changeEmail } from '../person/person.internal.js';

const pathOf = (operation: { http: string }): string => String(operation.http.split(' ')[1]);
const next = 'seven green umbrellas';
const plain = ({ traceId: _, ...problem }: Record<string, unknown>) => problem;

describe('e-mail links', () => {
  let app: TestApp;
  let mailbox: Mailbox;
  beforeAll(async () => {
    app = await startApp();
    mailbox = new Mailbox(app.config.mail);
  });
  afterAll(() => app.close());

  const send = (operation: { http: string }, body: object) => app.anonymous.post(pathOf(operation)).send(body);
  const signIn = (email: string, password: string) =>
    app.anonymous.post('/v1/identity/session').send({ email, password });
  const resetToken = async (email: string, number = 1): Promise<string> => {
    await send(askPasswordReset, { email }).expect(200);
    return (await mailbox.link(email, number)).token;
  };
  const cookieOf = (answer: { get(name: string): string[] | undefined }) => String(answer.get('Set-Cookie')?.[0]);

  describe('for a new password', () => {
    it('answer the same for a known address and an unknown one, and mail only the known one', async () => {
      const { email } = app.account('Auditor');
      const known = await send(askPasswordReset, { email: email.toUpperCase() }).expect(200);
      const unknown = await send(askPasswordReset, { email: 'nobody@example.org' }).expect(200);
      expect(known.body).toEqual({ requested: true });
      expect(unknown.body).toEqual(known.body);
      expect(Object.keys(unknown.headers).sort()).toEqual(Object.keys(known.headers).sort());
      const { subject, text, token } = await mailbox.letter(email);
      expect(subject).toBe('Set a new password');
      expect(text).toContain(`${app.config.publicUrl}/password/new#token=${token}`);
      expect(await mailbox.to('nobody@example.org')).toEqual([]);
    });

    it('are limited alike for a known address and an unknown one, without pausing the sign-in', async () => {
      const { email, password } = app.account('Vendor');
      const asked = async (address: string) => {
        for (let i = 0; i < 5; i++) await send(askPasswordReset, { email: address }).expect(200);
        return send(askPasswordReset, { email: address }).expect(429);
      };
      const [known, unknown] = [await asked(email), await asked('else@example.org')];
      expect(known.body.code).toBe('identity.too-many-attempts');
      expect(plain(known.body).detail).toEqual(plain(unknown.body).detail);
      expect(Number(known.headers['retry-after'])).toBeGreaterThan(0);
      await signIn(email, password).expect(200);
    });

    it('set the password once, end all sessions, and tell the person', async () => {
      const { email, password } = app.account('Accountant');
      const open = await signIn(email, password).expect(200);
      const token = await resetToken(email);
      await send(finishPasswordReset, { token, password: next }).expect(200);
      await app.anonymous
        .get('/v1/identity/session')
        .set('authorization', `Bearer ${open.body.accessToken}`)
        .expect(401);
      await app.anonymous.post('/v1/identity/session/refresh').set('cookie', cookieOf(open)).send({}).expect(401);
      await signIn(email, password).expect(401);
      await signIn(email, next).expect(200);
      expect((await mailbox.letter(email, 2)).subject).toBe('Your password was changed');
      expect((await mailbox.letter(email, 2)).token).toBe('');
    });

    it('refuse a used link, and one that was replaced by a newer link', async () => {
      const { email } = app.account('Staff');
      const first = await resetToken(email);
      const second = await resetToken(email, 2);
      const replaced = await send(finishPasswordReset, { token: first, password: next }).expect(404);
      expect(replaced.body.code).toBe('identity.email-link-invalid');
      await send(finishPasswordReset, { token: second, password: next }).expect(200);
      await send(finishPasswordReset, { token: second, password: 'eight green umbrellas' }).expect(404);
      await signIn(email, next).expect(200);
    });

    it('refuse an expired link', async () => {
      const { email } = app.account('Staff', 'south');
      const token = await resetToken(email);
      await inIdentityScope(
        `update identity.email_links set expires_at = now() - interval '1 second' where purpose = 'password'`,
      );
      await send(finishPasswordReset, { token, password: next }).expect(404);
    });

    it('refuse a link for another purpose: one that confirms an address sets no password', async () => {
      const { email } = app.account('Vendor', 'south');
      await (await app.client('Vendor', 'south')).execute(askEmailChange, { email: 'vendor.new@example.org' });
      const { token } = await mailbox.letter('vendor.new@example.org');
      await send(finishPasswordReset, { token, password: next }).expect(404);
      const reset = await resetToken(email);
      await send(confirmEmail, { token: reset }).expect(404);
    });

    it('refuse a weak password and stay valid for a better one', async () => {
      const { email } = app.account('Accountant', 'south');
      const token = await resetToken(email);
      const weak = await send(finishPasswordReset, { token, password: 'password123' }).expect(409);
      expect(weak.body).toMatchObject({ code: 'identity.password-weak', errors: [{ pointer: '/password' }] });
      await send(finishPasswordReset, { token, password: next }).expect(200);
    });

    it('leave no token in the log', async () => {
      for (const { token } of await mailbox.all()) if (token !== '') expect(app.log.join('')).not.toContain(token);
    });
  });

  describe('for another e-mail address', () => {
    it('change it once the new address confirms, and notify the old one before and after', async () => {
      const { email, password } = app.account('Admin', 'south');
      const admin = await app.client('Admin', 'south');
      const moved = 'admin.moved@example.org';
      expect(await admin.execute(askEmailChange, { email: moved })).toEqual({ requested: true });
      expect((await mailbox.letter(email)).subject).toBe('A change of your e-mail address was requested');
      await signIn(email, password).expect(200);
      const { token, text } = await mailbox.letter(moved);
      expect(text).not.toContain(email);

      expect((await send(confirmEmail, { token }).expect(200)).body).toEqual({ changed: true });
      await app.settle();
      await signIn(email, password).expect(401);
      expect((await signIn(moved, password).expect(200)).body.person.email).toBe(moved);
      expect((await mailbox.letter(email, 2)).subject).toBe('Your e-mail address was changed');
      await send(confirmEmail, { token }).expect(404);
      // The person is found by the new address; nobody has the old one.
      expect((await resetToken(moved, 2)).length).toBe(43);
      await send(askPasswordReset, { email }).expect(200);
      const { rows } = await app.projector.pool.query<{ data: string; operation: string }>(
        `select data::text as data, meta->>'operation' as operation from store.events
         where type = 'identity.email-changed.v1'`,
      );
      expect(rows.map(({ operation }) => operation)).toEqual([changeEmail.name]);
      expect(JSON.stringify(rows)).not.toContain('moved');
    });

    it('refuse an address of somebody else only on confirmation, and do not reveal whose it is', async () => {
      const { email: taken } = app.account('Auditor', 'south');
      const admin = await app.client('Admin');
      expect(await admin.execute(askEmailChange, { email: taken })).toEqual({ requested: true });
      const { token } = await mailbox.letter(taken);
      const refused = await send(confirmEmail, { token }).expect(409);
      expect(refused.body).toMatchObject({ code: 'identity.email-exists' });
      expect(JSON.stringify(refused.body)).not.toContain('Auditor');
      await signIn(app.account('Admin').email, app.account('Admin').password).expect(200);
    });

    it('are not sent for the current address of the person', async () => {
      const { email } = app.account('Admin');
      const admin = await app.client('Admin');
      const same = await admin.post(pathOf(askEmailChange), { email: email.toUpperCase() });
      expect(same.body.code).toBe('identity.email-unchanged');
    });

    it('are void once a new password is set, so that an intruder cannot take over the address', async () => {
      const { email } = app.account('Admin');
      const admin = await app.client('Admin');
      await admin.execute(askEmailChange, { email: 'thief@example.org' });
      const { token } = await mailbox.letter('thief@example.org');
      const reset = await resetToken(email);
      await send(finishPasswordReset, { token: reset, password: next }).expect(200);
      await send(confirmEmail, { token }).expect(404);
    });
  });

  it('notify people who change their own password, and void links that were mailed before', async () => {
    const { email, password } = app.account('Auditor');
    const client = await app.client('Auditor');
    await client.execute(askEmailChange, { email: 'stranger@example.org' });
    const taking = await mailbox.link('stranger@example.org');
    const links = (await mailbox.to(email)).filter(({ token }) => token !== '').length;
    const setting = await resetToken(email, links + 1);
    await client.execute(changeOwnPassword, { current: password, next });
    await mailbox.letter(email, 4);
    expect((await mailbox.to(email)).map(({ subject }) => subject)).toContain('Your password was changed');
    await send(confirmEmail, { token: taking.token }).expect(404);
    await send(finishPasswordReset, { token: setting, password: 'a third long password' }).expect(404);
  });

  it('for a new password keep the second factor: the next sign-in asks for it', async () => {
    const { email } = app.account('Vendor', 'south');
    await withAuthenticatorApp(await app.client('Vendor', 'south'));
    await mailbox.about(email, 'A way to sign in was added');
    const links = (await mailbox.to(email)).filter(({ token }) => token !== '');
    const token = await resetToken(email, links.length + 1);
    await send(finishPasswordReset, { token, password: next }).expect(200);
    expect((await signIn(email, next).expect(401)).body.code).toBe('identity.mfa-required');
  });

  it('for a new password can be used again when nothing could be recorded, and the person is told', async () => {
    const { email } = app.account('Staff', 'south');
    const links = (await mailbox.to(email)).filter(({ token }) => token !== '');
    const token = await resetToken(email, links.length + 1);
    const refused = mock.method(app.api.store, 'appendGroup', async () => {
      throw new StoreUnavailable('full', 'The disk is full.');
    });
    await send(finishPasswordReset, { token, password: next }).expect(503);
    refused.mock.restore();
    await send(finishPasswordReset, { token, password: next }).expect(200);
    await send(finishPasswordReset, { token, password: next }).expect(404);
    await signIn(email, next).expect(200);
    await mailbox.about(email, 'Your password was changed');
  });

  it('notify people at their next sign-in when a changed password could not be recorded', async () => {
    const { email, password } = app.account('Vendor');
    const token = (await signIn(email, password).expect(200)).body.accessToken;
    const refused = mock.method(app.api.store, 'appendGroup', async () => {
      throw new StoreUnavailable('full', 'The disk is full.');
    });
    const change = app.anonymous.post(pathOf(changeOwnPassword)).set('authorization', `Bearer ${token}`);
    await change.send({ current: password, next }).expect(503);
    refused.mock.restore();
    await signIn(email, next).expect(200);
    await mailbox.about(email, 'Your password was changed');
  });

  const inIdentityScope = async (sql: string): Promise<void> => {
    const client = await app.api.pool.connect();
    try {
      await client.query(`begin; set local daybook.schema_scope = 'identity'; ${sql}; commit`);
    } finally {
      client.release();
    }
  };
});
