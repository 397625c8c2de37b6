import { setTimeout as sleep } from 'node:timers/promises';
import { addAccount, addJournal, createCompany, listAccounts, listCompanies, listEntries, listImports, postEntry, startImport } from '@daybook/accounting'; // prettier-ignore
import { createService, defineRole, giveGrant, listGrants, listMembers, listReviews, listServices, revokeGrant, startReview } from '@daybook/identity'; // prettier-ignore
import { Mailbox } from '@daybook/identity/testing/mailbox';
import { addDays } from '@daybook/kernel';
import { Outbox } from '@daybook/mail';
import { startApp, TestClient, type TestApp, testTenants, testVendor } from '@daybook/testing/app';
import { attachFile, listAttachments, removeAttachment } from './attachment/attachment.operations.js';
import { writeComment } from './comment/comment.operations.js';
import { tags } from './tag/tag.register.js';
import { listRecordTags, listTaggedRecords, tagRecord, untagRecord } from './tagging/tagging.operations.js';
import { threadStream } from './thread/thread.binding.js';
import { finishTask, listOwnTasks, listTasks, reopenTask, setTask } from './task/task.operations.js';

/* Tags, files and tasks on records of another context, for those who may read the record and for nobody else. */
const tenant = testTenants.north;
const dayMs = 24 * 3600 * 1000;

