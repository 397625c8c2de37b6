import { createHash, randomUUID } from 'node:crypto';
import { listEvents } from '@daybook/audit';
import { listCompanies } from '@daybook/accounting';
import type { OutputOf } from '@daybook/kernel';
import { canonicalJson } from '@daybook/server/crypto';
import { startApp, TestClient, type TestApp } from '@daybook/testing/app';
import { Client } from 'pg';
import { giveGrant, listGrants } from '../grant/grant.operations.js';
import { issueApiKey } from '../api-key/api-key.operations.js';
import { createService } from '../service/service.operations.js';
import { readSession } from '../session/session.operations.js';
import {
  closeReview,
  decideReviewItem,
  listReviewItems,
  listReviews,
  readReview,
  readReviewEvidence,
  startReview,
} from './review.operations.js';

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
type Item = OutputOf<typeof listReviewItems>['items'][number];

describe('an access review', () => {
  let app: TestApp;
  let admin: TestClient;
  /** Reviews beside the Admin; an Admin with an end, so that the other one is the last for good. */
  let second: TestClient;
  let serviceId: string;
  const persons: Record<string, string> = {};
  beforeAll(async () => {
    app = await startApp();
    admin = await app.client('Admin');
    second = await app.client('Auditor');
    for (const role of ['Admin', 'Auditor', 'Staff', 'Accountant'] as const) {
      persons[role] = (await (await app.client(role)).ask(readSession, {})).person.id;
    }
    await admin.execute(giveGrant, { holderId: persons['Auditor']!, role: 'Admin', until: inDays(20) });
    // By the second one: people do not review a service account that they created or issued a key for.
    serviceId = (await second.execute(createService, { name: 'Webshop' })).id;
    await admin.execute(giveGrant, { holder: 'service', holderId: serviceId, role: 'Accountant' });
    const until = new Date(Date.now() + 86_400_000).toISOString();
    const { secret } = await second.execute(issueApiKey, {
      serviceId,
      name: 'Orders',
      scopes: ['accounting.*.read'],
      until,
    });
    await new TestClient(app.app, secret, admin.tenant).ask(listCompanies, {});
    await app.settle();
  });
  afterAll(() => app.close());

  const started = async (more: object = {}) => {
    const { id } = await admin.execute(startReview, { name: 'Spring', dueOn: inDays(30), ...more });
    await app.settle();
    return id;
  };
  const itemsOf = async (reviewId: string, more: object = {}): Promise<Item[]> =>
    (await admin.ask(listReviewItems, { reviewId, limit: 100, ...more })).items;
  const of = (items: readonly Item[], holderId: string, role: string): Item => {
    const found = items.find((item) => item.holderId === holderId && item.role === role);
    if (!found) throw new Error(`No item of ${holderId} as ${role}`);
    return found;
  };
  const decide = (by: TestClient, item: Item, decision: 'keep' | 'revoke', status = 200) =>
    by.execute(decideReviewItem, { ...item_(item), decision, reason: `To ${decision}` }, { status });
  const item_ = ({ reviewId, itemId }: Item) => ({ reviewId, itemId });

  it('lists who has what, where, since when, given by whom, and when it was last used', async () => {
    const reviewId = await started();
    const items = await itemsOf(reviewId);
    expect(items).toHaveLength((await admin.ask(listGrants, {})).items.length);
    expect(of(items, serviceId, 'Accountant')).toMatchObject({
      holder: 'service',
      holderName: 'Webshop',
      givenBy: persons['Admin'],
      givenByName: 'Admin north',
      lastUsedAt: expect.any(String),
      state: 'undecided',
      own: false,
    });
    expect(of(items, persons['Admin']!, 'Admin')).toMatchObject({ own: true, holderName: 'Admin north' });
    expect(of(items, persons['Auditor']!, 'Admin')).toMatchObject({ until: inDays(20), companyId: null });
    const csv = await admin.get(`/v1/identity/reviews/${reviewId}/items`).set('accept', 'text/csv').expect(200);
    expect(csv.text).toContain('Webshop');
    expect((await admin.ask(listReviews, {})).items[0]).toMatchObject({ reviewId, status: 'open', left: items.length });
  });

  it('is numbered by year, without a gap, in the list and where it is read', async () => {
    const year = new Date().getFullYear();
    const numbers = async () => (await admin.ask(listReviews, { limit: 200 })).items.map(({ number }) => number).sort();
    const before = await numbers();
    const ids = await Promise.all([started(), started(), started()]);
    await admin.execute(startReview, { name: 'Late', dueOn: '2026-01-01' }, { status: 409 });
    const after = await numbers();
    expect(after).toEqual(Array.from({ length: before.length + 3 }, (_, n) => `${year}-${n + 1}`).sort());
    const read = await Promise.all(ids.map((reviewId) => admin.ask(readReview, { reviewId })));
    expect(new Set(read.map(({ number }) => number)).size).toBe(3);
    const evidence = await admin.ask(readReviewEvidence, { reviewId: ids[0]! });
    expect(evidence.document['number']).toBe(read[0]!.number);
  });

  it('revokes a grant with effect on the next request, and names the review as the reason', async () => {
    const staff = await app.client('Staff');
    await staff.ask(listCompanies, {});
    const reviewId = await started();
    const items = await itemsOf(reviewId);
    await decide(admin, of(items, persons['Accountant']!, 'Accountant'), 'keep');
    const item = of(items, persons['Staff']!, 'Staff');
    await decide(admin, item, 'revoke');
    await staff.ask(listCompanies, {}, { status: 403 });
    await app.settle();
    expect(of(await itemsOf(reviewId, { state: 'revoked' }), persons['Staff']!, 'Staff')).toMatchObject({
      reason: 'To revoke',
      decidedByName: 'Admin north',
      revocation: 'revoked',
    });
    const { items: events } = await admin.ask(listEvents, { recordId: item.grantId, limit: 1 });
    expect(events[0]).toMatchObject({
      operation: 'identity.grant.revoke',
      causationId: expect.any(String),
      actor: { kind: 'process', id: 'identity.access-review', name: 'Carry out access reviews' },
      onBehalfOf: { id: persons['Admin'], name: 'Admin north' },
    });
    await decide(admin, item, 'keep', 409);
    await admin.execute(giveGrant, { holderId: persons['Staff']!, role: 'Staff' });
    expect(await admin.ask(readReview, { reviewId })).toMatchObject({ kept: 1, revoked: 1, left: items.length - 2 });
  });

  it('refuses decisions on own grants, and by people who are not reviewers', async () => {
    const named = { reviewerIds: [persons['Admin'], persons['Auditor']] };
    const reviewId = await started(named);
    const items = await itemsOf(reviewId);
    await decide(admin, of(items, persons['Admin']!, 'Admin'), 'keep', 403);
    await decide(second, of(items, persons['Auditor']!, 'Auditor'), 'keep', 403);
    await decide(second, of(items, persons['Admin']!, 'Admin'), 'keep');
    await decide(await app.client('Accountant'), of(items, serviceId, 'Accountant'), 'keep', 403);
    await admin.execute(startReview, { name: 'Alone', dueOn: inDays(3), reviewerIds: [persons['Admin']!] }, { status: 409 }); // prettier-ignore
    await admin.execute(
      startReview,
      { name: 'Strangers', dueOn: inDays(3), reviewerIds: [serviceId] },
      { status: 404 },
    );
  });

  it('says why a revocation is refused, and leaves the item to be decided', async () => {
    const reviewId = await started();
    const item = of(await itemsOf(reviewId), persons['Admin']!, 'Admin');
    await decide(second, item, 'revoke');
    expect(of(await itemsOf(reviewId), persons['Admin']!, 'Admin')).toMatchObject({
      state: 'undecided',
      revocation: 'refused',
      revocationNote: expect.stringContaining('last Admin'),
    });
  });

  it('closes when every item is decided and every revocation carried out, and exports evidence', async () => {
    const { id: grantId } = await admin.execute(giveGrant, { holder: 'service', holderId: serviceId, role: 'Auditor' });
    await app.settle();
    const reviewId = await started();
    const items = await itemsOf(reviewId);
    const left = await admin.post(`/v1/identity/reviews/${reviewId}/close`).expect(409);
    expect(left.body).toMatchObject({ code: 'identity.review-incomplete', details: { left: items.length } });

    const half = items.find((item) => item.grantId === grantId)!;
    for (const item of items.filter((one) => one !== half)) await decide(item.own ? second : admin, item, 'keep');
    const stopped = { ...item_(half), decision: 'revoke', reason: 'Not used' } as const;
    await admin.execute(decideReviewItem, stopped);
    expect((await admin.ask(listGrants, { holderId: serviceId })).items.map((g) => g.grantId)).not.toContain(grantId);
    expect(await admin.ask(readReview, { reviewId })).toMatchObject({ status: 'open', left: 0, revoked: 1 });
    await admin.execute(closeReview, { reviewId });
    expect(await admin.ask(readReview, { reviewId })).toMatchObject({ status: 'closed', left: 0, revoked: 1 });
    await admin.execute(closeReview, { reviewId }, { status: 409 });
    await decide(admin, half, 'keep', 409);

    const evidence = await admin.ask(readReviewEvidence, { reviewId });
    const { document, sha256, names } = evidence;
    expect(createHash('sha256').update(canonicalJson(document)).digest('hex')).toBe(sha256);
    expect(document).toMatchObject({
      kind: 'daybook-access-review',
      reviewId,
      listedAt: { trail: expect.stringMatching(/^\d+$/) },
      started: { by: persons['Admin'] },
      closed: { kept: items.length - 1, revoked: 1, by: persons['Admin'] },
    });
    const shown = (document['items'] as { itemId: string; acts: unknown[] }[]).find(
      (one) => one.itemId === half.itemId,
    );
    expect(shown?.acts).toMatchObject([
      { what: 'decided', decision: 'revoke', reason: 'Not used', by: persons['Admin'] },
      { what: 'revoked', outcome: 'revoked', by: 'identity.access-review', onBehalfOf: persons['Admin'] },
    ]);
    expect(names[persons['Admin']!]).toBe('Admin north');
    expect(JSON.stringify(document)).not.toContain('Admin north');
    expect(await second.ask(readReviewEvidence, { reviewId })).toEqual(evidence);
  });

  it('shows undecided items as overdue after the due date', async () => {
    const reviewId = await started({ dueOn: inDays(0) });
    expect(await admin.ask(readReview, { reviewId })).toMatchObject({ status: 'open' });
    // The day passes: only the read model is told so, for events are never changed.
    const database = new Client({ connectionString: app.config.databaseUrl });
    await database.connect();
    const live = `select schema from projections.generation where name = 'reviews' and status = 'live'`;
    const { schema } = (await database.query<{ schema: string }>(live)).rows[0]!;
    await database.query(`update "${schema}".reviews set "dueOn" = '2026-01-01' where "reviewId" = $1`, [reviewId]);
    await database.end();
    expect(await admin.ask(readReview, { reviewId })).toMatchObject({ status: 'overdue' });
    const items = await itemsOf(reviewId, { state: 'overdue' });
    expect(items).toHaveLength((await itemsOf(reviewId)).length);
  });

  it('answers a retried start with the same review', async () => {
    const key = randomUUID();
    const wanted = { name: 'Twice', dueOn: inDays(5) };
    const first = await admin.execute(startReview, wanted, { key });
    await admin.execute(giveGrant, { holder: 'service', holderId: serviceId, role: 'Staff' });
    await app.settle();
    expect(await admin.execute(startReview, wanted, { key })).toEqual(first);
    await admin.execute(startReview, { ...wanted, name: 'Other' }, { key, status: 422 });
  });

  it('is not found by another tenant', async () => {
    const reviewId = await started();
    const [item] = await itemsOf(reviewId);
    const south = await app.client('Admin', 'south');
    for (const path of ['', '/items', '/evidence'])
      await south.get(`/v1/identity/reviews/${reviewId}${path}`).expect(404);
    await decide(south, item!, 'keep', 404);
    await south.execute(closeReview, { reviewId }, { status: 404 });
    expect((await south.ask(listReviews, {})).items).toEqual([]);
  });
});
