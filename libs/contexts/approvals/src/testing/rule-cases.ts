import { createCompany, postEntry } from '@daybook/accounting';
import { defineRole, giveGrant, removeRole, revokeGrant } from '@daybook/identity';
import {
  approveRequest,
  listApprovables,
  listApprovalRequests,
  listRules,
  removeRule,
  setRule,
  withdrawRequest,
} from '../index.js';
import type { World } from './world.js';

/** What rules hold back, and whose approval it takes. */
export const ruleCases = (world: () => World): void => {
  it('are named by a rule that an Admin sets', async () => {
    const { app, admin, books, rule, large } = world();
    const { items } = await admin.ask(listApprovables, {});
    expect(items).toEqual(
      expect.arrayContaining([
        { operation: 'accounting.entry.post', title: 'Post an entry', hasAmount: true },
        { operation: 'accounting.entry.reverse', title: 'Reverse an entry', hasAmount: false },
      ]),
    );
    await admin.execute(setRule, rule({ operation: createCompany.name }), { status: 400 });
    await books.execute(setRule, rule(), { status: 403 });
    await admin.execute(setRule, rule());
    await app.settle();
    expect((await admin.ask(listRules, {})).items).toMatchObject([
      { id: large, operationTitle: 'Post an entry', above: '100000', approvers: 1, version: 1 },
    ]);
  });

  it('run at once up to the amount of the rule', async () => {
    const { books, sale, numberOf } = world();
    await books.execute(postEntry, sale('100000.00', 'At the limit'));
    expect(await numberOf('At the limit')).toBe(1);
  });

  it('wait above it, once for each request, and count for nothing', async () => {
    const { admin, books, sale, numberOf } = world();
    const input = sale('100000.01', 'Above');
    const first = await books.execute(postEntry, input, { key: 'above', status: 202 });
    expect(first).toMatchObject({ id: first.approvalRequest, version: 1 });
    expect(await books.execute(postEntry, input, { key: 'above', status: 202 })).toEqual(first);
    await books.execute(postEntry, sale('100000.02', 'Above'), { key: 'above', status: 422 });
    expect(await numberOf('Above')).toBe(0);
    const mine = await books.ask(listApprovalRequests, { mine: 'requested', status: ['pending'] });
    expect(mine.items).toMatchObject([{ id: first.id, amount: '100000.01', given: 0, needed: 1, yourPart: 'own' }]);
    expect((await admin.ask(listApprovalRequests, { mine: 'approve' })).items).toMatchObject([
      { id: first.id, yourPart: 'approve' },
    ]);
    expect((await books.ask(listApprovalRequests, { mine: 'approve' })).items).toEqual([]);
    await books.execute(withdrawRequest, { requestId: first.id });
  });

  it('wait for the role that a rule names', async () => {
    const { admin, second, companyId, member, held, read, rule } = world();
    await admin.execute(setRule, rule({ approverRole: 'Accountant' }));
    const requestId = await held('By an accountant');
    expect(await read(admin, requestId)).toMatchObject({ yourPart: 'none', approverRoles: ['Accountant'] });
    await admin.execute(approveRequest, { requestId }, { version: 1, status: 403 });
    expect((await second.ask(listApprovalRequests, { mine: 'approve' })).items).toMatchObject([{ id: requestId }]);
    const here = await member('Here', 'Auditor');
    expect((await here.ask(listApprovalRequests, { mine: 'approve' })).items).toEqual([]);
    await admin.execute(giveGrant, { holder: 'person', holderId: here.personId, role: 'Accountant', companyId });
    expect((await here.ask(listApprovalRequests, { mine: 'approve' })).items).toMatchObject([
      { id: requestId, yourPart: 'approve' },
    ]);
    expect(await second.execute(approveRequest, { requestId }, { version: 1 })).toMatchObject({ status: 'completed' });
    await world().weaken(rule());
  });

  it('hold who would lift or weaken them, however small the act that they name', async () => {
    const { admin, app, second, rule, large } = world();
    const lifts = [
      () => admin.execute(removeRule, { ruleId: large }, { status: 202 }),
      () => admin.execute(setRule, { ruleId: large, above: '999999999' }, { status: 202 }),
      () => admin.execute(setRule, { ruleId: large, role: 'Auditor' }, { status: 202 }),
      () => admin.execute(setRule, { ruleId: large, operation: giveGrant.name, above: null }, { status: 202 }),
    ];
    for (const lift of lifts) {
      const requestId = String((await lift()).approvalRequest);
      await admin.execute(approveRequest, { requestId }, { version: 1, status: 409 });
      await admin.execute(withdrawRequest, { requestId });
    }
    // What makes a rule stricter waits for nobody, and neither does a new one.
    await admin.execute(setRule, { ruleId: large, above: '50000' });
    const { approvalRequest } = await admin.execute(setRule, rule(), { status: 202 });
    expect(await second.execute(approveRequest, { requestId: String(approvalRequest) }, { version: 1 })).toMatchObject({ status: 'completed' }); // prettier-ignore
    await app.settle();
    expect((await admin.ask(listRules, {})).items).toMatchObject([{ id: large, above: '100000' }]);
  });

  it('do not wait when they would be refused anyway, or ran before there was a rule', async () => {
    const { admin, books, sale, numberOf, rule } = world();
    const unbalanced = sale('200000.00');
    unbalanced.lines[0]!.amount = '200000.01';
    await books.execute(postEntry, unbalanced, { status: 409 });
    await world().weaken(rule({ above: '900000' }));
    const first = await books.execute(postEntry, sale('800000.00', 'Before the rule'), { key: 'before' });
    await admin.execute(setRule, rule());
    expect(await books.execute(postEntry, sale('800000.00', 'Before the rule'), { key: 'before' })).toEqual(first);
    expect(await numberOf('Before the rule')).toBe(1);
  });

  it('that names a role nobody defined is refused, with the field', async () => {
    const { admin, rule } = world();
    const refused = await admin.execute(setRule, rule({ approverRole: 'Controller' }), { status: 400 });
    expect(refused).toMatchObject({ code: 'approvals.role-not-found', errors: [{ pointer: '/approverRole' }] });
  });

  it('that nobody can meet are seen: in the list of rules, on the command that waits, and among those that are stuck', async () => {
    const { admin, books, second, rule, held, read } = world();
    const ruleStatus = async () => (await admin.ask(listRules, {})).items[0];
    const { id: role } = await admin.execute(defineRole, { name: 'Controller', permissions: [] });
    await admin.execute(setRule, rule({ approverRole: role }));
    const requestId = await held('For a controller');
    expect(await ruleStatus()).toMatchObject({
      status: 'too-few-approvers',
      canApprove: 0,
      approverRoleName: 'Controller',
    });
    const waiting = await read(books, requestId);
    expect(waiting).toMatchObject({ stuck: true, stuckReason: expect.stringContaining('has the role Controller') });
    const refused = await admin.execute(approveRequest, { requestId }, { version: 1, status: 403 });
    expect(refused).toMatchObject({ detail: expect.stringContaining('with the role Controller') });

    const { id: grantId } = await admin.execute(giveGrant, { holder: 'person', holderId: second.personId, role });
    expect(await read(books, requestId)).toMatchObject({ stuck: false, stuckReason: null });
    expect(await ruleStatus()).toMatchObject({ status: 'ok', canApprove: 1 });
    expect((await admin.ask(listApprovalRequests, { stuck: 'yes' })).items).toEqual([]);

    await admin.execute(revokeGrant, { grantId, reason: 'Another duty' });
    await admin.execute(removeRole, { roleId: role });
    expect(await ruleStatus()).toMatchObject({ status: 'role-removed', approverRoleName: null });
    expect((await admin.ask(listApprovalRequests, { stuck: 'yes' })).items).toMatchObject([
      { id: requestId, stuck: true },
    ]);
    expect(await read(admin, requestId)).toMatchObject({ stuckReason: expect.stringContaining('was removed') });
    await books.execute(withdrawRequest, { requestId });
    expect(await read(admin, requestId)).toMatchObject({ stuck: false });
    await admin.execute(setRule, rule());
  });
};
