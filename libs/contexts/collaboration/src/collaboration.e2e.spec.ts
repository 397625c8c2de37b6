import { setTimeout as sleep } from 'node:timers/promises';
import { addAccount, addJournal, createCompany, holdEntry, postEntry } from '@daybook/accounting';
import { listEvents, readEvent } from '@daybook/audit';
import {
  deactivateMember,
  defineRole,
  erasePerson,
  exportPerson,
  giveGrant,
  listGrants,
  listPeople,
  revokeGrant,
  setOwnName,
} from '@daybook/identity';
import { Mailbox } from '@daybook/identity/testing/mailbox';
import { streamName } from '@daybook/kernel';
import { Outbox } from '@daybook/mail';
import { startApp, type TestApp, type TestClient, type TestRole } from '@daybook/testing/app';
import {
  editComment,
  listComments,
  listCommentVersions,
  withdrawComment,
  writeComment,
} from './comment/comment.operations.js';
import { mentionOf } from './comment/mention.schema.js';
import { followRecord, readFollowing, unfollowRecord } from './follow/follow.operations.js';
import { attachFile } from './attachment/attachment.operations.js';
import { gatheredFor } from './notification/notification-mail.process.js';
import { listNotifications, readInbox, readNotification } from './notification/notification.operations.js';
import { tags } from './tag/tag.register.js';
import { tagRecord } from './tagging/tagging.operations.js';
import { setTask } from './task/task.operations.js';
import { threadIdOf } from './thread/thread.schema.js';

