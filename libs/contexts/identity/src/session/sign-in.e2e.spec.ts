import { scopedTransaction } from '@daybook/postgres';
import { startApp, type TestApp } from '@daybook/testing/app';
import type { Test } from 'supertest';
import { platformTenant } from '../person/person.events.js';
import { listPeople } from '../person/person.operations.js';
import { FailedSignIns } from './failed-sign-ins.js';
import { requestContextOf } from './internal-commands.js';
import { maxAttempts } from './login-throttle.js';
import { closeSession, type OpenedSession, readSession } from './session.operations.js';
import { browserOf, cookieLine, cookieOf, pathOf, systemIn } from './testing/browser.js';

describe('signing in', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());
  const { eventTypes, opened, refresh, signIn } = browserOf(() => app);

  it('answers a token, the person, the tenant and the rights, and sets the refresh cookie', async () => {
    const answer = await opened();
    const session = answer.body as OpenedSession;
    const { email, tenantId } = app.account('Accountant');
    expect(session).toMatchObject({ person: { email }, tenant: { id: tenantId }, role: 'Accountant' });
    expect(session.tenants).toEqual([session.tenant]);
    expect(session.permissions).toContain('accounting.entry.post');
    expect(session.limited).toEqual([]);
    expect(session.permissions).not.toContain('identity.membership.change');
    expect(cookieLine(answer)).toMatch(/^daybook_refresh=[\w-]{43};/);
    for (const part of ['HttpOnly', 'SameSite=Strict', 'Path=/v1/identity/session']) {
      expect(cookieLine(answer)).toContain(part);
    }
    expect(cookieLine(answer)).not.toContain('Secure');
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('accepts a refresh cookie over https only under a name that a secure page alone can set', async () => {
    const { email, password } = app.account('Admin');
    const overHttps = (test: Test): Test => test.set('x-forwarded-proto', 'https');
    const answer = await overHttps(signIn(email, password)).expect(200);
    expect(cookieLine(answer)).toMatch(/^__Secure-daybook_refresh=[\w-]{43};/);
    for (const part of ['; Secure', 'HttpOnly', 'SameSite=Strict', 'Path=/v1/identity/session']) {
      expect(cookieLine(answer)).toContain(part);
    }
    // Somebody on the line can make a browser send the plain name: it is not looked at.
    await overHttps(refresh(cookieOf(answer).replace('__Secure-', ''))).expect(401);
    const renewed = await overHttps(refresh(cookieOf(answer))).expect(200);
    const closed = await overHttps(
      app.anonymous.post(pathOf(closeSession)).set('cookie', cookieOf(renewed)).send({}),
    ).expect(200);
    expect(closed.body).toEqual({ closed: true });
    expect(cookieLine(closed)).toMatch(/^__Secure-daybook_refresh=;.*Secure/);
  });

  it('answers the same for an unknown address and a wrong password', async () => {
    const unknown = await signIn('nobody@example.org', 'some long password').expect(401);
    const wrong = await signIn(app.account('Auditor').email, 'some long password').expect(401);
    const plain = ({ traceId: _, ...problem }: Record<string, unknown>) => problem;
    expect(plain(unknown.body)).toEqual(plain(wrong.body));
    expect(unknown.body).toMatchObject({
      code: 'identity.sign-in-failed',
      detail: 'E-mail and password do not match. After 10 attempts, sign-in pauses for 15 minutes.',
    });
    expect(cookieLine(unknown)).toBe('');
  });

  it('pauses after ten attempts, and says for how long', async () => {
    const { email, password } = app.account('Auditor', 'south');
    for (let i = 0; i < maxAttempts; i++) await signIn(email, 'wrong password').expect(401);
    const paused = await signIn(email.toUpperCase(), password).expect(429);
    expect(paused.body).toMatchObject({ code: 'identity.too-many-attempts' });
    expect(Number(paused.headers['retry-after'])).toBeGreaterThan(890);
    await opened('Admin', 'south');
  });

  it('does not name a tenant to a person who is not its member', async () => {
    const { email, password } = app.account('Admin', 'north');
    const foreign = await signIn(email, password, { tenant: app.account('Admin', 'south').tenantId }).expect(403);
    expect(foreign.body.code).toBe('identity.not-a-member');
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
    expect(items.map(({ role }) => role).sort()).toEqual(['Accountant', 'Admin', 'Auditor', 'Staff', 'Vendor']);
    expect(items.every(({ name }) => name !== null && name.length > 0)).toBe(true);
    const { items: others } = await (await app.client('Admin', 'south')).ask(listPeople, {});
    expect(others.some(({ id }) => items.some((item) => item.id === id))).toBe(false);
  });

  it('names them for many callers at once, without one read waiting for another', async () => {
    const client = await app.client('Auditor');
    const answers = await Promise.all(Array.from({ length: 40 }, () => client.ask(listPeople, {})));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  it('stores neither name nor address in clear text', async () => {
    const { email } = app.account('Admin');
    const { items } = await (await app.client('Admin')).ask(listPeople, {});
    const { rows } = await app.projector.pool.query<{ data: unknown }>(
      `select data::text from store.events where type = 'identity.person-registered.v1'`,
    );
    const stored = JSON.stringify(rows);
    expect(rows.length).toBeGreaterThanOrEqual(6);
    expect(stored).toContain('sealed');
    expect(stored).not.toContain(email);
    for (const { name } of items) expect(stored).not.toContain(String(name));
  });

  it('records failed sign-ins as one event a minute, without a name', async () => {
    const typed = 'stranger@example.org';
    for (let i = 0; i < 3; i++) await signIn(typed, 'some long password').expect(401);
    const failures = new FailedSignIns({
      em: app.api.em,
      secret: app.config.secret,
      logger: app.api.logger,
    });
    const asking = requestContextOf(app.api.jobCommands.execute, systemIn(platformTenant));
    await scopedTransaction(app.api.pool, 'identity', (client) =>
      client.query(`update identity.failed_sign_ins set minute = minute - interval '1 minute'`),
    );
    expect((await failures.record(asking)).recorded).toBeGreaterThan(0);
    expect(await failures.record(asking)).toEqual({ recorded: 0, waiting: 0 });
    const events = await eventTypes(platformTenant, `'identity.sign-in-failed.v1'`);
    const ours = events.filter(({ data }) => data['masked'] === 's•••@•••');
    expect(ours.reduce((sum, { data }) => sum + Number(data['count']), 0)).toBe(3);
    expect(ours.length).toBeLessThanOrEqual(2);
    expect(JSON.stringify(events)).not.toContain('stranger');
  });

  it('logs one line for each outcome, without a name, an address or a secret', async () => {
    const { email, password } = app.account('Vendor');
    const before = app.log.length;
    await signIn(email, 'wrong password').expect(401);
    await signIn(email, password).expect(200);
    const lines = app.log.slice(before).filter((line) => line.includes('"authentication"'));
    expect(lines.map((line) => (JSON.parse(line) as { outcome: string }).outcome)).toEqual(['failed', 'signed-in']);
    for (const secret of [email, password, '127.0.0.1']) expect(lines.join('')).not.toContain(secret);
  });
});
