import { startApp, type TestApp } from '@daybook/suite/testing/app';
import type { Response } from 'supertest';
import { listPeople } from '../person/person.operations.js';
import { changePassword } from '../set-up.js';
import { changeRole } from '../tenant/tenant.operations.js';
import {
  changeOwnPassword,
  closeSession,
  type OpenedSession,
  openSession,
  readSession,
  refreshSession,
} from './session.operations.js';
import { mostTries } from './tries.js';

const pathOf = (operation: { http: string }): string => String(operation.http.split(' ')[1]);

/** The refresh token's cookie as the browser would send it back. */
const cookieOf = (answer: Response): string => cookieLine(answer).split(';')[0] ?? '';
const cookieLine = (answer: Response): string => (answer.get('Set-Cookie') ?? []).join('\n');

describe('signing in', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  const signIn = (email: string, password: string, more: object = {}) =>
    app.anonymous.post(pathOf(openSession)).send({ email, password, ...more });
  const opened = async (
    role: 'Admin' | 'Accountant' | 'Auditor' = 'Accountant',
    tenant: 'north' | 'south' = 'north',
  ) => {
    const { email, password } = app.account(role, tenant);
    return signIn(email, password).expect(200);
  };
  const refresh = (cookie: string, body: object = {}) =>
    app.anonymous.post(pathOf(refreshSession)).set('cookie', cookie).send(body);

  it('answers a token, the person, the tenant and the rights, and sets the refresh cookie', async () => {
    const answer = await opened();
    const session = answer.body as OpenedSession;
    const { email, tenantId } = app.account('Accountant');
    expect(session).toMatchObject({ person: { email }, tenant: { id: tenantId }, role: 'Accountant' });
    expect(session.tenants).toEqual([session.tenant]);
    expect(session.permissions).toContain('accounting.entry.post');
    expect(session.permissions).not.toContain('identity.membership.change');
    expect(cookieLine(answer)).toMatch(/^daybook_refresh=[\w-]{43};/);
    for (const part of ['HttpOnly', 'SameSite=Strict', 'Path=/v1/identity/session']) {
      expect(cookieLine(answer)).toContain(part);
    }
    expect(cookieLine(answer)).not.toContain('Secure');
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('marks the cookie as secure behind https', async () => {
    const { email, password } = app.account('Admin');
    const answer = await signIn(email, password).set('x-forwarded-proto', 'https').expect(200);
    expect(cookieLine(answer)).toContain('Secure');
  });

  it('answers the same for an unknown address and a wrong password', async () => {
    const unknown = await signIn('nobody@example.org', 'some long password').expect(401);
    const wrong = await signIn(app.account('Auditor').email, 'some long password').expect(401);
    const plain = ({ traceId: _, ...problem }: Record<string, unknown>) => problem;
    expect(plain(unknown.body)).toEqual(plain(wrong.body));
    expect(unknown.body).toMatchObject({
      code: 'identity.sign-in-failed',
      detail: 'E-mail and password do not match. After 10 tries sign-in pauses for 15 minutes.',
    });
    expect(cookieLine(unknown)).toBe('');
  });

  it('takes about as long for an unknown address as for a wrong password', async () => {
    const time = async (email: string) => {
      const started = performance.now();
      await signIn(email, 'some long password');
      return performance.now() - started;
    };
    const [unknown, wrong] = [await time('else@example.org'), await time(app.account('Accountant', 'south').email)];
    expect(unknown).toBeGreaterThan(wrong / 4);
  });

  it('pauses after ten tries, and says for how long', async () => {
    const { email, password } = app.account('Auditor', 'south');
    for (let i = 0; i < mostTries; i++) await signIn(email, 'wrong password').expect(401);
    const paused = await signIn(email.toUpperCase(), password).expect(429);
    expect(paused.body).toMatchObject({ code: 'identity.too-many-tries' });
    expect(Number(paused.headers['retry-after'])).toBeGreaterThan(890);
    await opened('Admin', 'south');
  });

  it('does not tell a tenant to somebody who is no member of it', async () => {
    const { email, password } = app.account('Admin', 'north');
    const foreign = await signIn(email, password, { tenant: app.account('Admin', 'south').tenantId }).expect(403);
    expect(foreign.body.code).toBe('identity.no-membership');
  });

  it('renews the session with the cookie, once per token', async () => {
    const first = await opened();
    const second = await refresh(cookieOf(first)).expect(200);
    expect(second.body).toMatchObject({ person: first.body.person, tenant: first.body.tenant });
    expect(second.body.accessToken).not.toBe('');
    expect(cookieOf(second)).not.toBe(cookieOf(first));
    const again = await refresh(cookieOf(first)).expect(401);
    expect(again.body.code).toBe('identity.session-ended');
    // The one used twice may have been stolen: nothing of the family is good any more.
    await refresh(cookieOf(second)).expect(401);
  });

  it('keeps the session when another tenant is asked for in vain', async () => {
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

  it('reads the session without the token', async () => {
    const client = await app.client('Auditor');
    const session = await client.ask(readSession, {});
    expect(session).toMatchObject({ role: 'Auditor', tenant: { id: client.tenant } });
    expect(session).not.toHaveProperty('accessToken');
    await app.anonymous.get(pathOf(readSession)).expect(401);
  });

  it('names the people of the tenant, and of no other', async () => {
    const { items } = await (await app.client('Auditor')).ask(listPeople, {});
    expect(items.map(({ role }) => role).sort()).toEqual(['Accountant', 'Admin', 'Auditor']);
    expect(items.every(({ name }) => name !== null && name.length > 0)).toBe(true);
    const { items: others } = await (await app.client('Admin', 'south')).ask(listPeople, {});
    expect(others.some(({ id }) => items.some((item) => item.id === id))).toBe(false);
  });

  it('names them for many callers at once: one read looks up beside another without waiting for it', async () => {
    const client = await app.client('Auditor');
    const answers = await Promise.all(Array.from({ length: 40 }, () => client.ask(listPeople, {})));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  it('stores neither name nor address in clear', async () => {
    const { email } = app.account('Admin');
    const { items } = await (await app.client('Admin')).ask(listPeople, {});
    const { rows } = await app.base.pool.query<{ data: unknown }>(
      `select data::text from store.events where type = 'identity.person-registered.v1'`,
    );
    const stored = JSON.stringify(rows);
    expect(rows.length).toBeGreaterThanOrEqual(6);
    expect(stored).toContain('sealed');
    expect(stored).not.toContain(email);
    for (const { name } of items) expect(stored).not.toContain(String(name));
  });

  it('changes a role, which holds within seconds for tokens that are out already', async () => {
    const { email, password } = app.account('Auditor');
    const token = (await signIn(email, password).expect(200)).body as OpenedSession;
    const admin = await app.client('Admin');
    const change = (role: 'Accountant' | 'Auditor') => admin.execute(changeRole, { personId: token.person.id, role });
    await change('Accountant');
    await app.settle();
    const may = async () => {
      const { body } = await app.anonymous.get(pathOf(readSession)).set('authorization', `Bearer ${token.accessToken}`);
      return (body as OpenedSession).role;
    };
    expect(await may()).toBe('Accountant');
    await change('Auditor');
    await (
      await app.client('Auditor')
    ).execute(changeRole, { personId: token.person.id, role: 'Admin' }, { status: 403 });
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
    expect(wrong.body).toMatchObject({ code: 'identity.password-wrong', errors: [{ pointer: '/current' }] });
    await send(password).expect(200);
    await refresh(cookieOf(there)).expect(401);
    await refresh(cookieOf(here)).expect(200);
    await signIn(email, password).expect(401);
    await signIn(email, next).expect(200);
    const resources = { secret: app.config.secret, pool: app.runtime.base.pool };
    expect(await changePassword(resources, { email, password })).toBe(true);
    expect(await changePassword(resources, { email: 'nobody@example.org', password })).toBe(false);
    await signIn(email, password).expect(200);
  });
});
