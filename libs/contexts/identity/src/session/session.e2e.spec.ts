import crypto from 'node:crypto';
import { mock } from 'node:test';
import { StoreUnavailable } from '@daybook/event-store';
import { scopedTransaction } from '@daybook/postgres';
import { startApp, type TestApp, testTenants } from '@daybook/testing/app';
import type { Response } from 'supertest';
import { addTotp } from '../mfa/mfa.operations.js';
import { personIdOf } from '../person/person.part.js';
import { requestContextOf } from './internal-commands.js';
import { LoginThrottle, throttleKeyOf } from './login-throttle.js';
import { familyDays, repeatSeconds } from './refresh-tokens.js';
import { endSessions } from './session-ending.js';
import { SessionRows } from './session-rows.js';
import {
  changeOwnPassword,
  closeSession,
  confirmSession,
  endOtherSessions,
  endOwnSession,
  listOwnSessions,
  type OpenedSession,
  openSession,
  type OwnSession,
  readSession,
  refreshSession,
} from './session.operations.js';
import { browserOf, cookieLine, cookieOf, pathOf, systemIn, tokenOf } from './testing/browser.js';

describe('a session', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());
  const { as, eventTypes, opened, refresh, signIn } = browserOf(() => app);

  /** A repeat within seconds is answered again; after them it is theft. */
  const later = () =>
    scopedTransaction(app.api.pool, 'identity', (client) =>
      client.query(`update identity.refresh_tokens set used_at = used_at - interval '${repeatSeconds + 1} seconds'`),
    );

  it('renews the session with the cookie, once per token', async () => {
    const first = await opened();
    const second = await refresh(cookieOf(first)).expect(200);
    expect(second.body).toMatchObject({ person: first.body.person, tenant: first.body.tenant });
    expect(second.body.accessToken).not.toBe('');
    expect(cookieOf(second)).not.toBe(cookieOf(first));
    await later();
    const again = await refresh(cookieOf(first)).expect(401);
    expect(again.body.code).toBe('identity.session-ended');
    // The one used twice may have been stolen: nothing of the family is good any more.
    await refresh(cookieOf(second)).expect(401);
  });

  it('continues when the answer to a refresh was lost, or two refreshes came at once', async () => {
    const first = await opened();
    const [one, other] = await Promise.all([
      refresh(cookieOf(first)).expect(200),
      refresh(cookieOf(first)).expect(200),
    ]);
    const again = await refresh(cookieOf(first)).expect(200);
    expect([cookieOf(other), cookieOf(again)]).toEqual([cookieOf(one), cookieOf(one)]);
    for (const answer of [one, other, again]) await as(answer).get(pathOf(readSession)).expect(200);
    const next = await refresh(cookieOf(again)).expect(200);
    await refresh(cookieOf(first)).expect(401);
    await as(next).get(pathOf(readSession)).expect(401);
  });

  it('keeps the session when a switch to another tenant is refused', async () => {
    const first = await opened();
    await refresh(cookieOf(first), { tenant: app.account('Admin', 'south').tenantId }).expect(403);
    await refresh(cookieOf(first)).expect(200);
  });

  it('refuses to renew without a cookie, or with a made-up one', async () => {
    await app.anonymous.post(pathOf(refreshSession)).send({}).expect(401);
    await refresh('daybook_refresh=made-up').expect(401);
  });

  it('ends with sign-out', async () => {
    const first = await opened();
    const closed = await app.anonymous.post(pathOf(closeSession)).set('cookie', cookieOf(first)).send({}).expect(200);
    expect(closed.body).toEqual({ closed: true });
    expect(cookieLine(closed)).toContain('daybook_refresh=;');
    await refresh(cookieOf(first)).expect(401);
    expect((await app.anonymous.post(pathOf(closeSession)).send({}).expect(200)).body).toEqual({ closed: false });
  });

  it('changes the password, which ends all other sessions', async () => {
    const { email, password } = app.account('Accountant', 'south');
    const [here, there] = [await signIn(email, password).expect(200), await signIn(email, password).expect(200)];
    const next = 'another long password';
    const send = (current: string) =>
      app.anonymous
        .post(pathOf(changeOwnPassword))
        .set('authorization', `Bearer ${(here.body as OpenedSession).accessToken}`)
        .set('cookie', cookieOf(here))
        .send({ current, next });
    const wrong = await send('not the password').expect(409);
    expect(wrong.body).toMatchObject({ code: 'identity.password-invalid', errors: [{ pointer: '/current' }] });
    const changed = await send(password).expect(200);
    await refresh(cookieOf(there)).expect(401);
    await refresh(cookieOf(changed)).expect(200);
    await signIn(email, password).expect(401);
    await signIn(email, next).expect(200);
    await app.anonymous
      .get(pathOf(readSession))
      .set('authorization', `Bearer ${(there.body as OpenedSession).accessToken}`)
      .expect(401);
    const { identitySetUp } = app.api;
    expect(await identitySetUp.changePassword({ email, password })).toBe(true);
    expect(await identitySetUp.changePassword({ email: 'nobody@example.org', password })).toBe(false);
    await signIn(email, password).expect(200);
  });

  it('refuses a common new password, with an error at its field', async () => {
    const { email, password } = app.account('Auditor');
    const session = await signIn(email, password).expect(200);
    const change = (next: string) => as(session).post(pathOf(changeOwnPassword), { current: password, next });
    const weak = await change('password1').expect(409);
    expect(weak.body).toMatchObject({ code: 'identity.password-weak', errors: [{ pointer: '/next' }] });
    expect((await change(email.split('@').join('')).expect(200)).body).toEqual({ changed: true });
    expect(await app.api.identitySetUp.changePassword({ email, password })).toBe(true);
  });

  it('lists the sessions of the person by device', async () => {
    const { email, password } = app.account('Accountant');
    const session = await app.anonymous
      .post(pathOf(openSession))
      .set('user-agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0')
      .send({ email, password })
      .expect(200);
    const { items } = (await as(session).get(pathOf(listOwnSessions)).expect(200)).body as { items: OwnSession[] };
    expect(items.filter(({ current }) => current)).toMatchObject([
      { device: 'Firefox on Linux', tenant: 'north', methods: ['password'], address: '127.0.0.1' },
    ]);
    const others = (
      await as(await opened('Admin'))
        .get(pathOf(listOwnSessions))
        .expect(200)
    ).body;
    expect(JSON.stringify(others)).not.toContain(items[0]?.sessionId);
  });

  it('refuses an ended session in an open tab at its next request', async () => {
    const [here, there] = [await opened('Staff'), await opened('Staff')];
    const other = JSON.parse(atob(tokenOf(there).split('.')[1] ?? '')) as { sid: string };
    await as(there).get(pathOf(readSession)).expect(200);
    const path = pathOf(endOwnSession).replace('{sessionId}', other.sid);
    await as(await opened('Vendor'))
      .post(path)
      .expect(404);
    expect((await as(here).post(path).expect(200)).body).toEqual({ ended: 1 });
    expect((await as(there).get(pathOf(readSession)).expect(401)).body).toMatchObject({
      code: 'platform.unauthenticated',
      detail: 'The session has ended. Sign in again.',
    });
    await refresh(cookieOf(there)).expect(401);
    await as(here).get(pathOf(readSession)).expect(200);
  });

  it('is asked for with each request, although the signature of its token is verified only once', async () => {
    const here = await opened('Staff');
    const verified = mock.method(crypto, 'createVerify').mock;
    for (const _time of [1, 2, 3]) await as(here).get(pathOf(readSession)).expect(200);
    await app.anonymous.post(pathOf(closeSession)).set('cookie', cookieOf(here)).send({}).expect(200);
    expect((await as(here).get(pathOf(readSession)).expect(401)).body).toMatchObject({
      detail: 'The session has ended. Sign in again.',
    });
    expect(verified.callCount()).toBe(1);
    verified.restore();
  });

  it('ends all other sessions at once, and its own by signing out', async () => {
    const [here, ...others] = [await opened('Staff'), await opened('Staff'), await opened('Staff')];
    const { ended } = (await as(here).post(pathOf(endOtherSessions)).expect(200)).body as { ended: number };
    expect(ended).toBeGreaterThanOrEqual(2);
    for (const other of others) await as(other).get(pathOf(readSession)).expect(401);
    await app.anonymous.post(pathOf(closeSession)).set('cookie', cookieOf(here)).send({}).expect(200);
    await as(here).get(pathOf(readSession)).expect(401);
  });

  it('refuses the access token of a session whose refresh token was reused', async () => {
    const first = await opened('Staff');
    const second = await refresh(cookieOf(first)).expect(200);
    await as(second).get(pathOf(readSession)).expect(200);
    await later();
    await refresh(cookieOf(first)).expect(401);
    await as(second).get(pathOf(readSession)).expect(401);
  });

  it('ends the previous session of a browser when somebody signs in again', async () => {
    const [first, { email, password }] = [await opened('Staff'), app.account('Vendor')];
    await app.anonymous
      .post(pathOf(openSession))
      .set('cookie', cookieOf(first))
      .send({ email, password: 'wrong password' })
      .expect(401);
    await as(first).get(pathOf(readSession)).expect(200);
    await app.anonymous.post(pathOf(openSession)).set('cookie', cookieOf(first)).send({ email, password }).expect(200);
    await as(first).get(pathOf(readSession)).expect(401);
  });

  it('asks for confirmation before a sensitive operation once the sign-in is old', async () => {
    const { email, password } = app.account('Vendor', 'south');
    const session = await signIn(email, password).expect(200);
    await as(session).post(pathOf(addTotp)).expect(200);
    await scopedTransaction(app.api.pool, 'identity', (client) =>
      client.query(`update identity.sessions set auth_time = now() - interval '16 minutes'`),
    );
    const later = await refresh(cookieOf(session)).expect(200);
    const refused = await as(later).post(pathOf(addTotp)).expect(403);
    expect(refused.body.code).toBe('identity.confirmation-required');
    const wrong = await as(later).post(pathOf(confirmSession), { password: 'not the password' }).expect(409);
    expect(wrong.body).toMatchObject({ code: 'identity.confirmation-failed', errors: [{ pointer: '/password' }] });
    await as(later).post(pathOf(confirmSession), {}).expect(400);
    const confirmed = await as(later).post(pathOf(confirmSession), { password }).expect(200);
    await as(confirmed).post(pathOf(addTotp)).expect(200);
    // With the token alone, there is no cookie to replace.
    expect(cookieLine(confirmed)).toBe('');
  });

  it('issues a new refresh token on confirmation, and refuses the previous one', async () => {
    const { email, password } = app.account('Vendor', 'south');
    const first = await signIn(email, password).expect(200);
    const confirm = (session: Response, cookie = cookieOf(session)) =>
      as(session).post(pathOf(confirmSession), { password }).set('cookie', cookie);
    const confirmed = await confirm(first).expect(200);
    expect(cookieOf(confirmed)).toMatch(/^daybook_refresh=[\w-]{43}$/);
    expect(cookieOf(confirmed)).not.toBe(cookieOf(first));
    // A tab that had sent its request already is no thief: it asks again, with the cookie that has come by then.
    const underWay = await refresh(cookieOf(first)).expect(409);
    expect([underWay.body.code, cookieLine(underWay)]).toEqual(['identity.session-renewed', '']);
    const next = await refresh(cookieOf(confirmed)).expect(200);

    const stranger = await signIn(email, password).expect(200);
    expect(cookieLine(await confirm(next, cookieOf(stranger)).expect(200))).toBe('');
    await refresh(cookieOf(stranger)).expect(200);

    await scopedTransaction(app.api.pool, 'identity', (client) =>
      client.query(`update identity.refresh_tokens set replaced_at = replaced_at - interval '61 seconds'`),
    );
    await refresh(cookieOf(first)).expect(401);
    await refresh(cookieOf(next)).expect(401);
  });

  it('continues in another tenant of the person, as a session of that tenant', async () => {
    const { email, password } = app.account('Auditor', 'south');
    await app.api.identitySetUp.changePassword({ email, password });
    const person = personIdOf(app.config.secret, email);
    await app.api.identitySetUp.run({
      tenants: [],
      people: [{ email, password, name: 'Auditor', memberships: [{ tenant: testTenants.north, role: 'Auditor' }] }],
    });
    await app.settle();
    await new LoginThrottle({ em: app.api.em }).forget([throttleKeyOf(app.config.secret, 'email', email)]);
    const south = await signIn(email, password, { tenant: testTenants.south }).expect(200);
    const refused = mock.method(app.api.store, 'appendGroup', async () => {
      throw new StoreUnavailable('full', 'The disk is full.');
    });
    await refresh(cookieOf(south), { tenant: testTenants.north }).expect(503);
    refused.mock.restore();
    const north = await refresh(cookieOf(south), { tenant: testTenants.north }).expect(200);
    await as(south).get(pathOf(readSession)).expect(200);
    await as(north).get(pathOf(readSession)).expect(200);
    const asking = requestContextOf(app.api.jobCommands.execute, systemIn(testTenants.north));
    const which = { personId: person, tenant: testTenants.north };
    expect(await endSessions(new SessionRows({ em: app.api.em }), asking, which, 'ended-by-admin')).toBe(1);
    await as(north).get(pathOf(readSession)).expect(401);
    await as(south).get(pathOf(readSession)).expect(200);
    // The browser has one cookie for both: a tab in the ended tenant neither clears nor uses it.
    const ended = await refresh(cookieOf(north)).expect(401);
    expect([ended.body.code, cookieLine(ended)]).toEqual(['identity.session-ended', '']);
    const still = await refresh(cookieOf(north), { tenant: testTenants.south }).expect(200);
    await later();
    await refresh(cookieOf(still)).expect(200);
    const types = await eventTypes(testTenants.north, `'identity.session-opened.v2', 'identity.session-ended.v2'`);
    const begun = types.filter(({ type }) => type === 'identity.session-opened.v2').at(-1);
    const opened = await eventTypes(testTenants.south, `'identity.session-opened.v2'`);
    // The time runs from the first tenant of the session on.
    expect(begun?.data['until']).toBe(
      opened.find(({ data }) => data['sessionId'] === begun?.data['sessionId'])?.data['until'],
    );
    expect(Date.parse(String(begun?.data['until'])) - Date.now()).toBeGreaterThan((familyDays - 1) * 86_400_000);
    expect(types.at(-1)).toMatchObject({ type: 'identity.session-ended.v2', data: { reason: 'ended-by-admin' } });
  });
});
