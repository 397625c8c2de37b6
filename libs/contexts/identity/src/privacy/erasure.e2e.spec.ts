import { addAccount, addJournal, createCompany, postEntry } from '@daybook/accounting';
import { listEvents } from '@daybook/audit';
import { exportFile, readExport, startExport } from '@daybook/server/export/export.operations';
import { retryProjection } from '@daybook/server/platform/platform.operations';
import { startApp, type TestApp, TestClient } from '@daybook/testing/app';
import { findAnywhere, containsAny } from '@daybook/testing/find-anywhere';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { acceptInvitation, sendInvitation } from '../invitation/invitation.operations.js';
import { deactivateMember, listMembers } from '../member/member.operations.js';
import { Mailbox } from '../testing/mailbox.js';
import {
  erasePerson,
  exportPerson,
  liftRetention,
  readErasure,
  readOwnData,
  setRetention,
} from './privacy.operations.js';
import { finishErasure } from './privacy.internal.js';

const password = 'seven green umbrellas';
const pathOf = (operation: { http: string }): string => String(operation.http.split(' ')[1]);

describe("a person's data", () => {
  let app: TestApp;
  let admin: TestClient;
  let companyId: string;
  let database: Client;
  const tenant = (): string => app.account('Admin').tenantId;

  beforeAll(async () => {
    app = await startApp();
    database = new Client({ connectionString: app.config.databaseUrl });
    await database.connect();
    admin = await app.client('Admin');
    ({ id: companyId } = await admin.execute(createCompany, { name: 'Fjord AS', currency: 'NOK' }));
    for (const number of ['1920', '3000']) {
      await admin.execute(addAccount, { companyId, number, name: `Account ${number}`, class: 'asset' });
    }
    await admin.execute(addJournal, { companyId, code: 'GL', name: 'General' });
  }, 120_000);
  afterAll(async () => {
    await database.end();
    await app.close();
  });

  /** Invited, accepted, signed in, and busy. */
  const join = async (name: string, email: string, address = '198.51.100.1') => {
    await admin.execute(sendInvitation, { email, role: 'Accountant' });
    const { token } = await new Mailbox(app.config.mail).letter(email);
    const { body } = await app.anonymous
      .post(pathOf(acceptInvitation))
      .set('user-agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0')
      .set('x-forwarded-for', address)
      .send({ token, name, password })
      .expect(200);
    const client = new TestClient(app.app, body.session.accessToken as string, tenant());
    const personId = String(body.session.person.id);
    await client.execute(postEntry, {
      companyId,
      journal: 'GL',
      date: '2026-03-31',
      description: 'Coffee',
      lines: [
        { account: '1920', side: 'debit', amount: '10.00' },
        { account: '3000', side: 'credit', amount: '10.00' },
      ],
    });
    await client.post('/v1/identity/own/totp').expect(200);
    await client.put('/v1/identity/own/name', { name: `${name} the Second` }).expect(200);
    const until = new Date(Date.now() + 86_400_000).toISOString();
    const key = await client
      .post('/v1/identity/own/api-keys', { name: `Script of ${name}`, scopes: ['accounting.*.read'], until })
      .expect(200);
    await app.settle();
    return { personId, client, secret: String(key.body.secret) };
  };
  const leave = (personId: string) => admin.execute(deactivateMember, { personId, reason: 'Left the company' });
  const balance = async (): Promise<string> => {
    await app.settle();
    const query = `?from=2026-01-01&to=2026-12-31`;
    const answer = await admin.get(`/v1/accounting/companies/${companyId}/trial-balance${query}`).expect(200);
    // What it was read at goes on with every event; the figures do not.
    const { stamp: _, ...figures } = answer.body;
    return JSON.stringify(figures);
  };
  /** Rounds enough for any machine. */
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    for (let round = 0; !(await isSo()) && round < 2_000; round++) await sleep(20);
  };
  const parked = async () => {
    const { rows } = await database.query<{ type: string; error: string }>(
      `select event_type as type, error from projections.process_parked where process = 'identity.person-erasure'`,
    );
    return rows[0] ?? null;
  };
  /** Every event of the log is still read: as many as there are, each with its data. */
  const readEverything = async (): Promise<number> => {
    let count = 0;
    for await (const stored of app.projector.store.readAll()) {
      const event = await app.projector.catalogue.fromStore(stored);
      expect(event?.data).toEqual(expect.anything());
      count += 1;
    }
    return count;
  };

  it('is exported to the person and to an administrator, with counts of what they did and no secrets', async () => {
    const { personId, client, secret } = await join('Ottoline Fairweather', 'ottoline@example.org');
    const own = await client.ask(readOwnData, {});
    const section = (name: string) => own.sections.find((one) => one.name === name)?.items;
    expect(section('profile')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ what: 'person-registered', name: 'Ottoline Fairweather' }),
        expect.objectContaining({ what: 'person-renamed', name: 'Ottoline Fairweather the Second' }),
      ]),
    );
    expect(section('grants')).toEqual([expect.objectContaining({ role: 'Accountant', holderId: personId })]);
    expect(section('invitations')).toEqual([expect.objectContaining({ email: 'ottoline@example.org' })]);
    expect(section('sessions')).toEqual([expect.objectContaining({ device: 'Firefox on Linux' })]);
    expect(section('api-keys')).toEqual([expect.objectContaining({ name: 'Script of Ottoline Fairweather' })]);
    expect(section('credentials')).toEqual(expect.arrayContaining([expect.objectContaining({ kind: 'password' })]));
    const post = section('actions')?.find(({ operation }) => operation === 'accounting.entry.post');
    expect(post).toMatchObject({ count: 1, title: 'Post an entry', first: expect.any(String) });
    expect(own.text).toContain('email: ottoline@example.org');
    expect(secret).toMatch(/^dbk_/);
    expect(containsAny(JSON.stringify(own), [secret, secret.slice(-20), 'argon2', password])).toBe(false);

    const copy = await admin.ask(exportPerson, { personId });
    expect(copy.sections.map(({ name }) => name)).toEqual(own.sections.map(({ name }) => name));
    await (await app.client('Accountant')).get(`/v1/identity/people/${personId}/data`).expect(403);
    await (await app.client('Admin', 'south')).get(`/v1/identity/people/${personId}/data`).expect(404);
    await admin.get(`/v1/identity/people/${randomUUID()}/data`).expect(404);
  });

  it('is not erased while they are a member, or while a retention duty is active', async () => {
    const { personId } = await join('Barnaby Thistlewood', 'barnaby@example.org');
    const erase = async (status = 409) =>
      (await admin.execute(erasePerson, { personId, reason: 'They asked for it' }, { status })) as { code?: string };
    expect((await erase()).code).toBe('identity.member-active');
    await leave(personId);

    await admin.execute(setRetention, { personId, reason: 'Payroll, 5 years', until: '2099-12-31' });
    const refused = await admin.post(`/v1/identity/people/${personId}/erasure`, { reason: 'They asked' }).expect(409);
    expect(refused.body).toMatchObject({
      code: 'identity.retention-active',
      detail: 'The data must be kept until 2099-12-31: Payroll, 5 years',
    });
    expect((await admin.ask(readErasure, { personId })).retention).toEqual({
      reason: 'Payroll, 5 years',
      until: '2099-12-31',
      active: true,
    });
    await admin.execute(setRetention, { personId, reason: 'x1x', until: '2020-01-01' }, { status: 409 });
    await admin.execute(liftRetention, { personId, reason: 'Payroll is closed' });

    await erase(200);
    await app.settle();
    expect(await findAnywhere(app, ['Barnaby', 'Thistlewood'])).toEqual([]);
  });

  it('is also erased from an invitation that waited for approval', async () => {
    const second = { email: 'second@north.example', password, name: 'Second Admin' };
    await app.api.identitySetUp.run({
      tenants: [],
      people: [{ ...second, memberships: [{ tenant: tenant(), role: 'Admin' }] }],
    });
    const rule = `/v1/approvals/rules/${randomUUID()}`;
    await admin.put(rule, { operation: sendInvitation.name, approvers: 1 }).expect(200);
    const email = 'peregrine.thrupp@example.org';
    const held = await admin.post(pathOf(sendInvitation), { email, role: 'Staff' }).expect(202);
    await app.settle();
    const { body: signedIn } = await app.anonymous
      .post('/v1/identity/session')
      .send({ email: second.email, password, tenant: tenant() })
      .expect(200);
    const waiting = `/v1/approvals/requests/${held.body.approvalRequest}`;
    const other = new TestClient(app.app, String(signedIn.accessToken), tenant());
    await other.post(`${waiting}/approval`).set('if-match', '"1"').expect(200);
    const lifting = await admin.post(`${rule}/removal`).expect(202);
    await other
      .post(`/v1/approvals/requests/${lifting.body.approvalRequest}/approval`)
      .set('if-match', '"1"')
      .expect(200);
    const { token } = await new Mailbox(app.config.mail).letter(email);
    const { body } = await app.anonymous
      .post(pathOf(acceptInvitation))
      .send({ token, name: 'Peregrine Thrupp', password })
      .expect(200);
    await app.settle();
    const personId = String(body.session.person.id);
    const found = await findAnywhere(app, ['thrupp']);
    expect(found).toEqual(expect.arrayContaining([expect.stringMatching(/^rm_approvals_.*\.requests$/)]));
    await leave(personId);
    await admin.execute(erasePerson, { personId, reason: 'They asked for it' });
    await app.settle();
    expect(await findAnywhere(app, ['thrupp'])).toEqual([]);
    expect((await admin.get(waiting).expect(200)).body).toMatchObject({ status: 'completed', input: null });
  });

  it('is erased everywhere, and no figure and no event is lost', async () => {
    const { personId, client } = await join('Zephyrina Quatermain', 'zephyrina@example.org', '198.51.100.77');
    const needles = ['zephyrina', 'quatermain', '198.51.100.77'];
    await leave(personId);
    const [before, events] = [await balance(), await readEverything()];
    const found = await findAnywhere(app, needles);
    expect(found).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^rm_people_.*\.people$/),
        expect.stringMatching(/^rm_people_.*\.people_history$/),
        expect.stringMatching(/^rm_invitations_.*\.invitations$/),
        expect.stringMatching(/^mail.*\.eml$/),
      ]),
    );

    const done = await admin.execute(erasePerson, { personId, reason: 'Asked for it on 2 November' });
    expect(done.id).toBe(personId);
    await app.settle();
    expect(await findAnywhere(app, needles)).toEqual([]);
    // Their secrets are gone, and with them what they unsealed.
    const receipt = await admin.ask(readErasure, { personId });
    expect(receipt).toMatchObject({
      status: 'finished',
      reason: 'Asked for it on 2 November',
      begunAt: expect.any(String),
    });
    // The invitation, the key of their own, and the name that was seen last: of the account the receipt says nothing.
    expect(receipt.events).toBe(3);
    expect(JSON.stringify(receipt.places)).not.toContain('credentials');
    expect(receipt.places).toEqual(
      expect.arrayContaining([
        { place: 'access.former_members', count: 1 },
        { place: 'invitations.invitations', count: 1 },
        { place: 'identity.sessions', count: 1 },
        { place: 'identity.api_keys', count: 1 },
        { place: 'mail', count: expect.any(Number) },
      ]),
    );
    const signIn = { email: 'zephyrina@example.org', password };
    await app.anonymous.post('/v1/identity/session').send(signIn).expect(401);
    await client.get('/v1/identity/session').expect(401);

    expect(await balance()).toBe(before);
    expect(await readEverything()).toBeGreaterThan(events);
    const { items } = await admin.ask(listEvents, { actor: personId, limit: 200 });
    expect(items.length).toBeGreaterThan(1);
    expect(new Set(items.map(({ actor }) => actor.name))).toEqual(new Set([null]));
    const members = await admin.ask(listMembers, {});
    expect(members.items.find((one) => one.personId === personId)).toMatchObject({ name: null, email: null });

    const back = await admin
      .post(`/v1/identity/members/${personId}/reactivation`, { reason: 'By mistake' })
      .expect(409);
    expect(back.body.code).toBe('identity.person-erased');
    // They do not come back when the settings of the operator still name them.
    const named = { email: 'zephyrina@example.org', password, name: 'Zephyrina Quatermain', memberships: [] };
    await app.api.identitySetUp.run({ tenants: [], people: [named] });
    await app.anonymous.post('/v1/identity/session').send(signIn).expect(401);
    // A person who is invited by the former address is a new person.
    await admin.execute(sendInvitation, { email: 'zephyrina@example.org', role: 'Accountant' });
    const letter = await new Mailbox(app.config.mail).letter('zephyrina@example.org');
    const newcomer = { token: letter.token, name: 'Somebody New', password };
    const { body } = await app.anonymous.post(pathOf(acceptInvitation)).send(newcomer).expect(200);
    expect(body.session.person.id).not.toBe(personId);

    const again = await admin.post(`/v1/identity/people/${personId}/erasure`, { reason: 'Twice' }).expect(409);
    expect(again.body.code).toBe('identity.person-erased');
    await admin.execute(setRetention, { personId, reason: 'Too late', until: '2099-12-31' }, { status: 409 });
    const copy = await admin.ask(exportPerson, { personId });
    expect(containsAny(JSON.stringify(copy), ['zephyrina@', 'quatermain'])).toBe(false);
  });

  it('is given out in no export of before', async () => {
    const { personId } = await join('Cressida Fernsby', 'cressida@example.org');
    const { id: exportId } = await admin.execute(startExport, { list: listMembers.name, format: 'csv' });
    await until(async () => (await admin.ask(readExport, { exportId })).state === 'done');
    expect((await admin.get(exportFile(exportId)).expect(200)).text).toContain('cressida@example.org');
    await leave(personId);
    await admin.execute(erasePerson, { personId, reason: 'They asked for it' });
    await app.settle();
    await admin.get(exportFile(exportId)).expect(404);
    const { places } = await admin.ask(readErasure, { personId });
    expect(places).toContainEqual({ place: 'files.upload', count: 1 });
  });

  it('is erased although the process was interrupted before every database query, even during a rebuild', async () => {
    const { personId } = await join('Persephone Oakenshield', 'persephone@example.org');
    await leave(personId);
    await app.settle();
    const pool = app.projector.pool;
    const connect = pool.connect.bind(pool);
    // Each try is cut off one query later than the one before, as by a database that goes away.
    let [asked, place] = [0, 1];
    Object.assign(pool, {
      // As pg calls it: with a callback from `query`.
      connect: (told?: (error: Error) => void): unknown => {
        if (++asked < place) return Reflect.apply(connect, pool, told ? [told] : []);
        [asked, place] = [0, place + 1];
        const ended = new Error('Connection terminated unexpectedly');
        return told ? told(ended) : Promise.reject(ended);
      },
    });
    await admin.execute(erasePerson, { personId, reason: 'Asked' });
    // And at a key, by a database that refuses: that is no outage, so the process waits to be tried again.
    await database.query('revoke update (wrapped, master) on vault.keys from daybook_projector');
    await until(async () => place > 60 || (await parked()) !== null);
    Object.assign(pool, { connect });
    await app.work.engine.rebuild('people');
    await until(async () => (await parked()) !== null);
    expect(await parked()).toMatchObject({
      type: 'identity.erasure-begun.v1',
      error: expect.stringContaining('denied'),
    });
    expect(await admin.ask(readErasure, { personId })).toMatchObject({ status: 'begun', reason: 'Asked' });
    await database.query('grant update (wrapped, master) on vault.keys to daybook_projector');
    await admin.execute(retryProjection, { name: 'identity.person-erasure' });
    await until(async () => (await parked()) === null);
    expect(place).toBeGreaterThan(5);
    expect(await findAnywhere(app, ['persephone', 'oakenshield'])).toEqual([]);
    expect(await admin.ask(readErasure, { personId })).toMatchObject({ status: 'finished', reason: 'Asked' });
  });

  it('is erased once when two ask for it at the same moment', async () => {
    const { personId } = await join('Theodosia Blackwood', 'theodosia@example.org');
    await leave(personId);
    const input = { personId, reason: 'Asked' };
    const both = await Promise.all([admin.execute(erasePerson, input), admin.execute(erasePerson, input)]);
    expect(new Set(both.map(({ id }) => id))).toEqual(new Set([personId]));
    await app.settle();
    const { items } = await admin.ask(listEvents, { recordId: personId, operation: finishErasure.name });
    expect(items).toMatchObject([
      { actor: { kind: 'process', name: 'Erase people' }, onBehalfOf: { name: 'Admin north' } },
    ]);
    expect(await findAnywhere(app, ['theodosia', 'blackwood'])).toEqual([]);
  });
});
