import { approveRequest, listApprovalRequests, readApprovalRequest, rejectRequest, setRule } from '@daybook/approvals';
import { listEvents, readEvent } from '@daybook/audit';
import { editComment, listComments, withdrawComment, writeComment } from '@daybook/collaboration';
import {
  createService,
  defineRole,
  exportPerson,
  giveGrant,
  issueApiKey,
  listMembers,
  revokeGrant,
} from '@daybook/identity';
import { act, aggregate, change, contextOfPermission, create, created, changed, eventOf, face, field, isReadAll, listOf, newId, readOf, record } from '@daybook/kernel'; // prettier-ignore
import { answers, projectionOf, recordTable } from '@daybook/projections';
import { contextOf } from '@daybook/server';
import { startApp, type TestApp, TestClient, type TestRole } from '@daybook/testing/app';
import { idNameOf, isCreate, sampleOf } from '@daybook/testing/record-samples';
import { type Door, doorsOf, exported, type Shown, shownBy } from '@daybook/testing/row-doors';
import { send } from '@daybook/testing/world';

/* A record that its owner sees, and one of another kind that names it. */
const lead = record('leads.lead', {
  one: 'lead', many: 'leads', icon: 'flag', calledBy: 'name', seenBy: ['owner'],
  fields: {
    name: field.text('Name'),
    owner: field.person('Owner', { default: 'caller' }),
    status: field.status('Status', { open: null, won: null }),
  },
}); // prettier-ignore
const call = record('leads.call', {
  one: 'call', many: 'calls', icon: 'phone', calledBy: 'about',
  fields: { about: field.text('About'), lead: field.reference('Lead', 'leads.lead', { optional: true }) },
}); // prettier-ignore
const won = eventOf(lead, 'won', { sets: { status: 'won' } });
const leadEvents = [created(lead), changed(lead), won] as const;
const leadCommands = [
  create(lead),
  change(lead),
  act(lead, 'win', { says: 'won', approvable: { summary: ({ id }) => `Win ${String(id)}` } }),
] as const;
const listLeads = listOf(lead, { text: ['name'], filters: ['owner', 'status'], sorts: ['name'] });
const readLead = readOf(lead);
const leads = recordTable(lead, [listLeads]);
const callEvents = [created(call)] as const;
const createCall = create(call);
const listCalls = listOf(call, { sorts: ['about'] });
const calls = recordTable(call, [listCalls]);
const context = contextOf(
  face('leads', {
    title: 'Leads',
    icon: 'flag',
    records: [lead, call],
    roles: { Admin: ['leads.*'], Auditor: ['leads.*.read', 'leads.lead.read-all'] },
  }),
  [
    aggregate(lead, {
      commands: leadCommands,
      events: leadEvents,
      rules: { create: leadEvents[0].of, change: leadEvents[1].of, win: won.of },
    }),
    aggregate(call, { commands: [createCall], events: callEvents, rules: { create: callEvents[0].of } }),
    projectionOf(leads, leadEvents),
    projectionOf(calls, callEvents),
    answers(listLeads, leads),
    answers(readLead, leads),
    answers(listCalls, calls),
  ],
);