describe('what people say about records', () => {
  let app: TestApp;
  const clients = {} as Record<TestRole, TestClient>;
  const ids = {} as Record<TestRole, string>;
  let south: TestClient;
  let companyId: string;
  let entry: { recordType: string; recordId: string; companyId: string };

  beforeAll(async () => {
    app = await startApp();
    for (const role of ['Admin', 'Accountant', 'Staff', 'Auditor', 'Vendor'] as const) {
      clients[role] = await app.client(role);
      const { body } = await clients[role].get('/v1/identity/session').expect(200);
      ids[role] = String(body.person.id);
    }
    south = await app.client('Accountant', 'south');
    const books = clients.Accountant;
    companyId = (await books.execute(createCompany, { name: 'Fjord AS', currency: 'NOK' })).id;
    for (const number of ['1920', '3000'])
      await books.execute(addAccount, { companyId, number, name: `Account ${number}`, class: 'asset' });
    await books.execute(addJournal, { companyId, code: 'GL', name: 'General' });
    entry = await newEntry();
  }, 60_000);
  afterAll(() => app.close());

  async function newEntry() {
    const amount = '10.00';
    const { id } = await clients.Accountant.execute(postEntry, {
      ...{ companyId, journal: 'GL', date: '2026-03-31', description: 'Rent' },
      lines: [{ account: '1920', side: 'debit', amount }, { account: '3000', side: 'credit', amount }],
    }); // prettier-ignore
    await app.settle();
    return { recordType: 'accounting.entry', recordId: id, companyId };
  }
  const mailsTo = async (role: TestRole) => {
    await app.settle();
    await app.app.get(Outbox, { strict: false }).work();
    return new Mailbox(app.config.mail as string).to(app.account(role).email);
  };

  const gatheredFrom = async (role: TestRole) => {
    let count = 0;
    const stream = streamName('collaboration.inbox', clients[role].tenant, ids[role]);
    for await (const { type } of app.api.store.readStream(stream))
      if (type.startsWith('collaboration.inbox-gathered')) count += 1;
    return count;
  };
  /** Holds the clock during the work, and then lets the time pass in which their notifications are gathered. */
  const gathering = (role: TestRole, work: () => Promise<void>) =>
    app.clock.freeze(async () => {
      const before = await gatheredFrom(role);
      await work();
      await app.settle();
      app.clock.advance(gatheredFor.hours * 3_600_000);
      for (let round = 0; (await gatheredFrom(role)) === before && round < 2_000; round++) {
        app.clock.advance(1_000);
        await sleep(20);
      }
    });

  it('is said on entries, accounts and users alike, and read by anyone who may read them', async () => {
    const account = { recordType: 'accounting.account', recordId: `${companyId}/1920`, companyId };
    const user = { recordType: 'identity.member', recordId: ids.Auditor, companyId: null };
    for (const record of [entry, account, user]) {
      const { id } = await clients.Accountant.execute(writeComment, { ...record, text: 'Whose is this?' });
      for (const reader of [clients.Accountant, clients.Auditor]) {
        const { items } = await reader.ask(listComments, known(record));
        expect(items).toMatchObject([
          { commentId: id, author: ids.Accountant, text: 'Whose is this?', status: 'written', version: 1 },
        ]);
      }
    }
    expect((await clients.Staff.ask(listComments, known(entry))).items).toHaveLength(1);
    // Staff sees no members, and so nothing that is said about one.
    await clients.Staff.ask(listComments, known(user), { status: 404 });
    await clients.Staff.execute(writeComment, { ...user, text: 'Hello' }, { status: 404 });
  });

  it('is nothing to another tenant, to a party outside, or under another company', async () => {
    for (const stranger of [south, clients.Vendor]) {
      await stranger.ask(listComments, known(entry), { status: 404 });
      await stranger.ask(readFollowing, known(entry), { status: 404 });
      await stranger.execute(followRecord, entry, { status: 404 });
    }
    await south.execute(writeComment, { ...entry, text: 'Hello' }, { status: 404 });
    const { id: other } = await clients.Accountant.execute(createCompany, { name: 'Other AS', currency: 'NOK' });
    await clients.Accountant.ask(listComments, { ...entry, companyId: other }, { status: 404 });
    await clients.Accountant.ask(
      listComments,
      { recordType: entry.recordType, recordId: entry.recordId },
      { status: 404 },
    );
    await clients.Accountant.ask(listComments, { recordType: 'no.record', recordId: 'x' }, { status: 404 });
  });

  it('has one place, however the ids of the record are spelled', async () => {
    const [id, company] = [entry.recordId.toUpperCase(), companyId.toUpperCase()];
    for (const spelled of [
      { ...entry, recordId: id },
      { ...entry, companyId: company },
      { recordType: 'accounting.account', recordId: `${company}/1920`, companyId: company },
    ]) {
      await clients.Accountant.execute(writeComment, { ...spelled, text: 'Where nobody looks' }, { status: 404 });
      await clients.Accountant.ask(listComments, spelled, { status: 404 });
    }
  });

  it('is not told by the trail to a role that hides it', async () => {
    const fields = ['comment.text', 'task.title', 'attachment.name'].map((one) => ({
      field: `collaboration.${one}`,
      rule: 'hide' as const,
    }));
    const reader = { name: 'Clerk', permissions: ['audit.event.read'], fields };
    const { id: role } = await clients.Admin.execute(defineRole, reader);
    await clients.Admin.execute(giveGrant, { holderId: ids.Vendor, role });
    const record = await newEntry();
    const { sha256 } = await clients.Accountant.upload('Canary.pdf', 'what is attached');
    const made = [
      await clients.Accountant.execute(writeComment, { ...record, text: 'Canary' }),
      await clients.Accountant.execute(setTask, { ...record, title: 'Canary', dueOn: '2099-01-01' }),
      await clients.Accountant.execute(attachFile, { ...record, sha256 }),
    ];
    for (const { id: recordId } of made) {
      const [event] = (await clients.Auditor.ask(listEvents, { recordId })).items;
      const shown = async (client: TestClient) =>
        JSON.stringify(await client.ask(readEvent, { eventId: event!.eventId })).includes('Canary');
      expect([event!.type, await shown(clients.Auditor), await shown(clients.Vendor)]).toEqual([
        event!.type,
        true,
        false,
      ]);
    }
  });

  it('takes a permission to write', async () => {
    await clients.Auditor.execute(writeComment, { ...entry, text: 'Hello' }, { status: 403 });
  });

  it('is changed by its author alone, with every text that it had', async () => {
    const record = await newEntry();
    const threadId = threadIdOf(record);
    const { id: commentId } = await clients.Accountant.execute(writeComment, { ...record, text: 'One' });
    const one = { threadId, commentId };
    await clients.Admin.execute(editComment, { ...one, text: 'Mine' }, { version: 1, status: 403 });
    await clients.Accountant.execute(editComment, { ...one, text: 'Two' }, { version: 1 });
    await clients.Accountant.execute(editComment, { ...one, text: 'Three' }, { version: 1, status: 412 });
    const [edited] = (await clients.Staff.ask(listComments, known(record))).items;
    expect(edited).toMatchObject({ text: 'Two', status: 'edited', version: 2 });
    await clients.Accountant.execute(withdrawComment, one);
    expect((await clients.Staff.ask(listComments, known(record))).items).toMatchObject([
      { text: null, status: 'withdrawn' },
    ]);
    const { items } = await clients.Staff.ask(listCommentVersions, one);
    expect(items).toMatchObject([{ version: 1, text: 'One' }, { version: 2, text: 'Two' }]); // prettier-ignore
    await south.ask(listCommentVersions, one, { status: 404 });
  });

  it('comes page by page, the newest first', async () => {
    const record = await newEntry();
    for (const text of ['1', '2', '3', '4', '5']) await clients.Accountant.execute(writeComment, { ...record, text });
    const said: (string | null)[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await clients.Staff.ask(listComments, { ...known(record), limit: 2, ...(cursor ? { cursor } : {}) });
      said.push(...page.items.map(({ text }) => text));
      cursor = page.next;
    }
    expect(said).toEqual(['5', '4', '3', '2', '1']);
  });

  it('mentions nobody who may not read the record', async () => {
    const user = { recordType: 'identity.member', recordId: ids.Auditor, companyId: null };
    const text = `Ask ${mentionOf(ids.Staff)}`;
    const refused = await clients.Admin.execute(writeComment, { ...user, text }, { status: 409 });
    expect(refused).toMatchObject({ code: 'collaboration.mention-invalid', details: { persons: [ids.Staff] } });
    await clients.Admin.execute(writeComment, { ...entry, text: `Ask ${mentionOf(ids.Vendor)}` }, { status: 409 });
  });

  it('notifies who is mentioned on Home, and by one mail that quotes nothing', async () => {
    const record = await newEntry();
    const before = (await mailsTo('Staff')).length;
    const text = `Have a look, ${mentionOf(ids.Staff)}, and ${mentionOf(ids.Accountant)} too`;
    await clients.Accountant.execute(writeComment, { ...record, text }, { key: 'once' });
    await clients.Accountant.execute(writeComment, { ...record, text }, { key: 'once' });
    const [notification] = (await clients.Staff.ask(listNotifications, {})).items;
    expect(notification).toMatchObject({ kind: 'mention', one: 'entry', by: { id: ids.Accountant }, ...record });
    expect(notification?.address).toBe(`c/${companyId}/entries/${record.recordId}`);
    expect((await clients.Accountant.ask(listNotifications, {})).items).toEqual([]);
    const mails = (await mailsTo('Staff')).slice(before);
    expect(mails).toHaveLength(1);
    expect(mails[0]!.subject).toContain('mentioned you');
    expect(mails[0]!.text).toContain(String(notification?.address));
    expect(mails[0]!.text).not.toContain('Have a look');
    // Put again by a step that is repeated, it is not sent again.
    await app.app.get(Outbox, { strict: false }).putOnce(notification!.notificationId, {
      template: 'collaboration.notification',
      value: JSON.stringify({ tenant: clients.Staff.tenant, notificationId: notification!.notificationId }),
    });
    expect((await mailsTo('Staff')).slice(before)).toHaveLength(1);
  });

  // Before any other that moves the clock on: what is waited for afterwards is over at once.
  it('gathers what happens to followed records in one mail to each person, when its time is over', async () => {
    const [one, other, third] = [await newEntry(), await newEntry(), await newEntry()];
    const { id: tagId } = await clients.Accountant.execute(tags.commands.create, { name: 'Urgent', colour: 'red' });
    const before = (await mailsTo('Staff')).length;
    const since = async () => (await mailsTo('Staff')).slice(before);
    await gathering('Staff', async () => {
      for (const record of [one, other]) await clients.Staff.execute(followRecord, record);
      await clients.Accountant.execute(writeComment, { ...one, text: 'Not in a mail' });
      await clients.Accountant.execute(tagRecord, { ...one, tagId });
      await clients.Accountant.execute(setTask, { ...other, title: 'Secret', dueOn: '2099-01-01' });
      await clients.Accountant.execute(writeComment, { ...third, text: `Ask ${mentionOf(ids.Staff)}` });
      expect(await since()).toMatchObject([{ subject: expect.stringContaining('mentioned you') }]);
    });
    const [, gathered, ...more] = await since();
    expect([gathered?.subject, more]).toEqual(['News about 2 records that you follow', []]);
    for (const record of [one, other]) expect(gathered?.text).toContain(`c/${companyId}/entries/${record.recordId}`);
    expect(gathered?.text).toMatch(/commented on it[\s\S]*changed the tags of it[\s\S]*changed the tasks of it/);
    expect(gathered?.text).not.toMatch(/Not in a mail|Secret|Urgent/);
  });

  it('notifies followers of what others do, until they stop', async () => {
    const record = await newEntry();
    await clients.Staff.execute(followRecord, record);
    await clients.Accountant.execute(followRecord, record);
    expect(await clients.Staff.ask(readFollowing, known(record))).toMatchObject({
      following: true,
      followers: [ids.Accountant, ids.Staff].sort(),
    });
    const before = (await mailsTo('Staff')).length;
    await gathering('Staff', async () => {
      const hold = { companyId, entryId: record.recordId, reason: 'Check it' };
      await clients.Accountant.execute(holdEntry, hold, { version: 1 });
    });
    expect((await mailsTo('Staff')).slice(before)).toMatchObject([
      { subject: expect.stringContaining('changed the entry') },
    ]);
    const notified = async (client: TestClient) =>
      (await client.ask(listNotifications, {})).items.filter(({ recordId }) => recordId === record.recordId);
    expect(await notified(clients.Staff)).toMatchObject([
      { kind: 'change', operation: holdEntry.name, what: holdEntry.title },
    ]);
    expect(await notified(clients.Accountant)).toEqual([]);
    await clients.Staff.execute(unfollowRecord, record);
    await clients.Accountant.execute(writeComment, { ...record, text: 'Done' });
    expect(await notified(clients.Staff)).toHaveLength(1);
  });

  it('are marked as read on Home, one or all, by their person', async () => {
    const record = await newEntry();
    for (const text of ['One', 'Two'])
      await clients.Accountant.execute(writeComment, { ...record, text: `${text} ${mentionOf(ids.Staff)}` });
    const own = async () => {
      const { items } = await clients.Staff.ask(listNotifications, { limit: 20 });
      return items.filter(({ recordId }) => recordId === record.recordId);
    };
    const [first, second] = await own();
    expect([first?.isRead, second?.isRead]).toEqual([false, false]);
    const { notificationId } = first!;
    await clients.Accountant.execute(readNotification, { notificationId }, { status: 404 });
    await clients.Staff.execute(readNotification, { notificationId });
    await clients.Staff.execute(readNotification, { notificationId });
    expect((await own()).map(({ isRead }) => isRead)).toEqual([true, false]);
    await clients.Accountant.execute(readInbox, {});
    expect((await own()).map(({ isRead }) => isRead)).toEqual([true, false]);
    await clients.Staff.execute(readInbox, {});
    expect((await own()).map(({ isRead }) => isRead)).toEqual([true, true]);
  });

  it('notifies nobody any more who lost the right to read the record', async () => {
    const record = await newEntry();
    await clients.Staff.execute(followRecord, record);
    await clients.Accountant.execute(writeComment, { ...record, text: 'Before' });
    const { items } = await clients.Admin.ask(listGrants, { holderId: ids.Staff });
    for (const { grantId } of items) await clients.Admin.execute(revokeGrant, { grantId, reason: 'Moved' });
    const before = (await mailsTo('Staff')).length;
    await gathering('Staff', async () => {
      await clients.Accountant.execute(writeComment, { ...record, text: 'After' });
    });
    await clients.Accountant.execute(writeComment, { ...record, text: `Ask ${mentionOf(ids.Staff)}` }, { status: 409 });
    expect((await clients.Staff.ask(listNotifications, {})).items).toEqual([]);
    expect((await mailsTo('Staff')).length).toBe(before);
    await clients.Staff.ask(listComments, known(record), { status: 404 });
    await clients.Admin.execute(giveGrant, { holderId: ids.Staff, role: 'Staff' });
    expect((await clients.Staff.ask(listNotifications, {})).items.length).toBeGreaterThan(0);
  });

  it('mentions the right one of two people of one name, whose addresses tell them apart', async () => {
    const nameOf = async () => (await clients.Admin.ask(listPeople, {})).items;
    const before = (await nameOf()).find(({ id }) => id === ids.Auditor);
    expect(before?.email).toBeNull();
    const name = String((await nameOf()).find(({ id }) => id === ids.Staff)?.name);
    await clients.Auditor.execute(setOwnName, { name });
    await app.settle();
    const emails = (await nameOf()).flatMap(({ id, email }) => (email === null ? [] : [[id, email]]));
    expect(new Map(emails as [string, string][])).toEqual(
      new Map((['Staff', 'Auditor'] as const).map((role) => [ids[role], app.account(role).email])),
    );
    const record = await newEntry();
    await clients.Accountant.execute(writeComment, { ...record, text: `Ask ${mentionOf(ids.Auditor)}` });
    const mentions = async (role: TestRole) =>
      (await clients[role].ask(listNotifications, {})).items.filter(({ recordId }) => recordId === record.recordId);
    expect([await mentions('Staff'), (await mentions('Auditor')).length]).toEqual([[], 1]);
  });

  it('mails nobody who left, though they follow the record', async () => {
    const record = await newEntry();
    await clients.Auditor.execute(followRecord, record);
    const before = (await mailsTo('Auditor')).length;
    await clients.Admin.execute(deactivateMember, { personId: ids.Auditor, reason: 'Left' });
    await gathering('Auditor', async () => {
      await clients.Accountant.execute(writeComment, { ...record, text: 'After they left' });
    });
    await clients.Accountant.execute(
      writeComment,
      { ...record, text: `Ask ${mentionOf(ids.Auditor)}` },
      { status: 409 },
    );
    expect((await mailsTo('Auditor')).length).toBe(before);
  });

  it('is in the copy of a person’s data, and gone with them', async () => {
    const record = await newEntry();
    await clients.Staff.execute(writeComment, { ...record, text: 'Mine alone' });
    await app.settle();
    const copy = await clients.Admin.ask(exportPerson, { personId: ids.Staff });
    expect(JSON.stringify(copy)).toContain('Mine alone');
    await clients.Admin.execute(deactivateMember, { personId: ids.Staff, reason: 'Left' });
    await clients.Admin.execute(erasePerson, { personId: ids.Staff, reason: 'They asked for it' });
    await app.settle();
    const { items } = await clients.Accountant.ask(listComments, known(record));
    expect(items).toMatchObject([{ author: ids.Staff, text: null, status: 'written' }]);
  });
});

/** A query has no null. */
const known = ({ companyId, ...record }: { recordType: string; recordId: string; companyId: string | null }) =>
  companyId === null ? record : { ...record, companyId };
