import { listEntries, postEntry } from '@daybook/accounting';
import { listEvents } from '@daybook/audit';
import { deactivateMember, erasePerson, giveGrant, listGrants, readOwnData, revokeGrant } from '@daybook/identity';
import { newId } from '@daybook/kernel';
import { testTenants } from '@daybook/testing/app';
import { requestStream } from '../request/load-request.js';
import { approveRequest, readApprovalRequest, rejectRequest, setRule, withdrawRequest } from '../index.js';
import { plain, type World } from './world.js';

const tenant = testTenants.north;

/** Who approves, and what becomes of it. */
export const approvingCases = (world: () => World): void => {
  it('are carried out in the name of the requester once somebody else has approved', async () => {
    const { app, admin, books, companyId, held, read } = world();
    const requestId = await held('Approved');
    const shown = await read(admin, requestId);
    expect(shown.input).toMatchObject({ description: 'Approved', lines: [{ amount: '250000.00' }, {}] });
    expect(shown.fields).toContainEqual({
      field: 'lines/0',
      label: 'Lines 1',
      value: 'account 1920, side debit, amount 250000.00',
    });
    await admin.execute(approveRequest, { requestId }, { status: 428 });
    await admin.execute(approveRequest, { requestId }, { version: 7, status: 412 });
    const answer = await admin.execute(approveRequest, { requestId, comment: 'Seen the contract' }, { version: 1 });
    expect(answer).toMatchObject({ id: requestId, version: 3, status: 'completed' });
    await app.settle();
    const { items } = await books.ask(listEntries, { companyId, text: 'Approved' });
    const done = await read(admin, requestId);
    expect(items).toMatchObject([{ id: done.result?.id, recordedBy: done.requestedBy }]);
    expect(done).toMatchObject({ status: 'completed', given: 1, yourPart: 'none', approvals: [{ comment: 'Seen the contract', void: false }] }); // prettier-ignore
    const { items: trail } = await admin.ask(listEvents, { recordId: requestId });
    expect(trail.map(({ says }) => plain(says))).toEqual([
      'carried out what was approved: Entry of 250 000,00 on 31 March 2026',
      'approved Entry of 250 000,00 on 31 March 2026',
      'submitted for approval: Entry of 250 000,00 on 31 March 2026',
    ]);
    await admin.execute(approveRequest, { requestId }, { version: 3, status: 409 });
  });

  it('cannot be approved by the requester or by a reader, and are not visible in another tenant', async () => {
    const { app, admin, books, held, read } = world();
    const requestId = await held('Own');
    await books.execute(approveRequest, { requestId }, { version: 1, status: 409 });
    await books.execute(rejectRequest, { requestId, reason: 'No' }, { status: 409 });
    const south = await app.client('Admin', 'south');
    await south.ask(readApprovalRequest, { requestId }, { status: 404 });
    await south.execute(approveRequest, { requestId }, { version: 1, status: 404 });
    const auditor = await app.client('Auditor');
    expect(await auditor.ask(readApprovalRequest, { requestId })).toMatchObject({ yourPart: 'none' });
    await auditor.execute(approveRequest, { requestId }, { version: 1, status: 403 });
    await admin.execute(withdrawRequest, { requestId }, { status: 403 });
    await books.execute(withdrawRequest, { requestId, reason: 'Posted twice' });
    expect(await read(books, requestId)).toMatchObject({ status: 'withdrawn', reason: 'Posted twice' });
  });

  it('are rejected with a reason, and then go no further', async () => {
    const { admin, books, numberOf, held, read } = world();
    const requestId = await held('Rejected');
    await admin.execute(rejectRequest, { requestId, reason: 'No contract' }, { version: 1 });
    expect(await read(books, requestId)).toMatchObject({
      status: 'rejected',
      reason: 'No contract',
      yourPart: 'none',
    });
    await admin.execute(approveRequest, { requestId }, { version: 2, status: 409 });
    await books.execute(withdrawRequest, { requestId }, { status: 409 });
    expect(await numberOf('Rejected')).toBe(0);
  });

  it('may be about a person, who cannot approve for themselves', async () => {
    const { app, admin, books, second, read } = world();
    const grants = newId();
    await admin.execute(setRule, { ruleId: grants, operation: giveGrant.name, approvers: 1 });
    const asked = await admin.execute(
      giveGrant,
      { holder: 'person', holderId: second.personId, role: 'Auditor' },
      { status: 202 },
    );
    const requestId = asked.id;
    await admin.execute(approveRequest, { requestId }, { version: 1, status: 409 });
    await second.execute(approveRequest, { requestId }, { version: 1, status: 409 });
    expect(await read(second, requestId)).toMatchObject({ yourPart: 'none', companyId: null });
    expect(await books.execute(approveRequest, { requestId }, { version: 1 })).toMatchObject({ status: 'completed' });
    await app.settle();
    const { items } = await admin.ask(listGrants, { holderId: second.personId });
    expect(items.map(({ role }) => role)).toEqual(expect.arrayContaining(['Accountant', 'Auditor']));
    await world().lift(grants);
  });

  it('cannot be approved when the requester has lost the right since', async () => {
    const { app, admin, member, sale } = world();
    const third = await member('Third', 'Accountant');
    const { id: requestId } = await third.execute(postEntry, sale('250000.00', 'No longer'), { status: 202 });
    await app.settle();
    const { items } = await admin.ask(listGrants, { holderId: third.personId });
    await admin.execute(revokeGrant, { grantId: items[0]!.grantId, reason: 'Left the department' });
    const refused = await admin.execute(approveRequest, { requestId }, { version: 1, status: 409 });
    expect(refused).toMatchObject({
      code: 'approvals.initiator-not-permitted',
      details: { problem: 'platform.forbidden' },
    });
    await admin.execute(rejectRequest, { requestId, reason: 'The requester may not' });
  });

  it('keep their input sealed, give the requester a copy of it, and are forgotten when the requester is erased', async () => {
    const { app, admin, member, sale, read } = world();
    const fourth = await member('Fourth', 'Accountant');
    const { id: requestId } = await fourth.execute(postEntry, sale('250000.00', 'Salary of Fourth'), { status: 202 });
    await app.settle();
    const stored = await app.projector.pool.query<{ data: string }>(
      `select data::text from store.events where stream = $1`,
      [requestStream(tenant, requestId)],
    );
    expect(stored.rows).toHaveLength(1);
    expect(stored.rows[0]!.data).not.toContain('Salary');
    const copy = JSON.stringify(await fourth.ask(readOwnData, {}));
    expect(copy).toContain('Salary of Fourth');
    await admin.execute(deactivateMember, { personId: fourth.personId, reason: 'Left' });
    await admin.execute(erasePerson, { personId: fourth.personId, reason: 'They asked for it' });
    await app.settle();
    expect(await read(admin, requestId)).toMatchObject({ status: 'pending', input: null, fields: [] });
    await admin.execute(approveRequest, { requestId }, { version: 1, status: 409 });
    await admin.execute(rejectRequest, { requestId, reason: 'They are erased' });
  });

  it('are asked for, approved and read over GraphQL', async () => {
    const { app, admin, books, sale, numberOf } = world();
    const post = `mutation($input: AccountingEntryPostInput!) { accountingEntryPost(input: $input) { id approvalRequest } }`;
    const { lines, ...rest } = sale('300000.00', 'By GraphQL');
    const input = { ...rest, lines };
    const { body: asked } = await books.graphql(post, { input });
    const requestId = asked.data.accountingEntryPost.approvalRequest;
    expect(requestId).toEqual(asked.data.accountingEntryPost.id);
    await app.settle();
    const list = `{ approvalsRequestList(input: { mine: approve }) { items { id operation yourPart } } }`;
    const { body: inbox } = await admin.graphql(list);
    expect(inbox.data.approvalsRequestList.items).toEqual([
      { id: requestId, operation: 'accounting.entry.post', yourPart: 'approve' },
    ]);
    const approve = `mutation($id: ID!) {
      approvalsRequestApprove(input: { requestId: $id }, expectedVersion: 1) { status version } }`;
    const { body: own } = await books.graphql(approve, { id: requestId });
    expect(own.errors[0].extensions.problem).toMatchObject({ code: 'approvals.approver-ineligible', status: 409 });
    const { body: given } = await admin.graphql(approve, { id: requestId });
    expect(given.data.approvalsRequestApprove).toEqual({ status: 'completed', version: 3 });
    expect(await numberOf('By GraphQL')).toBe(1);
  });
};
