import { randomUUID } from 'node:crypto';
import { postEntry } from '@daybook/accounting';
import {
  closeReview,
  createService,
  decideReviewItem,
  finishSso,
  giveGrant,
  issueApiKey,
  issueOwnApiKey,
  listSsoProviders,
  listReviewItems,
  readSession,
  removeSsoProvider,
  setSsoProvider,
  beginSso,
  startReview,
} from '@daybook/identity';
import { TestOidcProvider } from '@daybook/identity/testing/test-oidc-provider';
import { type CommandOperation, newId } from '@daybook/kernel';
import { TestClient } from '@daybook/testing/app';
import { approveRequest, changeRequest, setRule } from './index.js';
import { approvalsWorld, type World } from './testing/world.js';

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
const pathOf = (operation: { http: string }): string => String(operation.http.split(' ')[1]);

/* One person who tries to be two. */
describe('an Admin who tries to bypass the second person', () => {
  let world: World;
  let secondAdmin: TestClient & { personId: string };
  let adminId: string;
  beforeAll(async () => {
    world = await approvalsWorld();
    secondAdmin = await world.member('Second-Admin', 'Admin');
    adminId = (await world.admin.ask(readSession, {})).person.id;
    await world.admin.execute(setRule, world.rule());
    await world.app.settle();
  }, 90_000);
  afterAll(() => world.app.close());

  /** A rule for one operation, as long as the work lasts; a person stands behind each approval that it asks for. */
  async function ruled<T>(operation: CommandOperation, work: () => Promise<T>): Promise<T> {
    const ruleId = newId();
    await world.admin.execute(setRule, { ruleId, operation: operation.name, approvers: 1 });
    try {
      return await work();
    } finally {
      await world.lift(ruleId, [secondAdmin]);
    }
  }

  describe('by a sign-in provider of their own', () => {
    let outside: TestOidcProvider;
    const providerId = randomUUID();
    beforeAll(async () => {
      outside = await TestOidcProvider.open(`${world.app.config.publicUrl}/sign-in/sso`);
      const { issuer, clientId, clientSecret } = outside;
      await world.admin.execute(setSsoProvider, { providerId, label: 'Mine', issuer, clientId, clientSecret, domains: ['north.example'] }); // prettier-ignore
      await world.app.settle();
    });
    afterAll(() => outside.close());

    /** Signed in as the other one, as the provider says so. */
    async function impostor(email: string): Promise<TestClient> {
      const { anonymous } = world.app;
      outside.outsider = { sub: email, email, verified: true };
      const begun = await anonymous.post(pathOf(beginSso)).send({ providerId }).expect(200);
      const cookie = String(begun.get('Set-Cookie')?.[0]?.split(';')[0]);
      const query = await outside.walk(begun.body.url as string);
      const { body } = await anonymous.post(pathOf(finishSso)).set('cookie', cookie).send({ query });
      return new TestClient(world.app.app, body.session.accessToken as string, world.admin.tenant);
    }

    it('cannot approve as a second person that only their sign-in provider vouches for', async () => {
      const { held, numberOf, read } = world;
      const requestId = await held('By the impostor');
      const asSecond = await impostor('second-admin@north.example');
      expect((await asSecond.ask(readSession, {})).person.id).toBe(secondAdmin.personId);
      const refused = await asSecond.execute(approveRequest, { requestId }, { version: 1, status: 403 });
      expect(refused).toMatchObject({ code: 'identity.confirmation-required' });
      expect((await read(asSecond, requestId)).eligibility).toContain('your own password');
      expect(await numberOf('By the impostor')).toBe(0);
    });

    it('cannot submit or change a request as somebody that only their sign-in provider vouches for', async () => {
      const { sale, numberOf, books, held, app } = world;
      const asBooks = await impostor(app.account('Accountant').email);
      const refused = await asBooks.execute(postEntry, sale('250000.00', 'Not by me'), { status: 403 });
      expect(refused).toMatchObject({ code: 'identity.confirmation-required' });
      const requestId = await held('Mine');
      const changed = { requestId, input: sale('990000.00', 'Mine') };
      expect(await asBooks.execute(changeRequest, changed, { version: 1, status: 403 })).toMatchObject({
        code: 'identity.confirmation-required',
      });
      expect(await numberOf('Not by me')).toBe(0);
      // With a proof of their own it is a session like any other.
      const { body } = await asBooks
        .post('/v1/identity/session/confirm', { password: app.account('Accountant').password })
        .expect(200);
      const confirmed = new TestClient(app.app, body.accessToken as string, books.tenant);
      await confirmed.execute(postEntry, sale('250000.00', 'By me'), { status: 202 });
    });

    it('sets up an SSO provider only after approval, and keeps its secret out of the log', async () => {
      const { admin, app, read } = world;
      const other = randomUUID();
      const { issuer, clientId } = outside;
      const secret = 'a secret of a provider that waits';
      const asked = { providerId: other, label: 'Waits', issuer, clientId, domains: [] };
      await ruled(setSsoProvider, async () => {
        const { approvalRequest } = await admin.execute(
          setSsoProvider,
          { ...asked, clientSecret: secret },
          { status: 202 },
        );
        const requestId = String(approvalRequest);
        await app.settle();
        expect((await admin.ask(listSsoProviders, {})).items.map(({ label }) => label)).not.toContain('OpenRequest');
        await app.anonymous.post(pathOf(beginSso)).send({ providerId: other }).expect(404);
        await admin.execute(approveRequest, { requestId }, { version: 1, status: 409 });
        const shown = await read(secondAdmin, requestId);
        expect(shown).toMatchObject({ operation: 'identity.sso-provider.apply', yourPart: 'approve' });
        expect(shown.summary).toContain(issuer);
        const { rows } = await app.projector.pool.query<{ all: string }>(
          `select coalesce(string_agg(data::text, ''), '') as all from store.events`,
        );
        expect(rows[0]?.all).not.toContain(secret);
        const elsewhere = { requestId, input: { ...shown.input, issuer: 'https://elsewhere.example' } };
        expect(await admin.execute(changeRequest, elsewhere, { version: 1, status: 409 })).toMatchObject({
          code: 'approvals.not-changeable',
        });
        expect(await secondAdmin.execute(approveRequest, { requestId }, { version: 1 })).toMatchObject({
          status: 'completed',
        });
      });
      await app.settle();
      expect((await admin.ask(listSsoProviders, {})).items.map(({ label }) => label)).toContain('Waits');
      await app.anonymous.post(pathOf(beginSso)).send({ providerId: other }).expect(200);
      await admin.execute(removeSsoProvider, { providerId: other });
      await admin.execute(removeSsoProvider, { providerId });
    });
  });

  describe('by a key of a service account', () => {
    let count = 0;
    const scopes = ['accounting.entry.post', 'accounting.entry.read'];
    const program = (secret: string) => new TestClient(world.app.app, secret, world.admin.tenant);
    async function service(by: TestClient): Promise<string> {
      const { id } = await by.execute(createService, { name: `Feed ${(count += 1)}` });
      await world.admin.execute(giveGrant, { holder: 'service', holderId: id, role: 'Accountant' });
      return id;
    }
    const keyOf = async (serviceId: string, by: TestClient) =>
      by.execute(issueApiKey, { serviceId, name: `Key ${(count += 1)}`, scopes, until: inDays(10) });
    const requestPersonalData = async (key: TestClient, text: string): Promise<string> => {
      const { approvalRequest } = await key.execute(postEntry, world.sale('250000.00', text), { status: 202 });
      await world.app.settle();
      return String(approvalRequest);
    };
    const mayNot = async (who: TestClient, requestId: string) => {
      const problem = await who.execute(approveRequest, { requestId }, { version: 1, status: 409 });
      expect(problem).toMatchObject({ code: 'approvals.approver-ineligible' });
      expect(await world.read(who, requestId)).toMatchObject({
        yourPart: 'none',
        eligibility: expect.stringContaining('You count as the same person'),
      });
    };

    it('cannot approve a request submitted by a key they issued', async () => {
      const { admin, numberOf } = world;
      const key = await keyOf(await service(secondAdmin), admin);
      const requestId = await requestPersonalData(program(key.secret), 'Of a key');
      await mayNot(admin, requestId);
      // Who made the account and no key of it counts as one with it, too.
      await mayNot(secondAdmin, requestId);
      const { second } = world;
      expect(await second.execute(approveRequest, { requestId }, { version: 1 })).toMatchObject({
        status: 'completed',
      });
      expect(await numberOf('Of a key')).toBe(1);
    });

    it('cannot approve a request submitted by another key of the account, even after their key was replaced', async () => {
      const { admin } = world;
      const serviceId = await service(admin);
      const first = await keyOf(serviceId, admin);
      await admin.post(`/v1/identity/api-keys/${first.keyId}/revocation`, { reason: 'Rotated' }).expect(200);
      const next = await keyOf(serviceId, secondAdmin);
      const requestId = await requestPersonalData(program(next.secret), 'Rotated');
      await mayNot(admin, requestId);
      await mayNot(secondAdmin, requestId);
    });

    it('cannot approve anything with a key, not even with their own', async () => {
      const { admin, held } = world;
      const requestId = await held('For a key');
      const own = await admin.execute(issueOwnApiKey, { name: 'Own', scopes: ['approvals.request.approve'], until: inDays(10) }); // prettier-ignore
      const serviceId = await service(admin);
      const { secret } = await admin.execute(issueApiKey, { serviceId, name: 'Approves', scopes: ['approvals.request.approve'], until: inDays(10) }); // prettier-ignore
      for (const key of [own.secret, secret]) {
        const refused = await program(key).execute(approveRequest, { requestId }, { version: 1, status: 403 });
        expect(refused).toMatchObject({ code: 'identity.person-required' });
      }
    });

    it('cannot approve a role for a service account they created', async () => {
      const serviceId = (await world.admin.execute(createService, { name: `Feed ${(count += 1)}` })).id;
      await ruled(giveGrant, async () => {
        const wanted = { holder: 'service', holderId: serviceId, role: 'Accountant' } as const;
        const { approvalRequest } = await secondAdmin.execute(giveGrant, wanted, { status: 202 });
        await mayNot(world.admin, String(approvalRequest));
      });
    });

    it('issues a key that is inactive until somebody else has approved it', async () => {
      const { admin } = world;
      const serviceId = await service(admin);
      await ruled(issueApiKey, async () => {
        const issued = await admin.execute(issueApiKey, { serviceId, name: 'Waits', scopes, until: inDays(10) }, { status: 202 }); // prettier-ignore
        const key = program(issued.secret);
        const requestId = String(issued.approvalRequest);
        expect((await key.post('/v1/accounting/companies', {}).expect(401)).body.detail).toContain('its approval is pending'); // prettier-ignore
        await admin.execute(approveRequest, { requestId }, { version: 1, status: 409 });
        await secondAdmin.execute(approveRequest, { requestId }, { version: 1 });
        await key.post('/v1/accounting/companies', {}).expect(403);
      });
    });

    it('cannot review the access of a service account that they issued a key of', async () => {
      const { admin, app } = world;
      const serviceId = await service(secondAdmin);
      await keyOf(serviceId, admin);
      await app.settle();
      const { id: reviewId } = await admin.execute(startReview, { name: 'Who has what', dueOn: '2099-12-31' });
      await app.settle();
      const { items } = await admin.ask(listReviewItems, { reviewId, holderId: serviceId });
      expect(items).toMatchObject([{ own: true }]);
      const keep = { reviewId, itemId: items[0]!.itemId, decision: 'keep', reason: 'Needed' } as const;
      for (const one of [admin, secondAdmin]) {
        expect(await one.execute(decideReviewItem, keep, { status: 403 })).toMatchObject({
          code: 'identity.self-review',
        });
      }
      await admin.execute(startReview, { name: 'Mine', dueOn: '2099-12-31', reviewerIds: [adminId] }, { status: 409 });
      await admin.execute(closeReview, { reviewId }, { status: 409 });
    });
  });
});