describe('records that say who sees them', () => {
  let app: TestApp;
  let admin: TestClient;
  const clients = {} as Record<'owner' | 'other' | 'all', TestClient>;
  const people = {} as Record<keyof typeof clients, string>;
  const shown = new Map<string, Shown>();
  const mark = 'Zaphod';
  let seeing: string;

  beforeAll(async () => {
    app = await startApp({ contexts: [context] });
    admin = await app.client('Admin');
    const { declared, records } = app.api.bindings;
    const members = (await admin.ask(listMembers, {})).items;
    const theirs = new Set(
      records.filter(({ seenBy }) => seenBy.length > 0).map((one) => contextOfPermission(one.name)),
    );
    const all = [...declared.permissions.filter((one) => !isReadAll(one) && theirs.has(contextOfPermission(one))), 'audit.event.read']; // prettier-ignore
    const { id: seller } = await admin.execute(defineRole, { name: 'Seller', permissions: all });
    const { id: manager } = await admin.execute(defineRole, { name: 'Manager', permissions: declared.permissions.filter(isReadAll) }); // prettier-ignore
    const roles = { owner: 'Staff', other: 'Vendor', all: 'Accountant' } as const satisfies Record<string, TestRole>;
    for (const [who, role] of Object.entries(roles) as [keyof typeof clients, TestRole][]) {
      people[who] = members.find(({ email }) => email === app.account(role).email)!.personId;
      await admin.execute(giveGrant, { holderId: people[who], role: seller });
      clients[who] = await app.client(role);
    }
    seeing = (await admin.execute(giveGrant, { holderId: people.all, role: manager })).id;
    const operations = app.api.bindings.operations.filter(isCreate);
    for (const one of records.filter(({ seenBy }) => seenBy.length > 0)) {
      const creating = operations.find(({ of }) => of.record === one)!;
      const input = sampleOf(creating, mark, {});
      if (input === null) throw new Error(`${one.name} names records: make them here`);
      const { body } = await send(clients.owner, creating, input);
      const { id, position } = body as { id: string; position: string };
      shown.set(one.name, { id, mark, knownAt: `position:${position}` });
      for (const naming of operations) {
        const [name] = Object.entries(naming.of.fields).find(([, { to }]) => to === one.name) ?? [];
        const sample = name && sampleOf(naming, 'naming', { [idNameOf(one.name)]: new Set([id]) });
        if (sample) await send(admin, naming, sample);
      }
    }
    await app.settle();
  });
  afterAll(() => app.close());

  /** The doors of all such records through which this person finds theirs. */
  async function found(client: TestClient): Promise<{ open: string[]; shut: string[] }> {
    const [open, shut]: [string[], string[]] = [[], []];
    for (const one of app.api.bindings.records.filter(({ seenBy }) => seenBy.length > 0)) {
      const it: Shown = shown.get(one.name)!;
      for (const [name, door] of doorsOf(app, one) as ReadonlyMap<string, Door>) {
        const text = await door(client, it);
        (text.includes(it.id) || text.includes(it.mark) ? open : shut).push(`${one.name}: ${name}`);
      }
    }
    return { open, shut };
  }
  const doors = ['list', 'list by id', 'list as known before', 'CSV', 'GraphQL list', 'GraphQL aliases', 'search', 'count', 'export', 'look-up by leads.call', 'read', 'read as known before', 'trail of the record', 'trail', 'leads.lead.change', 'leads.lead.win'].map((door) => `leads.lead: ${door}`); // prettier-ignore

  it('are found through every door by whom they name, and by who may see all', async () => {
    for (const who of ['owner', 'all'] as const) {
      const { open, shut } = await found(clients[who]);
      expect([who, shut]).toEqual([who, []]);
      expect(open).toEqual(expect.arrayContaining(doors));
    }
  });

  it('are found through no door by somebody who has the permissions and is not named', async () => {
    const { open, shut } = await found(clients.other);
    expect(open).toEqual([]);
    expect(shut).toEqual(expect.arrayContaining(doors));
  });

  it('are not found by another tenant, nor by a key that reads the context for a service account', async () => {
    expect((await found(await app.client('Admin', 'south'))).open).toEqual([]);
    const { id: serviceId } = await admin.execute(createService, { name: 'Reader' });
    await admin.execute(giveGrant, { holder: 'service', holderId: serviceId, role: 'Auditor' });
    const until = new Date(Date.now() + 86_400_000).toISOString();
    const scopes = ['leads.*.read', 'audit.*.read'];
    const { secret } = await admin.execute(issueApiKey, { serviceId, name: 'Reads', scopes, until });
    expect((await found(new TestClient(app.app, secret, admin.tenant))).open).toEqual([]);
  });

  it('are told of by nothing that people say about them, to those who do not see them', async () => {
    for (const [recordType, { id: recordId }] of shown) {
      const { id: commentId } = await clients.owner.execute(writeComment, { recordType, recordId, text: `${mark} said` }); // prettier-ignore
      const { items } = await clients.owner.ask(listComments, { recordType, recordId });
      const { threadId } = items[0]!;
      await clients.owner.execute(editComment, { threadId, commentId, text: `${mark} says` }, { version: 1 });
      await clients.owner.execute(withdrawComment, { threadId, commentId });
      const told = { recordType: 'collaboration.comment', recordId: commentId };
      const seen = (await clients.owner.ask(listEvents, told)).items;
      expect(seen.map(({ aboutType, aboutId }) => [aboutType, aboutId])).toEqual(Array(3).fill([recordType, recordId]));
      expect((await clients.other.ask(listEvents, told)).items).toEqual([]);
      expect((await clients.other.ask(listEvents, { operation: editComment.name })).items).toEqual([]);
      for (const { eventId } of seen) await clients.other.ask(readEvent, { eventId }, { status: 404 });
    }
  });

  it('answer as if they were not there: the same 404 as for an id that nobody has', async () => {
    const answer = async (id: string) => {
      const { body, status } = await clients.other.get(`/v1/leads/leads/${id}`);
      return JSON.parse(JSON.stringify({ ...body, status, traceId: '' }).replaceAll(id, 'asked'));
    };
    const hidden = await answer(shown.get('leads.lead')!.id);
    expect(hidden).toMatchObject({ status: 404 });
    expect(hidden).toEqual(await answer('0199a9b2-0000-7000-8000-0000000000ff'));
  });

  it('are seen of any moment by whom they name now', async () => {
    const { id, position } = await clients.owner.execute(leadCommands[0], { name: `${mark} moves` });
    const knownAt = `position:${position}`;
    await clients.owner.execute(leadCommands[1], { id, owner: people.other }, { version: 1 });
    expect(await clients.other.ask(readLead, { id }, { knownAt })).toMatchObject({ name: `${mark} moves`, version: 1 });
    await clients.owner.ask(readLead, { id }, { knownAt, status: 404 });
    await clients.other.execute(leadCommands[1], { id, owner: people.owner }, { version: 2 });
    await clients.other.ask(readLead, { id }, { knownAt, status: 404 });
  });

  it('are told of by no request for approval to those who do not see them, though they approve', async () => {
    const { id: role } = await admin.execute(defineRole, { name: 'Approver', permissions: ['approvals.request.read', 'approvals.request.approve', 'approvals.request.reject', 'identity.person.export'] }); // prettier-ignore
    for (const holderId of Object.values(people)) await admin.execute(giveGrant, { holderId, role });
    await admin.execute(setRule, { ruleId: newId(), operation: leadCommands[2].name, approvers: 1 });
    const { id } = shown.get('leads.lead')!;
    const { id: requestId } = await clients.owner.execute(leadCommands[2], { id }, { status: 202 });
    expect(await clients.owner.ask(readApprovalRequest, { requestId })).toMatchObject({ input: { id }, stuck: false });
    const queries = ['{ approvalsRequestList { items { id summary } } }', `{ approvalsRequestRead(input: { requestId: "${requestId}" }) { id summary input } }`]; // prettier-ignore
    const doors: readonly ((client: TestClient) => Promise<string>)[] = [
      async (client) => JSON.stringify(await client.ask(listApprovalRequests, {})),
      async (client) => (await client.get('/v1/approvals/requests').set('accept', 'text/csv')).text,
      async (client) => shownBy(await client.get(`/v1/approvals/requests/${requestId}`)),
      ...queries.map((query) => async (client: TestClient) => JSON.stringify((await client.graphql(query)).body.data)),
      (client) => exported(client, listApprovalRequests, {}),
      async (client) => JSON.stringify(await client.ask(listEvents, { recordId: requestId })),
      async (client) => JSON.stringify(await client.ask(listEvents, { operation: 'approvals.request.submit' })),
      async (client) =>
        JSON.stringify(
          (await client.ask(exportPerson, { personId: people.owner })).sections.find(
            ({ name }) => name === 'approvals',
          ),
        ),
    ];
    for (const [at, door] of doors.entries()) {
      expect([at, await door(clients.all)]).toEqual([at, expect.stringContaining(id)]);
      expect([at, await door(clients.other)]).toEqual([at, expect.not.stringContaining(id)]);
    }
    const refused = { code: 'approvals.record-not-visible' };
    expect(await clients.other.execute(approveRequest, { requestId }, { version: 1, status: 403 })).toMatchObject(
      refused,
    );
    expect(await clients.other.execute(rejectRequest, { requestId, reason: 'No' }, { status: 403 })).toMatchObject(
      refused,
    );
    await clients.all.execute(approveRequest, { requestId }, { version: 1 });
    expect(await clients.owner.ask(readLead, { id })).toMatchObject({ status: 'won' });
  });

  it('give no cursor that another person could use', async () => {
    for (const name of ['A', 'B']) await clients.owner.execute(leadCommands[0], { name: `Page ${name}` });
    const { next } = await clients.owner.ask(listLeads, { limit: 1 });
    await clients.owner.ask(listLeads, { limit: 1, cursor: next! });
    expect(await clients.other.ask(listLeads, { limit: 1, cursor: next! }, { status: 400 })).toMatchObject({
      code: 'platform.cursor-invalid',
    });
  });

  it('are in no file of an export once who asked for it may not see them all any more', async () => {
    const list = { list: listLeads.name, format: 'json' };
    const started = async () => (await clients.all.post('/v1/platform/exports', list)).body as { id: string };
    const { id } = await started();
    await app.jobEnded(admin, id);
    await clients.all.get(`/v1/platform/exports/${id}/file`).expect(200);
    await admin.execute(revokeGrant, { grantId: seeing, reason: 'Moved on' });
    await clients.all.get(`/v1/platform/exports/${id}/file`).expect(409);
    expect((await found(clients.all)).open).toEqual([]);
  });

  it('wait for approval in vain where nobody who approves sees them, and their requester is told', async () => {
    await admin.execute(setRule, { ruleId: newId(), operation: leadCommands[2].name, approvers: 1, approverRole: 'Accountant' }); // prettier-ignore
    const { id } = await clients.owner.execute(leadCommands[0], { name: `${mark} waits` });
    const { id: requestId } = await clients.owner.execute(leadCommands[2], { id }, { status: 202 });
    const told = { stuck: true, stuckReason: expect.stringContaining('may read all that it is about') };
    expect(await clients.owner.ask(readApprovalRequest, { requestId })).toMatchObject(told);
    await clients.owner.execute(leadCommands[1], { id, owner: people.all }, { version: 1 });
    expect(await clients.all.ask(readApprovalRequest, { requestId })).toMatchObject({ yourPart: 'approve', stuck: false }); // prettier-ignore
  });
});