describe('what people add to a record', () => {
  let app: TestApp;
  let admin: TestClient;
  let books: TestClient;
  let companyA: string;
  let companyB: string;
  let count = 0;

  /** A member with the role in one company. */
  async function member(role: string, companyId: string) {
    const [email, password] = [`p${(count += 1)}@north.example`, 'a long password of a colleague'];
    const { people } = await app.api.identitySetUp.run({
      tenants: [],
      people: [{ email, password, name: `P${count}`, memberships: [{ tenant, role: 'Vendor', ...testVendor }] }],
    });
    const personId = people[0]!.id;
    await admin.execute(giveGrant, { holder: 'person', holderId: personId, role, companyId });
    await app.settle();
    const { body } = await app.anonymous.post('/v1/identity/session').send({ email, password, tenant }).expect(200);
    return Object.assign(new TestClient(app.app, body.accessToken, tenant), { personId, email });
  }
  const loses = async ({ personId }: { personId: string }, role: string) => {
    const { items } = await admin.ask(listGrants, { holderId: personId });
    const grant = items.find((one) => one.role === role);
    await admin.execute(revokeGrant, { grantId: grant!.grantId, reason: 'Left the team' });
  };
  const account = (companyId: string, number = '1920') =>
    ({ recordType: 'accounting.account', recordId: `${companyId}/${number}`, companyId }) as const;
  const seen = async (client: TestClient, sha256: string, query = ''): Promise<number> =>
    (await client.get(`/v1/files/${sha256}${query}`)).status;

  beforeAll(async () => {
    app = await startApp();
    admin = await app.client('Admin');
    books = await app.client('Accountant');
    const company = async (name: string) => {
      const { id } = await books.execute(createCompany, { name, currency: 'NOK' });
      for (const number of ['1920', '3000'])
        await books.execute(addAccount, { companyId: id, number, name: `Account ${number}`, class: 'asset' });
      return id;
    };
    [companyA, companyB] = [await company('A AS'), await company('B AS')];
    await app.settle();
  });
  afterAll(() => app.close());

  it('are tags of the register, put on once and found by, and retired ones that stay', async () => {
    const { id: tagId } = await books.execute(tags.commands.create, { name: 'Check', colour: 'red' });
    const of = account(companyA);
    const first = await books.execute(tagRecord, { ...of, tagId });
    expect(await books.execute(tagRecord, { ...of, tagId })).toMatchObject({ version: first.version });
    await books.execute(tagRecord, { ...account(companyA, '3000'), tagId });
    await books.execute(tagRecord, { ...account(companyB), tagId });
    await books.execute(tags.commands.retire, { id: tagId });
    const refused = await books.execute(tagRecord, { ...account(companyB, '3000'), tagId }, { status: 409 });
    expect(refused).toMatchObject({ code: 'collaboration.tag-invalid', errors: [{ pointer: '/tagId' }] });
    const unknown = await books.execute(tagRecord, { ...of, tagId: companyA }, { status: 409 });
    expect(unknown).toMatchObject({ code: 'collaboration.tag-invalid' });
    expect(await books.ask(listRecordTags, of)).toEqual({
      items: [{ tagId, name: 'Check', colour: 'red', status: 'retired' }],
    });

    const found = await books.ask(listTaggedRecords, { tagId, limit: 2 });
    expect(found.items.map(({ recordId }) => recordId)).toEqual([`${companyB}/1920`, `${companyA}/3000`]);
    const rest = await books.ask(listTaggedRecords, { tagId, limit: 2, cursor: found.next! });
    expect(rest.items).toMatchObject([
      { ...of, one: 'account', called: '1920 Account 1920', address: `c/${companyA}/accounts/1920` },
    ]);
    expect((await books.ask(listTaggedRecords, { tagId, recordType: 'accounting.entry' })).items).toEqual([]);
    const onlyB = await member('Staff', companyB);
    expect((await onlyB.ask(listTaggedRecords, { tagId })).items).toMatchObject([account(companyB)]);

    await books.execute(untagRecord, { ...of, tagId });
    await books.execute(untagRecord, { ...of, tagId });
    expect(await books.ask(listRecordTags, of)).toEqual({ items: [] });
  });

  it('are tags that every list is filtered by, in every form and as known at a moment', async () => {
    const { id: tagId } = await books.execute(tags.commands.create, { name: 'Close' });
    const { position } = await books.execute(tagRecord, { ...account(companyA), tagId });
    const numbers = async (input: object, knownAt?: string) => {
      const asked = { companyId: companyA, ...input };
      const { items } = await books.ask(listAccounts, asked, knownAt === undefined ? {} : { knownAt });
      return items.map(({ number }) => number);
    };
    const [now, before] = [`position:${position}`, `position:${BigInt(position) - 1n}`];
    expect([await numbers({ tags: [tagId] }), await numbers({ tagsNot: [tagId] })]).toEqual([['1920'], ['3000']]);
    expect([await numbers({ tags: [tagId] }, now), await numbers({ tags: [tagId] }, before)]).toEqual([['1920'], []]);
    // The same number in another company is another account.
    expect((await books.ask(listAccounts, { companyId: companyB, tags: [tagId] })).items).toEqual([]);
    expect(await books.ask(listAccounts, { companyId: companyA, tags: [tagId], count: true })).toMatchObject({
      count: 1,
    });
    const path = `/v1/accounting/companies/${companyA}/accounts?tags=${tagId}`;
    const csv = await books.get(path).set('accept', 'text/csv').expect(200);
    expect(csv.text.trim().split(/\r?\n/)).toHaveLength(2);
    const { body } = await books.graphql(
      `{ accountingAccountList(input: { companyId: "${companyA}", tags: ["${tagId}"] }) { items { number } } }`,
    );
    expect(body.data.accountingAccountList.items).toEqual([{ number: '1920' }]);

    for (const id of [companyA, companyB])
      await books.execute(tagRecord, { recordType: 'accounting.company', recordId: id, companyId: null, tagId });
    const onlyB = await member('Staff', companyB);
    expect((await onlyB.ask(listCompanies, { tags: [tagId] })).items).toMatchObject([{ id: companyB }]);
    await books.execute(untagRecord, { ...account(companyA), tagId });
    expect([await numbers({ tags: [tagId] }), await numbers({ tags: [tagId] }, now)]).toEqual([[], ['1920']]);
  });

  it('are tags that lists of entries, access reviews, imports and service accounts are filtered by too', async () => {
    const { id: tagId } = await books.execute(tags.commands.create, { name: 'Audit 2026' });
    await books.execute(addJournal, { companyId: companyB, code: 'GL', name: 'General' });
    const lines = [
      { account: '1920', side: 'debit' as const, amount: '100' },
      { account: '3000', side: 'credit' as const, amount: '100' },
    ];
    const entry = { companyId: companyB, journal: 'GL', date: '2026-03-31', description: 'Rent', lines };
    const { sha256 } = await books.upload('more.xml', 'no SAF-T either');
    const service = { name: 'Feed', description: 'The bank' };
    const review = { name: 'Autumn', dueOn: '2099-12-31' };
    const made = {
      'accounting.entry': [await books.execute(postEntry, entry), await books.execute(postEntry, entry)],
      'identity.review': [await admin.execute(startReview, review)],
      'accounting.import': [await books.execute(startImport, { sha256, name: 'more.xml', companyId: companyB })],
      'identity.service': [await admin.execute(createService, service)],
    };
    await app.settle();
    for (const [recordType, [first]] of Object.entries(made)) {
      const companyId = recordType === 'accounting.entry' ? companyB : null;
      await books.execute(tagRecord, { recordType, recordId: first!.id, companyId, tagId });
    }
    const ids = async (where: { tags?: string[]; tagsNot?: string[] }) => [
      (await books.ask(listEntries, { companyId: companyB, ...where })).items.map(({ id }) => id),
      (await admin.ask(listReviews, where)).items.map(({ reviewId }) => reviewId),
      (await books.ask(listImports, { companyId: companyB, ...where })).items.map(({ id }) => id),
      (await admin.ask(listServices, where)).items.map(({ serviceId }) => serviceId),
    ];
    const [entries, ...others] = Object.values(made).map((all) => all.map(({ id }) => id));
    expect(await ids({ tags: [tagId] })).toEqual([[entries![0]], ...others]);
    expect(await ids({ tagsNot: [tagId] })).toEqual([[entries![1]], [], [], []]);
  });

  it('is not there for those who may not read the record, and for another tenant', async () => {
    const { id: tagId } = await books.execute(tags.commands.create, { name: 'Secret' });
    const of = account(companyA);
    await books.execute(tagRecord, { ...of, tagId });
    const [onlyB, south] = [await member('Accountant', companyB), await app.client('Accountant', 'south')];
    const unknown = { ...of, recordId: `${companyA}/9999` };
    for (const [client, at] of [
      [onlyB, of],
      [south, of],
      [books, unknown],
    ] as const) {
      for (const list of [listRecordTags, listAttachments, listTasks]) {
        expect(await client.ask(list, at, { status: 404 })).toMatchObject({ code: 'collaboration.record-not-found' });
      }
      const task = { ...at, title: 'Look', dueOn: '2099-01-01' };
      expect(await client.execute(setTask, task, { status: 404 })).toMatchObject({
        code: 'collaboration.record-not-found',
      });
      expect(await client.execute(tagRecord, { ...at, tagId }, { status: 404 })).toMatchObject({
        code: 'collaboration.record-not-found',
      });
    }
    // A record of one company is not named as one of another, in which one may read.
    await onlyB.ask(listRecordTags, { ...of, companyId: companyB }, { status: 404 });
  });

  it('is there for anyone who reads a record with a page of its own, and for nobody else: a role, an access review, an import', async () => {
    const { id: tagId } = await books.execute(tags.commands.create, { name: 'Look at it' });
    const { sha256 } = await books.upload('books.xml', 'no SAF-T');
    const role = { name: 'Stocktaker', permissions: ['accounting.entry.read'] };
    const review = { name: 'Spring', dueOn: '2099-12-31' };
    const imported = { sha256, name: 'books.xml', companyId: companyA };
    const named = {
      'identity.role': [await admin.execute(defineRole, role), 'role', 'Stocktaker', 'roles'],
      'identity.review': [await admin.execute(startReview, review), 'review', 'Spring', 'reviews'],
      'accounting.import': [await books.execute(startImport, imported), 'import', 'books.xml', 'imports'],
    } as const;
    await app.settle();
    const [auditor, onlyB] = [await app.client('Auditor'), await member('Accountant', companyB)];
    const strangers = [onlyB, await app.client('Vendor'), await app.client('Accountant', 'south')];
    for (const [recordType, [{ id }, one, called, path]] of Object.entries(named)) {
      const of = { recordType, recordId: id };
      await books.execute(tagRecord, { ...of, tagId });
      expect((await auditor.ask(listRecordTags, of)).items).toMatchObject([{ tagId }]);
      expect((await auditor.ask(listTaggedRecords, { tagId, recordType })).items).toMatchObject([
        { ...of, companyId: null, one, called, address: `${path}/${id}` },
      ]);
      for (const stranger of strangers) await stranger.ask(listRecordTags, of, { status: 404 });
      await onlyB.execute(tagRecord, { ...of, tagId }, { status: 404 });
      await auditor.ask(listRecordTags, { ...of, recordId: companyA }, { status: 404 });
    }
  });

  it('are files, which readers of the record read and nobody else, until they are removed', async () => {
    const of = account(companyA);
    const [inA, readerA, inB] = [
      await member('Accountant', companyA),
      await member('Staff', companyA),
      await member('Accountant', companyB),
    ];
    const south = await app.client('Accountant', 'south');
    const { sha256 } = await inA.upload('contract.pdf', 'the contract');
    const readers = [inA, readerA, inB, south];
    const all = () => Promise.all(readers.map((client) => seen(client, sha256)));
    expect(await all()).toEqual([200, 404, 404, 404]);
    // What one may not read is attached by nobody else either.
    expect(await books.execute(attachFile, { ...of, sha256 }, { status: 404 })).toMatchObject({
      code: 'collaboration.file-not-found',
    });
    await inA.execute(attachFile, { ...account(companyB), sha256 }, { status: 404 });

    const { id: attachmentId } = await inA.execute(attachFile, { ...of, sha256 });
    expect(await all()).toEqual([200, 200, 404, 404]);
    const [file, ...others] = (await readerA.ask(listAttachments, of)).items;
    expect([file, others]).toMatchObject([
      { attachmentId, name: 'contract.pdf', size: 12, attachedBy: inA.personId },
      [],
    ]);
    expect(await inA.execute(attachFile, { ...of, sha256 })).toMatchObject({ id: attachmentId, version: 1 });

    await loses(readerA, 'Staff');
    expect(await all()).toEqual([200, 403, 404, 404]);
    await readerA.ask(listAttachments, of, { status: 404 });

    const { threadId } = file!;
    await inA.execute(removeAttachment, { threadId, attachmentId }, { version: 2, status: 412 });
    await inB.execute(removeAttachment, { threadId, attachmentId }, { status: 404 });
    const before = (await inA.ask(listAccounts, { companyId: companyA }, {})) && String(await app.api.store.head());
    await inA.execute(removeAttachment, { threadId, attachmentId });
    expect((await inA.ask(listAttachments, of)).items).toEqual([]);
    expect((await inA.ask(listAttachments, of, { knownAt: `position:${before}` })).items).toMatchObject([
      { attachmentId },
    ]);
    // Not by way of a moment at which it was there, either.
    for (const client of [inA, books]) {
      expect(await seen(client, sha256)).toBe(404);
      expect(await seen(client, sha256, `?known-at=position:${before}`)).toBe(404);
    }
  });

  it('is not added in a company by a role in another one, though the record can be read', async () => {
    const both = await member('Accountant', companyA);
    await admin.execute(giveGrant, { holderId: both.personId, role: 'Auditor', companyId: companyB });
    await app.settle();
    const { sha256 } = await both.upload('note.pdf', 'a note of both');
    const { id: tagId } = await books.execute(tags.commands.create, { name: 'Where' });
    const add = async (of: ReturnType<typeof account>, status: number) => [
      await both.execute(attachFile, { ...of, sha256 }, { status }),
      await both.execute(setTask, { ...of, title: 'Look', dueOn: '2099-01-01' }, { status }),
      await both.execute(tagRecord, { ...of, tagId }, { status }),
      await both.execute(writeComment, { ...of, text: 'Here' }, { status }),
    ];
    expect((await both.ask(listTasks, account(companyB))).items).toEqual(expect.any(Array));
    await add(account(companyB), 404);
    await add(account(companyA, '3000'), 200);
  });

  it('are files of a user, which those who read files but no users do not read', async () => {
    const [user] = (await admin.ask(listMembers, {})).items;
    const of = { recordType: 'identity.member', recordId: user!.personId, companyId: null };
    const { sha256 } = await books.upload('letter.pdf', 'the letter');
    await books.execute(attachFile, { ...of, sha256 });
    expect(await seen(await app.client('Auditor'), sha256)).toBe(200);
    expect(await seen(await app.client('Staff'), sha256)).toBe(404);
  });

  it('are tasks, shown to their person and mailed once on their day, unless they are done or may not be read', async () => {
    const of = account(companyA);
    const [ola, gone, done, inB] = [
      await member('Staff', companyA),
      await member('Staff', companyA),
      await member('Staff', companyA),
      await member('Staff', companyB),
    ];
    const statuses = async () =>
      (await books.ask(listTasks, of)).items.map(({ title, status }) => `${title} ${status}`).sort();
    const dueIn = async (threadId: string) => {
      let count = 0;
      for await (const { type } of app.api.store.readStream(threadStream(tenant, threadId)))
        if (type.startsWith('collaboration.task-due')) count += 1;
      return count;
    };
    await app.clock.freeze(async () => {
      const dueOn = addDays(new Date(app.clock.wall()).toISOString().slice(0, 10), 2);
      const set = (title: string, personId: string, status = 200) =>
        books.execute(setTask, { ...of, title, personId, dueOn, zone: 'UTC' }, { status });
      expect(await set('Outsider', inB.personId, 409)).toMatchObject({
        code: 'collaboration.task-invalid',
        errors: [{ pointer: '/personId' }],
      });
      const { id: taskId } = await set('Ask', ola.personId);
      await set('Lost', gone.personId);
      const { id: finished } = await set('Early', done.personId);
      const { threadId } = (await books.ask(listTasks, of)).items[0]!;
      await done.execute(finishTask, { threadId, taskId: finished });
      await loses(gone, 'Staff');
      expect((await ola.ask(listOwnTasks, { due: true })).items).toEqual([]);
      expect((await ola.ask(listOwnTasks, {})).items).toMatchObject([{ taskId, title: 'Ask', status: 'open' }]);

      app.clock.advance(3 * dayMs);
      for (let round = 0; (await dueIn(threadId)) < 2 && round < 2_000; round++) {
        app.clock.advance(1_000);
        await sleep(20);
      }
      await app.settle();
      expect(await statuses()).toEqual(['Ask due', 'Early done', 'Lost due']);
      const address = `c/${companyA}/accounts/1920`;
      expect((await ola.ask(listOwnTasks, { due: true })).items).toMatchObject([
        { taskId, one: 'account', called: '1920 Account 1920', address },
      ]);
      expect((await gone.ask(listOwnTasks, {})).items).toEqual([]);
      expect((await done.ask(listOwnTasks, {})).items).toEqual([]);

      const mailbox = new Mailbox(app.config.mail);
      await app.app.get(Outbox, { strict: false }).work();
      const letters = async () =>
        Promise.all([ola, gone, done].map(async ({ email }) => (await mailbox.to(email)).length));
      expect(await letters()).toEqual([1, 0, 0]);
      const { subject, text } = await mailbox.letter(ola.email);
      expect([subject, text]).toEqual(['A task of yours is due today', expect.stringContaining(address)]);
      expect(text).not.toContain('Ask');

      await ola.execute(finishTask, { threadId, taskId });
      await ola.execute(reopenTask, { threadId, taskId });
      await app.settle();
      await app.app.get(Outbox, { strict: false }).work();
      expect([await letters(), (await statuses())[0]]).toEqual([[1, 0, 0], 'Ask due']);
    });
  });
});
