import {
  addAccount,
  addJournal,
  changeAccount,
  createCompany,
  listAccounts,
  postEntry,
  readAccountLedger,
  readEntry,
  readTrialBalance,
} from '@daybook/accounting';
import {
  changeRole,
  defineRole,
  giveGrant,
  listApiKeys,
  listGrants,
  listMembers,
  revokeGrant,
} from '@daybook/identity';
import type { QueryOperation } from '@daybook/kernel';
import { onRoundTrip } from '@daybook/postgres/round-trips';
import { startApp, type TestApp, type TestClient } from '@daybook/testing/app';
import request, { type Response } from 'supertest';

/* ETag and If-None-Match of reports and of reads as of a moment, over REST (docs/adr/0084). */
describe('the tag of a report', () => {
  let app: TestApp;
  let books: TestClient;
  let admin: TestClient;
  let companyId: string;
  let first: { id: string; position: string };
  const year = '?from=2026-01-01&to=2026-12-31';
  const at = (operation: Pick<QueryOperation, 'http'>, names: Record<string, string> = {}): string =>
    operation.http.replace('GET ', '').replaceAll(/\{(\w+)\}/g, (_, name: string) => names[name] ?? companyId);
  const balance = () => at(readTrialBalance) + year;
  const ledger = () => at(readAccountLedger, { number: '1920' }) + year;
  const post = (description: string, amount = '100.00') =>
    books.execute(postEntry, {
      companyId,
      journal: 'GL',
      date: '2026-03-31',
      description,
      lines: [
        { account: '6340', side: 'debit', amount },
        { account: '1920', side: 'credit', amount },
      ],
    });
  const again = (client: TestClient, path: string, tag: string | undefined): Promise<Response> =>
    Promise.resolve(client.get(path).set('if-none-match', tag ?? ''));
  const statusOf = async (client: TestClient, path: string, tag: string | undefined) =>
    (await again(client, path, tag)).status;
  const tagOf = async (client: TestClient, path: string) => (await client.get(path).expect(200)).headers['etag'];

  beforeAll(async () => {
    app = await startApp();
    [books, admin] = [await app.client('Accountant'), await app.client('Admin')];
    companyId = (await books.execute(createCompany, { name: 'Fjord AS', currency: 'NOK' })).id;
    for (const [number, name] of [['1920', 'Bank'], ['6340', 'Power']] as const)
      await books.execute(addAccount, { companyId, number, name, class: number === '1920' ? 'asset' : 'expense' }); // prettier-ignore
    await books.execute(addJournal, { companyId, code: 'GL', name: 'General' });
    first = await post('January');
  });
  afterAll(() => app.close());

  it('answers 304 without a body while nothing changed, also to HEAD, and compares weakly', async () => {
    const answer = await books.get(balance()).expect(200);
    const tag = String(answer.headers['etag']);
    expect(tag).toMatch(/^W\/"[\w-]+"$/);
    const known = await again(books, balance(), tag);
    expect([known.status, known.text, known.headers['etag'], known.headers['cache-control']]).toEqual([304, '', tag, 'no-store']); // prettier-ignore
    for (const one of [tag.slice(2), `"other", ${tag}`, `W/"3",${tag.slice(2)}`, '*'])
      expect([one, await statusOf(books, balance(), one)]).toEqual([one, 304]);
    for (const one of ['"1"', 'W/"m"', tag.slice(3, -1), ''])
      expect([one, await statusOf(books, balance(), one)]).toEqual([one, 200]);
    const head = () => request(app.app.getHttpServer()).head(balance()).set('authorization', `Bearer ${books.token}`);
    expect((await head().expect(200)).headers['etag']).toBe(tag);
    await head().set('if-none-match', tag).expect(304);
    expect(await again(books, balance(), tag)).toMatchObject({ status: 304 });
  });

  it('is made before any row is read', async () => {
    const tag = await tagOf(books, balance());
    const sent: string[] = [];
    const stop = onRoundTrip(({ text }) => sent.push(text));
    expect(await statusOf(books, balance(), tag)).toBe(304);
    expect(sent.filter((text) => text.includes('entry_lines'))).toEqual([]);
    expect(await statusOf(books, balance(), undefined)).toBe(200);
    stop();
    expect(sent.filter((text) => text.includes('entry_lines'))).not.toEqual([]);
  });

  it('is another one for another entry, period, form, report, person and tenant', async () => {
    const tag = await tagOf(books, balance());
    expect(await statusOf(books, `${at(readTrialBalance)}?from=2026-01-01&to=2026-11-30`, tag)).toBe(200);
    expect(await statusOf(books, ledger(), tag)).toBe(200);
    // As of a moment, because an export is recorded, which is the next event.
    const then = `${balance()}&known-at=position:${first.position}`;
    const csv = () => books.get(then).set('accept', 'text/csv');
    const asJson = String(await tagOf(books, then));
    const asCsv = String((await csv().set('if-none-match', asJson).expect(200)).headers['etag']);
    await csv().set('if-none-match', asCsv).expect(304);
    expect(await statusOf(await app.client('Auditor'), then, asJson)).toBe(200);
    expect(await statusOf(await app.client('Accountant', 'south'), then, asJson)).toBe(404);
    await app.anonymous.get(balance()).set('if-none-match', String(tag)).expect(401);
    const now = await tagOf(books, balance());
    await post('February');
    expect(await statusOf(books, balance(), now)).toBe(200);
  });

  it('of a moment stays the same whatever happens later', async () => {
    const then = `${balance()}&known-at=position:${first.position}`;
    const tag = await tagOf(books, then);
    await post('March');
    expect(await statusOf(books, then, tag)).toBe(304);
    expect(await statusOf(books, balance(), tag)).toBe(200);
    expect(await statusOf(books, `${balance()}&known-at=position:${Number(first.position) - 1}`, tag)).toBe(200);
    const head = request(app.app.getHttpServer()).head(then).set('authorization', `Bearer ${books.token}`);
    expect((await head.expect(200)).headers['etag']).toBe(tag);
  });

  it('is on every read as of a moment, and no version: the tag of a record of now is that', async () => {
    const entry = at(readEntry, { companyId, entryId: first.id });
    expect(await tagOf(books, entry)).toBe('"1"');
    expect(await statusOf(books, entry, '"1"')).toBe(200);
    const then = `${entry}?known-at=position:${first.position}`;
    const tag = await tagOf(books, then);
    expect(tag).toMatch(/^W\/"m/);
    expect(await statusOf(books, then, tag)).toBe(304);
    expect((await books.get(at(listAccounts)).expect(200)).headers['etag']).toBeUndefined();
    const accounts = `${at(listAccounts)}?known-at=position:${first.position}`;
    const listed = await tagOf(books, accounts);
    await books.execute(changeAccount, { companyId, number: '6340', name: 'Electricity' });
    expect(await statusOf(books, accounts, listed)).toBe(304);
    // When a key was last used is in no event, and shown of any moment.
    const keys = `${at(listApiKeys)}?known-at=position:${first.position}`;
    expect((await admin.get(keys).expect(200)).headers['etag']).toBeUndefined();
    // Names of people are those of now, at any moment that is read.
    const members = `${at(listMembers)}?known-at=position:${first.position}`;
    expect((await admin.get(members).expect(200)).headers['etag'] ?? 'W/"a').toMatch(/^W\/"[at]/);
  });

  it('is another one when the rights of its reader change: a field that is hidden since is not shown', async () => {
    const staff = await app.client('Staff');
    const { body } = await staff.get('/v1/identity/session').expect(200);
    const holderId = String((body as { person: { id: string } }).person.id);
    const { items } = await admin.ask(listGrants, { holderId });
    for (const { grantId } of items) await admin.execute(revokeGrant, { grantId, reason: 'Another role' });
    const desk = { name: 'Desk', description: '', permissions: [readAccountLedger.permission!], fields: [] };
    const { id: roleId } = await admin.execute(defineRole, desk);
    await admin.execute(giveGrant, { holderId, role: roleId });
    const then = `${ledger()}&known-at=position:${first.position}`;
    const answer = await staff.get(then).expect(200);
    expect(answer.text).toContain('January');
    const tag = answer.headers['etag'];
    expect(await statusOf(staff, then, tag)).toBe(304);
    const hidden = [{ field: 'accounting.entry.description', rule: 'hide' as const }];
    await admin.execute(changeRole, { roleId, ...desk, fields: hidden });
    const hiding = await again(staff, then, tag);
    expect([hiding.status, hiding.text.includes('January')]).toEqual([200, false]);
    await admin.execute(changeRole, { roleId, ...desk, permissions: [readTrialBalance.permission!] });
    expect(await statusOf(staff, then, tag)).toBe(403);
    expect(await statusOf(staff, then, hiding.headers['etag'])).toBe(403);
  });
});
