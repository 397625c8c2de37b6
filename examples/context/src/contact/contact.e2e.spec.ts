import { listEvents } from '@daybook/audit';
import { tags } from '@daybook/collaboration';
import { createCustomField } from '@daybook/customization';
import { defineRole, giveGrant, listMembers } from '@daybook/identity';
import { aggregate, create, created, face, field, listOf, record } from '@daybook/kernel';
import { answers, projectionOf, recordTable } from '@daybook/projections';
import { contextOf } from '@daybook/server';
import { startApp, type TestApp, type TestClient } from '@daybook/testing/app';
import { findInDatabase } from '@daybook/testing/find-anywhere';
import { makeWorld } from '@daybook/testing/world';
import { CrmModule } from '../crm.module.js';
import {
  archiveContact,
  changeContact,
  createContact,
  listContacts,
  readContact,
  restoreContact,
} from './contact.operations.js';

/* Another context's record that names contacts. */
const call = record('desk.call', {
  one: 'call', many: 'calls', icon: 'phone', calledBy: 'about',
  fields: { about: field.text('About'), contact: field.reference('Contact', 'crm.contact', { optional: true }) },
}); // prettier-ignore
const events = [created(call)] as const;
const createCall = create(call);
const listCalls = listOf(call, { sorts: ['about'] });
const calls = recordTable(call, [listCalls]);
const desk = contextOf(face('desk', { title: 'Desk', icon: 'phone', records: [call], roles: { Admin: ['desk.*'] } }), [
  aggregate(call, { commands: [createCall], events, rules: { create: events[0].of } }),
  projectionOf(calls, events),
  answers(listCalls, calls),
]);

