import { mock } from 'node:test';
import { StoreUnavailable } from '@daybook/event-store';
import { scopedTransaction } from '@daybook/postgres';
import { startApp, type TestApp, type TestRole, type TestTenant } from '@daybook/testing/app';
import { TOTP } from 'otpauth';
import type { Response } from 'supertest';
import { listPeople } from '../person/person.operations.js';
import { personIdOf } from '../person/person.part.js';
import {
  completeSession,
  confirmSession,
  listOwnSessions,
  openSession,
  openWithPasskey,
  passkeyOptions,
  readSession,
} from '../session/session.operations.js';
import { maxAttempts } from '../session/login-throttle.js';
import {
  addPasskey,
  addTotp,
  confirmTotp,
  listOwnMfaMethods,
  generateRecoveryCodes,
  newPasskeyOptions,
  removePasskey,
  removeTotp,
  setOwnName,
} from './mfa.operations.js';
import { Mailbox } from '../testing/mailbox.js';
import { SoftwareAuthenticator } from './testing/authenticator.js';

const pathOf = (operation: { http: string }): string => String(operation.http.split(' ')[1]);

describe('signing in with more than a password', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  const send = (operation: { http: string }, body: object = {}, token?: string) => {
    const [method, path] = operation.http.split(' ') as [string, string];
    const request = app.anonymous[method === 'PUT' ? 'put' : method === 'GET' ? 'get' : 'post'](path);
    if (token !== undefined) void request.set('authorization', `Bearer ${token}`);
    return method === 'GET' ? request : request.send(body);
  };
  const tokenOf = ({ body }: Response): string => (body as { accessToken: string }).accessToken;
  const signIn = (role: TestRole, tenant?: TestTenant) => {
    const { email, password } = app.account(role, tenant);
    return send(openSession, { email, password });
  };
  const personOf = (role: TestRole, tenant?: TestTenant): string =>
    personIdOf(app.config.secret, app.account(role, tenant).email);
  /** Codes of two steps in a row are good at any moment: that of now and the next one. */
  const withTotp = async (role: TestRole, tenant?: TestTenant) => {
    const token = tokenOf(await signIn(role, tenant).expect(200));
    const { secret } = (await send(addTotp, {}, token).expect(200)).body as { secret: string };
    const app = new TOTP({ secret });
    const code = (ahead = 0) => app.generate({ timestamp: Date.now() + ahead * 30_000 });
    const { recoveryCodes } = (await send(confirmTotp, { code: code() }, token).expect(200)).body;
    return { token, code, recoveryCodes: recoveryCodes as string[] };
  };
  /** As if half a minute had gone by. */
  const nextStep = (role: TestRole) =>
    scopedTransaction(app.api.pool, 'identity', (client) =>
      client.query('update identity.totp set last_step = last_step - 2 where person_id = $1', [personOf(role)]),
    );
  const changesOf = async (role: TestRole, tenant?: TestTenant) => {
    const { rows } = await app.projector.pool.query<{ data: { kind: string; change: string } }>(
      `select data from store.events where type = 'identity.credential-changed.v1' and stream like $1 order by position`,
      [`%${personOf(role, tenant)}`],
    );
    return rows.map(({ data }) => `${data.kind} ${data.change}`);
  };

  it('asks for the code of the app, once it is confirmed, and takes each code once', async () => {
    const { token, code } = await withTotp('Accountant');
    const asked = await signIn('Accountant').expect(401);
    expect(asked.body).toMatchObject({
      code: 'identity.mfa-required',
      details: { methods: ['totp', 'recovery-code'] },
    });
    expect(asked.get('Set-Cookie')).toBeUndefined();
    const { ticket } = asked.body.details as { ticket: string };
    // The one that confirmed the app is a replayed one.
    const replayed = await send(completeSession, { ticket, code: code() }).expect(401);
    expect(replayed.body).toMatchObject({ code: 'identity.mfa-invalid', errors: [{ pointer: '/code' }] });
    const opened = await send(completeSession, { ticket, code: code(1) }).expect(200);
    expect(opened.get('Set-Cookie')?.join()).toContain('daybook_refresh=');
    await send(readSession, {}, tokenOf(opened)).expect(200);
    const { items } = (await send(listOwnSessions, {}, tokenOf(opened)).expect(200)).body;
    expect(items.find((one: { current: boolean }) => one.current).methods).toEqual(['password', 'totp']);
    await send(completeSession, { ticket, code: code(1) }).expect(401);
    expect((await send(listOwnMfaMethods, {}, token).expect(200)).body).toMatchObject({
      totp: { since: expect.any(String) },
      recoveryCodesLeft: 10,
      passkeys: [],
    });
    expect(await changesOf('Accountant')).toEqual(['totp added', 'recovery-codes added']);
  });

  it('refuses a recovery code that was used', async () => {
    const { token, recoveryCodes } = await withTotp('Auditor');
    const complete = async (recoveryCode: string | undefined) => {
      const { ticket } = (await signIn('Auditor').expect(401)).body.details as { ticket: string };
      return send(completeSession, { ticket, recoveryCode });
    };
    expect((await complete(recoveryCodes[0])).status).toBe(200);
    expect((await complete(recoveryCodes[0])).body).toMatchObject({ code: 'identity.mfa-invalid' });
    const made = (await send(generateRecoveryCodes, {}, token).expect(200)).body.recoveryCodes as string[];
    expect((await complete(recoveryCodes[1])).status).toBe(401);
    expect((await complete(made[1])).status).toBe(200);
    expect((await complete(undefined)).status).toBe(400);
  });

  it('ends the ticket after a few wrong codes, and pauses the person after ten', async () => {
    const { code } = await withTotp('Staff');
    const ticketOf = async () => ((await signIn('Staff').expect(401)).body.details as { ticket: string }).ticket;
    let ticket = await ticketOf();
    for (let tried = 0; tried < 5; tried++) await send(completeSession, { ticket, code: '000000' }).expect(401);
    expect((await send(completeSession, { ticket, code: code(1) }).expect(401)).body.code).toBe(
      'identity.ticket-expired',
    );
    ticket = await ticketOf();
    for (let tried = 5; tried < maxAttempts; tried++)
      await send(completeSession, { ticket, code: '000000' }).expect(401);
    ticket = await ticketOf();
    expect((await send(completeSession, { ticket, code: code(1) }).expect(429)).body.code).toBe(
      'identity.too-many-attempts',
    );
    await send(completeSession, { ticket: 'made up', code: '000000' }).expect(401);
  });

  it('signs in with a passkey alone, which is two factors, and asks for it after a password', async () => {
    const device = new SoftwareAuthenticator();
    const token = tokenOf(await signIn('Admin').expect(200));
    const creation = (await send(newPasskeyOptions, {}, token).expect(200)).body;
    expect(creation.options.user.name).toBe(app.account('Admin').email);
    const response = device.create(creation.options);
    const added = await send(addPasskey, { ticket: creation.ticket, name: 'Laptop', response }, token).expect(200);
    expect(added.body.recoveryCodes).toHaveLength(10);
    await send(addPasskey, { ticket: creation.ticket, name: 'Again', response }, token).expect(409);

    const answer = async (behaviour = {}) => {
      const { ticket, options } = (await send(passkeyOptions).expect(200)).body;
      return { ticket, response: device.get(options, behaviour) };
    };
    const opened = await send(openWithPasskey, await answer()).expect(200);
    expect(opened.body.person.email).toBe(app.account('Admin').email);
    const wrong = await send(openWithPasskey, await answer({ origin: 'https://evil.example' })).expect(401);
    expect(wrong.body.code).toBe('identity.passkey-refused');
    await send(openWithPasskey, await answer({ counter: 0 })).expect(401);

    const asked = await signIn('Admin').expect(401);
    expect(asked.body.details.methods).toEqual(['passkey', 'recovery-code']);
    const { ticket } = asked.body.details as { ticket: string };
    await send(completeSession, { ticket, passkey: await answer() }).expect(200);
    await send(confirmSession, { passkey: await answer() }, token).expect(200);

    const { passkeyId } = added.body as { passkeyId: string };
    await app.anonymous
      .post(pathOf(removePasskey).replace('{passkeyId}', passkeyId))
      .set('authorization', `Bearer ${token}`)
      .expect(200);
    await send(openWithPasskey, await answer()).expect(401);
    await signIn('Admin').expect(200);
    expect(await changesOf('Admin')).toEqual([
      'passkey added',
      'recovery-codes added',
      'passkey removed',
      'recovery-codes removed',
    ]);
  });

  it('asks for nothing more once the app is removed, which ends all other sessions', async () => {
    const token = tokenOf(await signIn('Vendor').expect(200));
    const other = tokenOf(await signIn('Vendor').expect(200));
    await send(removeTotp, {}, token).expect(409);
    await send(generateRecoveryCodes, {}, token).expect(409);
    await send(confirmTotp, { code: '000000' }, token).expect(409);
    const { code } = await withTotp('Vendor');
    await send(addTotp, {}, token).expect(409);
    await nextStep('Vendor');
    await send(confirmSession, { code: code() }, token).expect(200);
    await send(readSession, {}, other).expect(200);
    await send(removeTotp, {}, token).expect(200);
    // Removing a lost phone as a second factor ends the sessions on it.
    await send(readSession, {}, other).expect(401);
    await send(readSession, {}, token).expect(200);
    await signIn('Vendor').expect(200);
  });

  it('removes a lost app and ends its sessions also while nothing can be recorded; a repeat records and tells it once', async () => {
    const other = tokenOf(await signIn('Auditor', 'south').expect(200));
    const { token } = await withTotp('Auditor', 'south');
    const refused = mock.method(app.api.store, 'appendGroup', async () => {
      throw new StoreUnavailable('full', 'The disk is full.');
    });
    await send(removeTotp, {}, token).expect(503);
    await send(readSession, {}, other).expect(401);
    expect((await send(listOwnMfaMethods, {}, token).expect(200)).body).toMatchObject({ totp: null });
    refused.mock.restore();
    await send(removeTotp, {}, token).expect(200);
    await send(removeTotp, {}, token).expect(409);
    expect(await changesOf('Auditor', 'south')).toEqual([
      'totp added',
      'recovery-codes added',
      'totp removed',
      'recovery-codes removed',
    ]);
    const mailbox = new Mailbox(app.config.mail);
    await mailbox.about(app.account('Auditor', 'south').email, 'A way to sign in was removed');
  });

  it('lets people change their own name, which others see', async () => {
    const token = tokenOf(await signIn('Vendor').expect(200));
    await send(setOwnName, { name: 'Vera Vendor' }, token).expect(200);
    await app.settle();
    const people = await (await app.client('Admin')).ask(listPeople, {});
    expect(people.items.map(({ name }) => name)).toContain('Vera Vendor');
    const { rows } = await app.projector.pool.query(
      `select data::text from store.events where type = 'identity.person-renamed.v1'`,
    );
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain('Vera');
  });

  it('refuses the second factor if the password was changed in the meantime', async () => {
    const { code } = await withTotp('Vendor');
    await nextStep('Vendor');
    const { ticket } = (await signIn('Vendor').expect(401)).body.details as { ticket: string };
    const { email, password } = app.account('Vendor');
    expect(await app.api.identitySetUp.changePassword({ email, password })).toBe(true);
    const late = await send(completeSession, { ticket, code: code() }).expect(401);
    expect(late.body.code).toBe('identity.password-changed');
    expect(late.get('Set-Cookie')).toBeUndefined();
    await nextStep('Vendor');
    const again = (await signIn('Vendor').expect(401)).body.details as { ticket: string };
    await send(completeSession, { ticket: again.ticket, code: code() }).expect(200);
  });
});
