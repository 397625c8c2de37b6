import { createCompany, postEntry } from '@daybook/accounting';
import { listEvents, readEvent } from '@daybook/audit';
import { listComments, writeComment } from '@daybook/collaboration';
import {
  defineRole,
  exportPerson,
  giveGrant,
  issueOwnApiKey,
  listGrants,
  readSession,
  revokeGrant,
} from '@daybook/identity';
import type { CallOf } from '@daybook/kernel';
import { TestClient } from '@daybook/testing/app';
import {
  approveRequest,
  changeRequest,
  listApprovalRequests,
  readApprovalRequest,
  rejectRequest,
  setRule,
  withdrawRequest,
} from './index.js';
import { approvalsWorld, type World } from './testing/world.js';

type Member = TestClient & { personId: string };
const approving = ['approvals.request.read', 'approvals.request.approve', 'approvals.request.reject'];
const reading = ['accounting.entry.read'];
const secret = 'Fee of Zaphod';
const inADay = () => new Date(Date.now() + 86_400_000).toISOString();

/* A request is seen by those who may read what it is about. */
describe('approval requests', () => {
  let world: World;
  let count = 0;
  let companyId: string;
  let elsewhere: string;
  let requestId: string;
  beforeAll(async () => {
    world = await approvalsWorld();
    const { admin, books, rule, held } = world;
    ({ companyId } = world);
    elsewhere = (await books.execute(createCompany, { name: 'Elsewhere AS', currency: 'NOK' })).id;
    await admin.execute(setRule, rule());
    requestId = await held(secret);
  }, 90_000);
  afterAll(() => world.app.close());

  /** A member who has only these roles. */
  async function memberWith(
    ...roles: (Pick<CallOf<typeof giveGrant>, 'companyId'> &
      Pick<CallOf<typeof defineRole>, 'permissions' | 'fields'>)[]
  ): Promise<Member> {
    const { app, admin, member } = world;
    const one = await member(`Reader-${(count += 1)}`, 'Staff');
    const { items } = await admin.ask(listGrants, { holderId: one.personId });
    for (const { permissions, fields, ...where } of roles) {
      const { id: role } = await admin.execute(defineRole, { name: `Role ${(count += 1)}`, permissions, fields });
      await admin.execute(giveGrant, { holder: 'person', holderId: one.personId, role, ...where });
    }
    await admin.execute(revokeGrant, { grantId: items[0]!.grantId, reason: 'Has a role of their own' });
    await app.settle();
    return one;
  }

  /** All that the request's doors show. */
  async function shownTo(reader: Member): Promise<string> {
    const path = `/v1/approvals/requests`;
    const queries = [
      `{ approvalsRequestList { items { id summary amount } } }`,
      `{ approvalsRequestRead(input: { requestId: "${requestId}" }) { summary input fields { value } } }`,
    ];
    const answers = [
      (await reader.get(path)).text,
      (await reader.get(path).set('accept', 'text/csv')).text,
      (await reader.get(`${path}/${requestId}`)).text,
      ...(await Promise.all(queries.map(async (query) => JSON.stringify((await reader.graphql(query)).body.data)))),
    ];
    return answers.join('\n');
  }

  it('show nothing to a reader of requests who may not read what they are about, and say so to an approver', async () => {
    const { sale } = world;
    const blind = await memberWith(
      { permissions: [...approving, 'approvals.request.change'] },
      { permissions: reading, companyId: elsewhere },
    );
    const text = await shownTo(blind);
    for (const told of [secret, '250000', '250 000']) expect(text).not.toContain(told);
    expect((await blind.ask(listApprovalRequests, {})).items).toEqual([]);
    const problem = { code: 'approvals.record-not-visible', status: 403 };
    expect(await blind.ask(readApprovalRequest, { requestId }, { status: 403 })).toMatchObject(problem);
    expect(await blind.execute(approveRequest, { requestId }, { version: 1, status: 403 })).toMatchObject(problem);
    expect(await blind.execute(rejectRequest, { requestId, reason: 'No' }, { status: 403 })).toMatchObject(problem);
    const changed = { requestId, input: sale('1.00') };
    expect(await blind.execute(changeRequest, changed, { status: 403 })).toMatchObject(problem);
  });

  it('are not there for somebody who reads requests and cannot approve them', async () => {
    const blind = await memberWith({ permissions: ['approvals.request.read', 'approvals.request.reject'] });
    await blind.ask(readApprovalRequest, { requestId }, { status: 404 });
    const other = await memberWith({ permissions: approving, companyId: elsewhere }, { permissions: reading });
    await other.ask(readApprovalRequest, { requestId }, { status: 404 });
    await other.execute(approveRequest, { requestId }, { version: 1, status: 404 });
  });

  it('are not said to wait for somebody who sees them, and may approve only in another company', async () => {
    const permissions = ['approvals.request.read', ...reading];
    const other = await memberWith({ permissions: approving, companyId: elsewhere }, { permissions });
    expect(await other.ask(readApprovalRequest, { requestId })).toMatchObject({
      yourPart: 'none',
      eligibility: expect.stringContaining('not where this belongs'),
    });
    expect((await other.ask(listApprovalRequests, { mine: 'approve' })).items).toEqual([]);
  });

  it('say nothing of their content to somebody who changes them unseen, whatever is wrong with the change', async () => {
    const permissions = ['approvals.request.read', 'approvals.request.change', 'approvals.request.withdraw'];
    const blind = await memberWith({ permissions });
    for (const input of [{}, { lines: 3 }, { amount: '1.00' }])
      expect(await blind.execute(changeRequest, { requestId, input }, { status: 403 })).toMatchObject({
        code: 'approvals.record-not-visible',
      });
  });

  it('are neither changed nor withdrawn by a key of the requester that does not see them, as if they were not there', async () => {
    const { app, books } = world;
    const key = async (...scopes: string[]) => {
      const { secret: token } = await books.execute(issueOwnApiKey, { name: 'Key', scopes, until: inADay() });
      return new TestClient(app.app, token, books.tenant);
    };
    const changing = ['approvals.request.change', 'approvals.request.withdraw', postEntry.name];
    const blind = await key(...changing);
    const problem = { code: 'approvals.record-not-visible' };
    for (const version of [1, 2])
      expect(await blind.execute(withdrawRequest, { requestId }, { version, status: 403 })).toMatchObject(problem);
    const input = { description: 'By a key' };
    expect(await blind.execute(changeRequest, { requestId, input }, { version: 1, status: 403 })).toMatchObject(
      problem,
    );
    const own = await blind.execute(postEntry, world.sale('300000.00'), { status: 202 });
    await blind.execute(withdrawRequest, { requestId: String(own.approvalRequest) });
    const seeing = await key(...changing, ...reading);
    const theirs = await world.held('Seen by the key');
    await seeing.execute(withdrawRequest, { requestId: theirs });
  });

  it('are seen by who may read both the request and what it is about in the company', async () => {
    const reader = await memberWith({ permissions: [...approving, ...reading], companyId });
    expect(await reader.ask(readApprovalRequest, { requestId })).toMatchObject({ yourPart: 'approve', input: { description: secret } }); // prettier-ignore
    expect((await reader.ask(listApprovalRequests, { mine: 'approve' })).items).toMatchObject([{ id: requestId }]);
  });

  it('hide what the role hides of the record, though another role reads requests whole, and are not approved blind', async () => {
    const reader = await memberWith(
      { permissions: approving },
      { permissions: reading, fields: [{ field: 'accounting.entry.description', rule: 'hide' }] },
    );
    expect(await shownTo(reader)).not.toContain('Zaphod');
    expect(await reader.ask(readApprovalRequest, { requestId })).toMatchObject({
      yourPart: 'reject',
      eligibility: expect.stringContaining('Your role hides a field'),
      input: { description: null, lines: [{ amount: '250000.00' }, {}] },
    });
    expect((await reader.ask(listApprovalRequests, { mine: 'approve' })).items).toEqual([]);
    const refused = await reader.execute(approveRequest, { requestId }, { version: 1, status: 403 });
    expect(refused).toMatchObject({ code: 'approvals.content-hidden' });
  });

  it('are discussed by those who see them, and by nobody else', async () => {
    const about = { recordType: 'approvals.request', recordId: requestId };
    await world.admin.execute(writeComment, { ...about, text: `${secret}, really?` });
    const permissions = [...approving, 'collaboration.thread.read', 'collaboration.comment.write'];
    const blind = await memberWith({ permissions });
    await blind.ask(listComments, about, { status: 404 });
    await blind.execute(writeComment, { ...about, text: 'What is it?' }, { status: 404 });
  });

  it('show their amount and input in the trail to nobody whose role hides a field', async () => {
    const fields = [{ field: 'accounting.entry.description', rule: 'hide' as const }];
    const reader = await memberWith({ permissions: ['audit.event.read'], fields });
    const { items } = await reader.ask(listEvents, { recordId: requestId });
    const { eventId } = items.at(-1)!;
    expect((await reader.ask(readEvent, { eventId })).data).toMatchObject({ input: null, amount: null });
  });

  it('are named by no live hint, which everybody who reads requests hears', () => {
    expect(world.app.api.bindings.namelessChannels.has('approvals')).toBe(true);
  });

  it('keep their input out of the copy that somebody makes who may not read what they are about', async () => {
    const { admin, books } = world;
    const { id: personId } = (await books.ask(readSession, {})).person;
    expect(JSON.stringify(await admin.ask(exportPerson, { personId }))).toContain(secret);
    const officer = await memberWith({ permissions: ['identity.person.export', ...approving] });
    const copy = JSON.stringify(await officer.ask(exportPerson, { personId }));
    expect(copy).not.toContain(secret);
    expect(copy).toContain(postEntry.name);
  });
});