describe('contacts, in the whole product', () => {
  let app: TestApp;
  let admin: TestClient;
  let vera: string;
  beforeAll(async () => {
    app = await startApp({ modules: [CrmModule], contexts: [desk] });
    admin = await app.client('Admin');
    const made = { name: 'Vera Lund', email: 'vera.lund@example.com', language: 'nb' } as const;
    vera = (await admin.execute(createContact, made)).id;
  });
  afterAll(() => app.close());

  const graphql = async (query: string) => (await admin.graphql(query)).body;

  it('is read as it was entered, with what the record adds', async () => {
    expect(await admin.ask(readContact, { id: vera })).toEqual({
      id: vera,
      name: 'Vera Lund',
      email: 'vera.lund@example.com',
      phone: null,
      title: null,
      manager: null,
      owner: expect.any(String),
      language: 'nb',
      status: 'active',
      custom: null,
      version: 1,
    });
    await admin.get(`/v1/crm/contacts/${vera}`).expect('etag', '"1"');
    await admin.get('/v1/crm/contacts/0199a9b2-0000-7000-8000-0000000000ff').expect(404);
  });

  it('changes what is sent and keeps the rest, for those who saw the version that there is', async () => {
    const change = (body: object) => admin.patch(`/v1/crm/contacts/${vera}`, body);
    await change({ title: 'CFO' }).expect(428);
    await change({ title: 'CFO' }).set('if-match', '"7"').expect(412);
    await change({ status: 'archived' }).set('if-match', '"1"').expect(400);
    await change({ name: null }).set('if-match', '"1"').expect(400);
    await change({ title: 'CFO', email: null }).set('if-match', '"1"').expect('etag', '"2"');
    expect(await admin.ask(readContact, { id: vera })).toMatchObject({ title: 'CFO', email: null, language: 'nb' });
    const again = await admin.execute(changeContact, { id: vera, title: 'CFO' }, { version: 2 });
    expect(again).toMatchObject({ id: vera, version: 2 });
  });

  it('is archived and restored through GraphQL too, and refuses changes in between with the way out', async () => {
    await admin.execute(archiveContact, { id: vera });
    const changing = `mutation { crmContactChange(input: { id: "${vera}", title: "CEO" }, expectedVersion: 3) { version } }`;
    expect(await graphql(changing)).toMatchObject({
      errors: [{ extensions: { problem: { code: 'crm.contact-archived', detail: expect.stringContaining('Possible now: restore') } } }],
    }); // prettier-ignore
    const restored = await graphql(`mutation { crmContactRestore(input: { id: "${vera}" }) { version } }`);
    expect(restored).toEqual({ data: { crmContactRestore: { version: 4 } } });
    expect(await admin.execute(restoreContact, { id: vera }, { status: 409 })).toMatchObject({
      code: 'crm.contact-active',
    });
  });

  it('is listed by name, by owner and by whom they report to, and exported', async () => {
    const { id } = await admin.execute(createContact, { name: 'Åse Berg', manager: vera });
    await admin.execute(createContact, { name: 'Zoe Dahl', manager: vera });
    const reports = await admin.ask(listContacts, { manager: [vera], sort: ['-name'], count: true });
    expect(reports).toMatchObject({ items: [{ name: 'Åse Berg' }, { name: 'Zoe Dahl' }], next: null, count: 2 });
    expect((await admin.ask(listContacts, { owner: ['me'], text: 'åse' })).items.map((one) => one.id)).toEqual([id]);
    const asked = await graphql('{ crmContactList(input: { status: [active] }) { items { name } } }');
    expect(asked.data.crmContactList.items.map(({ name }: { name: string }) => name)).toEqual(['Vera Lund', 'Zoe Dahl', 'Åse Berg']); // prettier-ignore
    const named = await graphql(
      `{ crmContactList(input: { id: ["${id}"] }) { items { name manager { name title } } } }`,
    );
    expect(named.data.crmContactList.items).toEqual([
      { name: 'Åse Berg', manager: { name: 'Vera Lund', title: 'CFO' } },
    ]);
    const { text } = await admin.get('/v1/crm/contacts?sort=name').set('accept', 'text/csv').expect(200);
    expect(text.split('\r\n')[1]).toContain('Vera Lund');
  });

  it('is told in the trail by name, with what was before', async () => {
    const { items } = await admin.ask(listEvents, { recordType: 'crm.contact', recordId: vera });
    expect(items.map(({ says, changes }) => [says, changes])).toEqual([
      ['restored the contact Vera Lund', [{ field: 'status', before: 'archived', after: 'active' }]],
      ['archived the contact Vera Lund', [{ field: 'status', before: 'active', after: 'archived' }]],
      [
        'changed the contact Vera Lund',
        [
          { field: 'email', before: 'vera.lund@example.com', after: '' },
          { field: 'title', before: '', after: 'CFO' },
        ],
      ],
      ['created the contact Vera Lund', []],
    ]);
  });

  it('has an e-mail address that no other contact has, until it is emptied or erased', async () => {
    const taken = { name: 'Vera Berg', email: 'VERA.LUND@example.com' };
    const { id: first } = await admin.execute(createContact, { name: 'Tor Vik', email: 'vera.lund@example.com' });
    const refused = async () =>
      expect(await admin.execute(createContact, taken, { status: 409 })).toMatchObject({
        code: 'crm.email-exists',
        errors: [{ pointer: '/email' }],
      });
    await refused();
    await admin.execute(archiveContact, { id: first });
    await refused();
    await admin.execute(restoreContact, { id: first });
    await admin.execute(changeContact, { id: first, email: null }, { version: 3 });
    const { id: second } = await admin.execute(createContact, taken);
    await refused();
    // What an erasure does once it has found the record.
    const { tenant } = admin;
    const subject = { tenant, personId: second, emails: [], aliases: [], own: false };
    for (const { forget } of app.projector.personalData.all) await forget?.(subject);
    await app.projector.sealer.erase(tenant, second);
    await admin.execute(createContact, taken);
  });

  it('is not seen by another tenant, nor by somebody without the right', async () => {
    const south = await app.client('Admin', 'south');
    expect((await south.ask(listContacts, {})).items).toEqual([]);
    await south.get(`/v1/crm/contacts/${vera}`).expect(404);
    await (await app.client('Vendor')).get('/v1/crm/contacts').expect(403);
  });

  it('is looked up with the rights of who asks: null without the right, and what a role hides is hidden', async () => {
    const vendor = await app.client('Vendor');
    const members = await admin.ask(listMembers, {});
    const holderId = members.items.find(({ email }) => email === app.account('Vendor').email)!.personId;
    type Role = Parameters<typeof admin.execute<typeof defineRole>>[1];
    const give = async (role: Role) =>
      admin.execute(giveGrant, { holderId, role: (await admin.execute(defineRole, role)).id });
    const asked = async (query: string) => (await vendor.graphql(query)).body.data;
    const { id: manager } = await admin.execute(createContact, { name: 'Ida Boss', email: 'ida@example.com' });
    const { id } = await admin.execute(createContact, { name: 'Per Moen', manager });
    await admin.execute(createCall, { about: 'A roof', contact: manager });
    await give({ name: 'Caller', permissions: ['desk.call.read'], fields: [] });
    const named = '{ deskCallList { items { about contact { name email } } } }';
    expect(await asked(named)).toEqual({ deskCallList: { items: [{ about: 'A roof', contact: null }] } });

    const fields = [{ field: 'crm.contact.email', rule: 'mask' } as const];
    await give({ name: 'Reader of contacts', permissions: ['crm.contact.read', 'crm.contact.read-all'], fields });
    const masked = { name: 'Ida Boss', email: 'i•••@•••' };
    expect(await asked(named)).toMatchObject({ deskCallList: { items: [{ contact: masked }] } });
    const managed = `{ crmContactList(input: { id: ["${id}"] }) { items { manager { name email } } } }`;
    expect(await asked(managed)).toEqual({ crmContactList: { items: [{ manager: masked }] } });
  });

  it('stands beside a register, which is a declaration alone', async () => {
    const { create, retire } = tags.commands;
    const { id } = await admin.execute(create, { name: 'VIP' });
    await admin.execute(retire, { id });
    const { items } = await admin.ask(tags.list, { text: 'vip' });
    expect(items).toEqual([{ id, name: 'VIP', colour: 'grey', about: null, status: 'retired', version: 2 }]);
    await admin
      .get('/v1/collaboration/tags')
      .set('accept', 'text/csv')
      .expect(200, /VIP,grey,,retired,2/);
  });

  it('has what the tenant adds to it, sealed for themselves too', async () => {
    const define = {
      recordType: 'crm.contact',
      key: 'allergy',
      label: 'Allergy',
      kind: 'text',
      personal: true,
    } as const;
    await admin.execute(createCustomField, define);
    const { id } = await admin.execute(createContact, { name: 'Eli Moe', custom: { allergy: 'Hazelnuts' } });
    expect(await admin.ask(readContact, { id })).toMatchObject({ custom: { allergy: 'Hazelnuts' } });
    expect(await admin.ask(listContacts, { custom: ['allergy=Hazelnuts'], customSort: 'allergy' })).toMatchObject({ items: [{ id }] }); // prettier-ignore
    const { items } = await admin.ask(listEvents, { recordType: 'crm.contact', recordId: id });
    expect(items[0]).toMatchObject({ says: 'created the contact Eli Moe' });
    const found = await findInDatabase(app, ['Hazelnuts']);
    expect(found.map((table) => table.replace(/^rm_[^.]*/, 'rm'))).toEqual(['rm.contacts']);
  });

  it('has its personal data sealed in the log', async () => {
    const found = await findInDatabase(app, ['Vera Lund']);
    expect(found.map((table) => table.replace(/^rm_[^.]*/, 'rm'))).toEqual(['rm.contacts', 'rm.contacts_history']);
  });

  it('is among the records that the specs of all operations are tried on, without a sample of its own', async () => {
    for (const tenant of ['north', 'south'] as const) {
      const { refused, pool } = await makeWorld(app, tenant);
      expect(refused).toEqual([]);
      expect(pool['contactId']?.some((id) => pool['id']?.includes(id))).toBe(true);
    }
  });
});
