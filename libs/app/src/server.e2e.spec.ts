import { setTimeout as sleep } from 'node:timers/promises';
import {
  addAccount,
  changeAccount,
  createCompany,
  listAccounts,
  listCompanies,
  postEntry,
  readTrialBalance,
} from '@daybook/accounting';
import { addJournal } from '@daybook/accounting';
import {
  allowDelegatedAccess,
  closeSession,
  createService,
  deactivateMember,
  endDelegatedAccess,
  enterDelegatedAccess,
  giveGrant,
  issueApiKey,
  listGrants,
  readSession,
  revokeGrant,
  revokeApiKey,
} from '@daybook/identity';
import { isRejection } from '@daybook/kernel';
import { AppModule } from './index.js';
import { internalsOf } from '@daybook/testing/app-internals';
import { createApi } from '@daybook/server/api';
import type { Caller } from '@daybook/server/context';
import { retryProjection } from '@daybook/server/platform/platform.operations';
import { startApp, type TestApp, TestClient, testTenants } from '@daybook/testing/app';

describe('the server on real infrastructure', () => {
  let app: TestApp;
  let books: TestClient;
  let companyId: string;
  beforeAll(async () => {
    app = await startApp();
    books = await app.client('Accountant');
    companyId = (await books.execute(createCompany, { name: 'Fjord AS', currency: 'NOK' }, { key: 'company' })).id;
    await books.execute(addJournal, { companyId, code: 'GL', name: 'General' });
    for (const [number, name] of [
      ['1920', 'Bank'],
      ['3000', 'Sales'],
    ] as const) {
      await books.execute(addAccount, { companyId, number, name, class: number === '1920' ? 'asset' : 'income' });
    }
    await app.settle();
  });
  afterAll(() => app.close());

  const entry = (amount: string, description: string) => ({
    companyId,
    journal: 'GL',
    date: '2026-03-31',
    description,
    lines: [
      { account: '1920', side: 'debit' as const, amount },
      { account: '3000', side: 'credit' as const, amount },
    ],
  });

  it('refuses known-at where there is no history, and never answers for another moment than was asked for', async () => {
    for (const path of ['/v1/identity/session', '/v1/identity/own/sessions', '/v1/platform/jobs']) {
      const { body } = await books.get(`${path}?known-at=1`).expect(400);
      expect(body.code).toBe('platform.known-at-refused');
      await books.get(path).expect(200);
    }
    await books.get('/v1/accounting/companies?known-at=1').expect(200);
  });

  it('answers a retry the same after a restart', async () => {
    const first = await books.execute(postEntry, entry('10.00', 'once'), { key: 'post-1' });
    const another = await createApi(AppModule, { config: app.config, logger: app.api.logger });
    try {
      const later = new TestClient(another, books.token, books.tenant);
      expect(await later.execute(postEntry, entry('10.00', 'once'), { key: 'post-1' })).toEqual(first);
      expect(await later.execute(postEntry, entry('11.00', 'once'), { key: 'post-1', status: 422 })).toMatchObject({
        code: 'platform.idempotency-key-reused',
      });
      expect(
        await later.execute(createCompany, { name: 'Fjord AS', currency: 'NOK' }, { key: 'company' }),
      ).toMatchObject({ id: companyId });
    } finally {
      await another.close();
    }
  });

  it('numbers 50 entries from two processes without gaps or duplicates', async () => {
    const other = internalsOf(await createApi(AppModule, { config: app.config, logger: app.api.logger }));
    const caller: Caller = {
      tenant: testTenants.north,
      actor: { kind: 'person', id: 'racer' },
      channel: 'rest',
      address: null,
      correlationId: 'race',
      reason: null,
    };
    try {
      const results = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          (i % 2 ? other : app.api).jobCommands.execute(postEntry, entry('1.00', `race ${i}`), caller, `race ${i}`),
        ),
      );
      expect(results.filter(isRejection)).toEqual([]);
      const again = await other.jobCommands.execute(postEntry, entry('1.00', 'race 0'), caller, 'race 0');
      expect(again).toEqual(results[0]);
    } finally {
      await other.close();
    }
    await app.settle();
    const posted = [];
    for await (const event of app.projector.jobCommands.events.stream(
      `accounting.ledger-${testTenants.north}-${companyId}`,
    )) {
      if (event.type === 'accounting.entry-posted') posted.push((event.data as { sequence: number }).sequence);
    }
    expect(posted).toEqual(Array.from({ length: 51 }, (_, i) => i + 1));
  });

  it('reads a report as known before a change, byte for byte', async () => {
    const report = { companyId, from: '2026-01-01', to: '2026-12-31' };
    const before = await books.ask(readTrialBalance, report);
    await books.execute(changeAccount, { companyId, number: '1920', name: 'Bank, renamed', class: 'asset' });
    const { position } = await books.execute(postEntry, entry('99.00', 'later'));
    const after = await books.ask(readTrialBalance, report, { minPosition: position });
    expect(JSON.stringify(after)).not.toEqual(JSON.stringify(before));
    const known = await books.ask(readTrialBalance, report, { knownAt: before.stamp.trail });
    expect(JSON.stringify(known)).toEqual(JSON.stringify(before));
    await books.get('/v1/accounting/companies?known-at=soon').expect(400);
  });

  it('pages with cursors that do not work for another tenant, filter or moment', async () => {
    const page = await books.ask(listAccounts, { companyId, limit: 1 });
    expect(page.items.map((a) => a.number)).toEqual(['1920']);
    const second = await books.ask(listAccounts, { companyId, limit: 1, cursor: page.next! });
    expect(second.items.map((a) => a.number)).toEqual(['3000']);
    for (const more of [{ text: 'b' }, { class: ['asset' as const] }]) {
      expect(
        await books.ask(listAccounts, { companyId, limit: 1, cursor: page.next!, ...more }, { status: 400 }),
      ).toMatchObject({ code: 'platform.cursor-invalid' });
    }
  });

  it('shows nobody the books of another tenant', async () => {
    const south = await app.client('Accountant', 'south');
    expect((await south.ask(listCompanies, {})).items).toEqual([]);
    expect(await south.ask(listAccounts, { companyId }, { status: 404 })).toMatchObject({ status: 404 });
    expect(await south.execute(postEntry, entry('1.00', 'foreign'), { status: 404 })).toMatchObject({ status: 404 });
  });

  it('lets the Auditor read and change nothing', async () => {
    const auditor = await app.client('Auditor');
    expect((await auditor.ask(listAccounts, { companyId })).items).toHaveLength(2);
    expect(await auditor.execute(postEntry, entry('1.00', 'no'), { status: 403 })).toMatchObject({
      code: 'platform.forbidden',
      details: { permission: 'accounting.entry.post' },
    });
  });

  /** What a live connection tells, read as it comes. */
  const openLive = async ({ token }: { token: string }) => {
    const response = await fetch(`${await app.app.getUrl()}/v1/live`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const stream = { text: '', ended: false };
    const reading = async (): Promise<void> => {
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) stream.text += chunk;
    };
    void reading()
      .catch(() => undefined)
      .finally(() => (stream.ended = true));
    return stream;
  };
  const until = async (so: () => boolean): Promise<void> => {
    for (const started = Date.now(); !so() && Date.now() - started < 5_000;) await sleep(5);
  };

  it('notifies open pages of a change within moments, and only people who may read it', async () => {
    await app.app.listen(0, '127.0.0.1');
    const [north, south] = [await openLive(books), await openLive(await app.client('Admin', 'south'))];
    const started = Date.now();
    const { position } = await books.execute(postEntry, entry('5.00', 'live'));
    await until(() => north.text.includes(`id: ${position}\nevent: hint`));
    expect(north.text).toContain('"channel":"entries"');
    expect(north.text).toContain('event: position');
    // It hears of its own sign-in, and of nothing that happened elsewhere.
    expect(south.text).not.toContain('"channel":"entries"');
    expect(Date.now() - started).toBeLessThan(1_500);
  });

  it('sends nothing more to open connections once their key, delegated access, session, membership or grant is revoked', async () => {
    const [admin, helper] = [await app.client('Admin'), await app.client('Auditor', 'south')];
    const [staff, auditor] = [await app.client('Staff'), await app.client('Auditor')];
    const reason = 'The spec says so';
    const { id: serviceId } = await admin.execute(createService, { name: 'Listener' });
    await admin.execute(giveGrant, { holder: 'service', holderId: serviceId, role: 'Accountant' });
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    const key = await admin.execute(issueApiKey, {
      serviceId,
      name: 'Live',
      scopes: ['accounting.*.read'],
      until: tomorrow,
    });
    const consent = { email: app.account('Auditor', 'south').email, hours: 1, reason };
    const { id: delegatedAccessId } = await books.execute(allowDelegatedAccess, consent);
    const { email, password } = app.account('Accountant');
    const second = await app.anonymous.post('/v1/identity/session').send({ email, password }).expect(200);
    await app.settle();

    const staying = await openLive(books);
    const [byKey, byDelegate, ofSession, ofStaff, ofAuditor] = await Promise.all([
      openLive({ token: key.secret }),
      openLive({ token: (await helper.execute(enterDelegatedAccess, { delegatedAccessId })).accessToken }),
      openLive({ token: second.body.accessToken as string }),
      openLive(staff),
      openLive(auditor),
    ]);
    const others = [byKey, byDelegate, ofSession, ofStaff, ofAuditor];
    const heard = (position: string) => (stream: { text: string }) =>
      stream.text.includes(`id: ${position}\nevent: hint`);
    const before = await books.execute(postEntry, entry('6.00', 'before'));
    await until(() => [staying, ...others].every(heard(before.position)));
    expect(others.map(heard(before.position))).toEqual(others.map(() => true));

    await admin.execute(revokeApiKey, { keyId: key.keyId, reason });
    await books.execute(endDelegatedAccess, { delegatedAccessId });
    await app.anonymous
      .post(closeSession.http.split(' ')[1]!)
      .set('cookie', second.get('Set-Cookie')!.join('; '))
      .send({})
      .expect(200);
    const personOf = async (client: TestClient) => (await client.ask(readSession, {})).person.id;
    await admin.execute(deactivateMember, { personId: await personOf(staff), reason });
    const [grant] = (await admin.ask(listGrants, { holderId: await personOf(auditor) })).items;
    await admin.execute(revokeGrant, { grantId: grant!.grantId, reason });

    const after = await books.execute(postEntry, entry('7.00', 'after'));
    await until(() => heard(after.position)(staying) && others.slice(0, 4).every(({ ended }) => ended));
    await sleep(300);
    expect(heard(after.position)(staying)).toBe(true);
    expect(others.map(heard(after.position))).toEqual(others.map(() => false));
    // People without any grant keep access to their own account.
    expect(others.map(({ ended }) => ended)).toEqual([true, true, true, true, false]);
  });

  it('lists projections and jobs, and accepts a retry', async () => {
    const admin = await app.client('Admin');
    const { body } = await admin.get('/v1/platform/projections').expect(200);
    expect(body.items.map((p: { name: string }) => p.name)).toEqual(expect.arrayContaining(['entries', 'trail']));
    expect(body.items.every((p: { state: string; parked: null }) => p.state === 'live' && p.parked === null)).toBe(
      true,
    );
    expect(await admin.execute(retryProjection, { name: 'trail' })).toEqual({ name: 'trail' });
    await admin.execute(retryProjection, { name: 'nothing' }, { status: 404 });
    await books.execute(retryProjection, { name: 'trail' }, { status: 403 });
    expect((await admin.get('/v1/platform/jobs').expect(200)).body).toEqual({ items: [] });
  });

  it('is ready, describes itself, and stops within five seconds despite open streams', async () => {
    expect((await app.anonymous.get('/health/ready').expect(200)).body.status).toBe('ok');
    expect((await app.anonymous.get('/openapi.json').expect(200)).body.openapi).toMatch(/^3\.1\./);
    const { body } = await books.graphql('{ accountingCompanyList { items { name } } }').expect(200);
    expect(body.data.accountingCompanyList.items).toEqual([{ name: 'Fjord AS' }]);
    const keys = await app.anonymous.get('/.well-known/jwks.json').expect(200);
    expect(keys.body.keys[0]).toMatchObject({ kty: 'EC', crv: 'P-256' });
    expect(keys.body.keys[0].d).toBeUndefined();
    const started = Date.now();
    await app.app.close();
    expect(Date.now() - started).toBeLessThan(5_000);
  });
});
