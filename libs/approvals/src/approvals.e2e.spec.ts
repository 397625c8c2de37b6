import {
  addAccount,
  addJournal,
  createCompany,
  holdEntry,
  listEntries,
  postEntry,
  reverseEntry,
} from '@daybook/accounting';
import { listEvents } from '@daybook/audit';
import { deactivateMember, erasePerson, readOwnData, giveGrant, listGrants, revokeGrant } from '@daybook/identity';
import { setUpIdentity } from '@daybook/identity/set-up';
import { isRejection, newId, type CallOf } from '@daybook/kernel';
import { startApp, type TestApp, TestClient, type TestRole, testTenants } from '@daybook/suite/testing/app';
import { carryOutBinding, carryOutJobId } from './approval/carry-out.job.js';
import { approvalStream } from './approval/standing.js';
import { giveApproval } from './approval/steps.operations.js';
import {
  approveCommand,
  changeCommand,
  listApprovables,
  listApprovals,
  listRules,
  readApproval,
  rejectCommand,
  removeRule,
  setRule,
  withdrawCommand,
} from './index.js';

const tenant = testTenants.north;
const plain = (text: string): string => text.replaceAll(/\s/g, ' ');

describe('commands that wait for other persons', () => {
  let app: TestApp;
  let admin: TestClient;
  let books: TestClient;
  let second: TestClient & { personId: string };
  let companyId: string;
  const large = newId();

  /** Another member of the tenant, signed in. */
  async function member(name: string, role: TestRole): Promise<TestClient & { personId: string }> {
    const [email, password] = [`${name}@north.example`, `a long password of ${name}`];
    const { people } = await setUpIdentity(
      { pool: app.runtime.base.pool, secret: app.config.secret, execute: app.runtime.base.jobParts.execute },
      { tenants: [], people: [{ email, password, name, memberships: [{ tenant, role }] }] },
    );
    await app.settle();
    const { body } = await app.anonymous.post('/v1/identity/session').send({ email, password, tenant }).expect(200);
    return Object.assign(new TestClient(app.app, body.accessToken, tenant), { personId: people[0]!.id });
  }

  const sale = (amount: string, text = 'Sale'): CallOf<typeof postEntry> => ({
    companyId,
    journal: 'GL',
    date: '2026-03-31',
    text,
    lines: [
      { account: '1920', side: 'debit', amount },
      { account: '3000', side: 'credit', amount },
    ],
  });
  const numberOf = async (text: string): Promise<number> => {
    await app.settle();
    return (await books.ask(listEntries, { companyId, text })).items.length;
  };
  /** Asks for an entry that has to wait; answers its approval id. */
  const held = async (text: string, amount = '250000.00'): Promise<string> => {
    const { approval } = await books.execute(postEntry, sale(amount, text), { status: 202 });
    await app.settle();
    return approval!;
  };
  /** The record, its summary with plain spaces. */
  const read = async (client: TestClient, approvalId: string) => {
    await app.settle();
    const record = await client.ask(readApproval, { approvalId });
    return { ...record, summary: plain(record.summary) };
  };
  const rule = (more: Partial<CallOf<typeof setRule>> = {}): CallOf<typeof setRule> => ({
    ruleId: large,
    operation: postEntry.name,
    above: '100000',
    approvers: 1,
    ...more,
  });

  beforeAll(async () => {
    app = await startApp();
    admin = await app.client('Admin');
    books = await app.client('Accountant');
    second = await member('Second', 'Accountant');
    companyId = (await books.execute(createCompany, { name: 'Fjord AS', currency: 'NOK' })).id;
    await books.execute(addAccount, { companyId, number: '1920', name: 'Bank', class: 'asset' });
    await books.execute(addAccount, { companyId, number: '3000', name: 'Sales', class: 'income' });
    await books.execute(addJournal, { companyId, code: 'GL', name: 'General' });
  }, 90_000);
  afterAll(() => app.close());

  it('are named by a rule that an Admin sets', async () => {
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
    await books.execute(postEntry, sale('100000.00', 'At the limit'));
    expect(await numberOf('At the limit')).toBe(1);
  });

  it('wait above it, once for each request, and count for nothing', async () => {
    const input = sale('100000.01', 'Above');
    const first = await books.execute(postEntry, input, { key: 'above', status: 202 });
    expect(first).toMatchObject({ id: first.approval, version: 1 });
    expect(await books.execute(postEntry, input, { key: 'above', status: 202 })).toEqual(first);
    await books.execute(postEntry, sale('100000.02', 'Above'), { key: 'above', status: 422 });
    expect(await numberOf('Above')).toBe(0);
    const mine = await books.ask(listApprovals, { mine: 'asked', status: ['waiting'] });
    expect(mine.items).toMatchObject([{ id: first.id, amount: '100000.01', given: 0, needed: 1, yourPart: 'own' }]);
    expect((await admin.ask(listApprovals, { mine: 'approve' })).items).toMatchObject([
      { id: first.id, yourPart: 'approve' },
    ]);
    expect((await books.ask(listApprovals, { mine: 'approve' })).items).toEqual([]);
    await books.execute(withdrawCommand, { approvalId: first.id });
  });

  it('are carried out in the name of who asked, once somebody else has approved', async () => {
    const approvalId = await held('Approved');
    const shown = await read(admin, approvalId);
    expect(shown.input).toMatchObject({ text: 'Approved', lines: [{ amount: '250000.00' }, {}] });
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

  it('need every approval again after a change, which only who asked makes', async () => {
    await admin.execute(setRule, rule({ approvers: 2 }));
    const approvalId = await held('Changed');
    expect(await admin.execute(approveCommand, { approvalId }, { version: 1 })).toMatchObject({ status: 'waiting' });
    await admin.execute(approveCommand, { approvalId }, { version: 2, status: 409 });
    const input = { ...sale('90000.00', 'Changed twice') };
    await second.execute(changeCommand, { approvalId, input }, { status: 403 });
    await books.execute(changeCommand, { approvalId, input: { ...input, lines: [] } }, { status: 400 });
    await books.execute(changeCommand, { approvalId, input }, { version: 2 });
    const changed = await read(second, approvalId);
    expect(changed).toMatchObject({
      status: 'waiting',
      version: 3,
      given: 0,
      needed: 2,
      summary: 'Entry of 90 000,00 on 31 March 2026',
      approvals: [{ void: true }],
      yourPart: 'approve',
    });
    await second.execute(approveCommand, { approvalId }, { version: 2, status: 412 });
    expect(await second.execute(approveCommand, { approvalId }, { version: 3 })).toMatchObject({ status: 'waiting' });
    expect(await admin.execute(approveCommand, { approvalId }, { version: 4 })).toMatchObject({ status: 'done' });
    expect(await numberOf('Changed twice')).toBe(1);
  });

  it('wait for the role that a rule names', async () => {
    await admin.execute(setRule, rule({ approverRole: 'Accountant' }));
    const approvalId = await held('By an accountant');
    expect(await read(admin, approvalId)).toMatchObject({ yourPart: 'none', approverRoles: ['Accountant'] });
    await admin.execute(approveCommand, { approvalId }, { version: 1, status: 403 });
    expect((await second.ask(listApprovals, { mine: 'approve' })).items).toMatchObject([{ id: approvalId }]);
    const here = await member('Here', 'Auditor');
    expect((await here.ask(listApprovals, { mine: 'approve' })).items).toEqual([]);
    await admin.execute(giveGrant, { holder: 'person', holderId: here.personId, role: 'Accountant', companyId });
    expect((await here.ask(listApprovals, { mine: 'approve' })).items).toMatchObject([
      { id: approvalId, yourPart: 'approve' },
    ]);
    expect(await second.execute(approveCommand, { approvalId }, { version: 1 })).toMatchObject({ status: 'done' });
    await admin.execute(setRule, rule());
  });

  it('say why they were refused when they were carried out, and can be put right', async () => {
    const { id: entryId } = await books.execute(postEntry, sale('10.00', 'To reverse'));
    const reversals = newId();
    await admin.execute(setRule, { ruleId: reversals, operation: reverseEntry.name, approvers: 1 });
    const pinned = await books.execute(reverseEntry, { companyId, entryId }, { version: 1, status: 202 });
    await books.execute(holdEntry, { companyId, entryId, reason: 'Waiting' });
    const approvalId = pinned.id;
    expect(await admin.execute(approveCommand, { approvalId }, { version: 1 })).toMatchObject({ status: 'failed' });
    expect(await read(books, approvalId)).toMatchObject({
      status: 'failed',
      yourPart: 'own',
      problem: { code: 'platform.version-stale' },
    });
    await books.execute(withdrawCommand, { approvalId });

    const ask = async () => (await books.execute(reverseEntry, { companyId, entryId }, { status: 202 })).id;
    const [one, two] = [await ask(), await ask()];
    expect(await admin.execute(approveCommand, { approvalId: one }, { version: 1 })).toMatchObject({ status: 'done' });
    expect(await admin.execute(approveCommand, { approvalId: two }, { version: 1 })).toMatchObject({
      status: 'failed',
    });
    const { id: another } = await books.execute(postEntry, sale('11.00', 'To reverse instead'));
    const input = { companyId, entryId: another };
    await books.execute(changeCommand, { approvalId: two, input }, { version: 3 });
    expect(await admin.execute(approveCommand, { approvalId: two }, { version: 4 })).toMatchObject({
      status: 'done',
    });
    await admin.execute(removeRule, { ruleId: reversals });
  });

  it('do not wait when they would be refused anyway, or ran before there was a rule', async () => {
    const unbalanced = sale('200000.00');
    unbalanced.lines[0]!.amount = '200000.01';
    await books.execute(postEntry, unbalanced, { status: 409 });
    await admin.execute(setRule, rule({ above: '900000' }));
    const first = await books.execute(postEntry, sale('800000.00', 'Before the rule'), { key: 'before' });
    await admin.execute(setRule, rule());
    expect(await books.execute(postEntry, sale('800000.00', 'Before the rule'), { key: 'before' })).toEqual(first);
    expect(await numberOf('Before the rule')).toBe(1);
  });

  it('may be about a person, who does not approve for himself', async () => {
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
    await admin.execute(removeRule, { ruleId: grants });
  });

  it('are not approved when who asked has lost the right since', async () => {
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
    const fourth = await member('Fourth', 'Accountant');
    const { id: approvalId } = await fourth.execute(postEntry, sale('250000.00', 'Salary of Fourth'), { status: 202 });
    await app.settle();
    const stored = await app.base.pool.query<{ data: string }>(
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

  it('are carried out after a crash between approval and execution, by approving again', async () => {
    const approvalId = await held('Crashed');
    const { people } = { people: await approverWithoutEnd(approvalId) };
    expect(await read(admin, approvalId)).toMatchObject({ status: 'approved', yourPart: 'none' });
    expect(await numberOf('Crashed')).toBe(0);
    expect(people).toBe(2);
    expect(await admin.execute(approveCommand, { approvalId }, { version: 2 })).toMatchObject({ status: 'done' });
    expect(await numberOf('Crashed')).toBe(1);
  });

  it('are carried out after a crash by the job that stands behind the approval, once', async () => {
    const approvalId = await held('Crashed too');
    await approverWithoutEnd(approvalId);
    const { handler } = carryOutBinding(async () => null, { approvalMs: 0, requestMs: 0 });
    const work = handler(app.base.jobParts) as (run: object) => Promise<unknown>;
    const run = { tenant, input: { approvalId, version: 1 }, signal: new AbortController().signal };
    expect(await work(run)).toEqual({ approvalId, status: 'done' });
    expect(await work(run)).toEqual({ approvalId, status: 'done' });
    expect(await numberOf('Crashed too')).toBe(1);
  });

  it('leave a job that has nothing to do, when nothing crashed', async () => {
    const approvalId = await held('With a job');
    await admin.execute(approveCommand, { approvalId }, { version: 1 });
    const ended = await app.jobEnded(admin, carryOutJobId(approvalId, 1));
    expect(ended).toMatchObject({ state: 'done', result: { approvalId, status: 'done' } });
    expect(await numberOf('With a job')).toBe(1);
  });

  it('are asked for, approved and read over GraphQL', async () => {
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

  it('go on being answered as they were when the rule is gone', async () => {
    const input = sale('400000.00', 'Rule gone');
    const first = await books.execute(postEntry, input, { key: 'gone', status: 202 });
    await admin.execute(removeRule, { ruleId: large });
    expect(await books.execute(postEntry, input, { key: 'gone', status: 202 })).toEqual(first);
    await books.execute(postEntry, sale('500000.00', 'No rule'));
    expect(await admin.execute(approveCommand, { approvalId: first.id }, { version: 1 })).toMatchObject({
      status: 'done',
    });
    // The request's own id stands behind it, so even its repeat without the gate would be the same command.
    expect(await numberOf('Rule gone')).toBe(1);
  });

  /** The approval alone, as a process leaves it that dies right after; answers the record's version. */
  async function approverWithoutEnd(approvalId: string): Promise<number> {
    const { people } = await setUpIdentity(
      { pool: app.runtime.base.pool, secret: app.config.secret, execute: app.runtime.base.jobParts.execute },
      { tenants: [], people: [{ ...app.account('Admin'), memberships: [] }] },
    );
    const answer = await app.runtime.base.jobParts.executeAs(
      {
        tenant,
        actor: { kind: 'person', id: people[0]!.id },
        channel: 'rest',
        address: null,
        correlationId: newId(),
        reason: null,
      },
      giveApproval,
      { approvalId, comment: null },
      { commandId: newId(), expectedVersion: 1 },
    );
    if (isRejection(answer)) throw new Error(answer.message);
    return answer.version;
  }
});
