import { listEntries, postEntry } from '@daybook/accounting';
import { listEvents } from '@daybook/audit';
import { deactivateMember, erasePerson, giveGrant, listGrants, readOwnData, revokeGrant } from '@daybook/identity';
import { newId } from '@daybook/kernel';
import { testTenants } from '@daybook/testing/app';
import { approvalStream } from '../approval/standing.js';
import { approveCommand, readApproval, rejectCommand, setRule, withdrawCommand } from '../index.js';
import { plain, type World } from './world.js';

const tenant = testTenants.north;

/** Who approves, and what becomes of it. */
export const approvingCases = (world: () => World): void => {
  it('are carried out in the name of who asked, once somebody else has approved', async () => {
    const { app, admin, books, companyId, held, read } = world();
    const approvalId = await held('Approved');
    const shown = await read(admin, approvalId);
    expect(shown.input).toMatchObject({ description: 'Approved', lines: [{ amount: '250000.00' }, {}] });
    expect(shown.fields).toContainEqual({
      field: 'lines/0',
      label: 'Lines 1',
      value: 'account 1920, side debit, amount 250000.00',
    });
    await admin.execute(approveCommand, { approvalId }, { status: 428 });
    await admin.execute(approveCommand, { approvalId }, { version: 7, status: 412 });
    const answer = await admin.execute(approveCommand, { approvalId, comment: 'Seen the contract' }, { version: 1 });
    expect(answer).toMatchObject({ id: approvalId, version: 3, status: 'done' });
    await app.settle();
    const { items } = await books.ask(listEntries, { companyId, text: 'Approved' });
    const done = await read(admin, approvalId);
    expect(items).toMatchObject([{ id: done.result?.id, recordedBy: done.askedBy }]);
    expect(done).toMatchObject({ status: 'done', given: 1, yourPart: 'none', approvals: [{ comment: 'Seen the contract', void: false }] }); // prettier-ignore
    const { items: trail } = await admin.ask(listEvents, { recordId: approvalId });
    expect(trail.map(({ says }) => plain(says))).toEqual([
      'carried out what was approved: Entry of 250 000,00 on 31 March 2026',
      'approved Entry of 250 000,00 on 31 March 2026',
      'asked for approval: Entry of 250 000,00 on 31 March 2026',
    ]);
    await admin.execute(approveCommand, { approvalId }, { version: 3, status: 409 });
  });

  it('are not approved by who asked, nor seen in another tenant, nor approved by who may only read', async () => {
    const { app, admin, books, held, read } = world();
    const approvalId = await held('Own');
    await books.execute(approveCommand, { approvalId }, { version: 1, status: 409 });
    await books.execute(rejectCommand, { approvalId, reason: 'No' }, { status: 409 });
    const south = await app.client('Admin', 'south');
    await south.ask(readApproval, { approvalId }, { status: 404 });
    await south.execute(approveCommand, { approvalId }, { version: 1, status: 404 });
    const auditor = await app.client('Auditor');
    expect(await auditor.ask(readApproval, { approvalId })).toMatchObject({ yourPart: 'none' });
    await auditor.execute(approveCommand, { approvalId }, { version: 1, status: 403 });
    await admin.execute(withdrawCommand, { approvalId }, { status: 403 });
    await books.execute(withdrawCommand, { approvalId, reason: 'Posted twice' });
    expect(await read(books, approvalId)).toMatchObject({ status: 'withdrawn', reason: 'Posted twice' });
  });

  it('are rejected with a reason, and then go no further', async () => {
    const { admin, books, numberOf, held, read } = world();
    const approvalId = await held('Rejected');
    await admin.execute(rejectCommand, { approvalId, reason: 'No contract' }, { version: 1 });
    expect(await read(books, approvalId)).toMatchObject({
      status: 'rejected',
      reason: 'No contract',
      yourPart: 'none',
    });
    await admin.execute(approveCommand, { approvalId }, { version: 2, status: 409 });
    await books.execute(withdrawCommand, { approvalId }, { status: 409 });
    expect(await numberOf('Rejected')).toBe(0);
  });

  it('may be about a person, who does not approve for himself', async () => {
    const { app, admin, books, second, read } = world();
    const grants = newId();
    await admin.execute(setRule, { ruleId: grants, operation: giveGrant.name, approvers: 1 });
    const asked = await admin.execute(
      giveGrant,
      { holder: 'person', holderId: second.personId, role: 'Auditor' },
      { status: 202 },
    );
    const approvalId = asked.id;
    await admin.execute(approveCommand, { approvalId }, { version: 1, status: 409 });
    await second.execute(approveCommand, { approvalId }, { version: 1, status: 409 });
    expect(await read(second, approvalId)).toMatchObject({ yourPart: 'none', companyId: null });
    expect(await books.execute(approveCommand, { approvalId }, { version: 1 })).toMatchObject({ status: 'done' });
    await app.settle();
    const { items } = await admin.ask(listGrants, { holderId: second.personId });
    expect(items.map(({ role }) => role)).toEqual(expect.arrayContaining(['Accountant', 'Auditor']));
    await world().lift(grants);
  });

  it('are not approved when who asked has lost the right since', async () => {
    const { app, admin, member, sale } = world();
    const third = await member('Third', 'Accountant');
    const { id: approvalId } = await third.execute(postEntry, sale('250000.00', 'No longer'), { status: 202 });
    await app.settle();
    const { items } = await admin.ask(listGrants, { holderId: third.personId });
    await admin.execute(revokeGrant, { grantId: items[0]!.grantId, reason: 'Left the department' });
    const refused = await admin.execute(approveCommand, { approvalId }, { version: 1, status: 409 });
    expect(refused).toMatchObject({ code: 'approvals.initiator-may-not', details: { problem: 'platform.forbidden' } });
    await admin.execute(rejectCommand, { approvalId, reason: 'Who asked may not' });
  });

  it('keep what was asked for sealed, give a copy of it to who asked, and forget it with him', async () => {
    const { app, admin, member, sale, read } = world();
    const fourth = await member('Fourth', 'Accountant');
    const { id: approvalId } = await fourth.execute(postEntry, sale('250000.00', 'Salary of Fourth'), { status: 202 });
    await app.settle();
    const stored = await app.projector.pool.query<{ data: string }>(
      `select data::text from store.events where stream = $1`,
      [approvalStream(tenant, approvalId)],
    );
    expect(stored.rows).toHaveLength(1);
    expect(stored.rows[0]!.data).not.toContain('Salary');
    const copy = JSON.stringify(await fourth.ask(readOwnData, {}));
    expect(copy).toContain('Salary of Fourth');
    await admin.execute(deactivateMember, { personId: fourth.personId, reason: 'Left' });
    await admin.execute(erasePerson, { personId: fourth.personId, reason: 'He asked for it' });
    await app.settle();
    expect(await read(admin, approvalId)).toMatchObject({ status: 'waiting', input: null, fields: [] });
    await admin.execute(approveCommand, { approvalId }, { version: 1, status: 409 });
    await admin.execute(rejectCommand, { approvalId, reason: 'He is erased' });
  });

  it('are asked for, approved and read over GraphQL', async () => {
    const { app, admin, books, sale, numberOf } = world();
    const post = `mutation($input: AccountingEntryPostInput!) { accountingEntryPost(input: $input) { id approval } }`;
    const { lines, ...rest } = sale('300000.00', 'By GraphQL');
    const input = { ...rest, lines };
    const { body: asked } = await books.graphql(post, { input });
    const approvalId = asked.data.accountingEntryPost.approval;
    expect(approvalId).toEqual(asked.data.accountingEntryPost.id);
    await app.settle();
    const list = `{ approvalsCommandList(input: { mine: approve }) { items { id operation yourPart } } }`;
    const { body: inbox } = await admin.graphql(list);
    expect(inbox.data.approvalsCommandList.items).toEqual([
      { id: approvalId, operation: 'accounting.entry.post', yourPart: 'approve' },
    ]);
    const approve = `mutation($id: ID!) {
      approvalsCommandApprove(input: { approvalId: $id }, expectedVersion: 1) { status version } }`;
    const { body: own } = await books.graphql(approve, { id: approvalId });
    expect(own.errors[0].extensions.problem).toMatchObject({ code: 'approvals.own-command', status: 409 });
    const { body: given } = await admin.graphql(approve, { id: approvalId });
    expect(given.data.approvalsCommandApprove).toEqual({ status: 'done', version: 3 });
    expect(await numberOf('By GraphQL')).toBe(1);
  });
};
