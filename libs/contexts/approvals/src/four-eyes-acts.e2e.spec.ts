import { postEntry, releaseEntry } from '@daybook/accounting';
import {
  changeRole,
  createService,
  defineRole,
  giveGrant,
  issueOwnApiKey,
  listDelegatedAccess,
  listRoles,
  allowDelegatedAccess,
  setPolicy,
} from '@daybook/identity';
import { type CommandOperation, newId } from '@daybook/kernel';
import { type TestClient } from '@daybook/testing/app';
import { approveRequest, readApprovalRequest, removeRule, setRule, withdrawRequest } from './index.js';
import { anyWidening } from './rule/rule.events.js';
import { approvalsWorld, type World } from './testing/world.js';

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

/* One person who tries to be two. */
describe('an Admin who tries to bypass the second person', () => {
  let world: World;
  let secondAdmin: TestClient & { personId: string };
  beforeAll(async () => {
    world = await approvalsWorld();
    secondAdmin = await world.member('Second-Admin', 'Admin');
    await world.admin.execute(setRule, world.rule());
    await world.app.settle();
  }, 90_000);
  afterAll(() => world.app.close());

  /** A rule for one operation, as long as the work lasts; a person stands behind each approval that it asks for. */
  async function ruled<T>(operation: CommandOperation, work: () => Promise<T>): Promise<T> {
    const ruleId = newId();
    await world.admin.execute(setRule, { ruleId, operation: operation.name, approvers: 1 });
    try {
      return await work();
    } finally {
      await world.lift(ruleId, [secondAdmin]);
    }
  }

  describe('by another act than giving a role', () => {
    it('cannot change a role in use alone where changing roles needs approval', async () => {
      const { admin, second, app, read } = world;
      const fields = { description: '', fields: [] };
      const { id: roleId } = await admin.execute(defineRole, { name: 'Clerk', permissions: ['audit.event.read'], ...fields }); // prettier-ignore
      await admin.execute(giveGrant, { holderId: second.personId, role: roleId });
      await ruled(changeRole, async () => {
        const wider = { roleId, name: 'Clerk', permissions: ['audit.event.read', 'identity.member.read'], ...fields };
        const { approvalRequest } = await admin.execute(changeRole, wider, { status: 202 });
        const requestId = String(approvalRequest);
        await app.settle();
        expect((await admin.ask(listRoles, {})).items.find((one) => one.roleId === roleId)).toMatchObject({ version: 1 }); // prettier-ignore
        await admin.execute(approveRequest, { requestId }, { version: 1, status: 409 });
        await secondAdmin.execute(approveRequest, { requestId }, { version: 1 });
        expect(await read(admin, requestId)).toMatchObject({ status: 'completed' });
      });
    });

    it('needs approval for every command that widens rights where one rule names them all, and to remove that rule', async () => {
      const { admin } = world;
      const ruleId = newId();
      await admin.execute(setRule, { ruleId, operation: anyWidening, approvers: 1 });
      const role = { name: 'Wide', description: '', permissions: ['audit.event.read'], fields: [] };
      await admin.execute(defineRole, role, { status: 202 });
      await admin.execute(createService, { name: 'Waits, too' }, { status: 202 });
      await admin.execute(
        issueOwnApiKey,
        { name: 'Waits', scopes: ['accounting.*.read'], until: inDays(1) },
        { status: 202 },
      );
      const { approvalRequest } = await admin.execute(removeRule, { ruleId }, { status: 202 });
      const requestId = String(approvalRequest);
      await admin.execute(approveRequest, { requestId }, { version: 1, status: 409 });
      expect(await secondAdmin.execute(approveRequest, { requestId }, { version: 1 })).toMatchObject({
        status: 'completed',
      });
      await admin.execute(defineRole, role);
    });

    it('cannot remove or weaken a rule for a single operation alone', async () => {
      const { admin, large } = world;
      const { approvalRequest: lifted } = await admin.execute(removeRule, { ruleId: large }, { status: 202 });
      const { approvalRequest: raised } = await admin.execute(
        setRule,
        { ruleId: large, above: '999999999' },
        { status: 202 },
      );
      for (const approvalRequest of [lifted, raised]) {
        await admin.execute(approveRequest, { requestId: String(approvalRequest) }, { version: 1, status: 409 });
        await admin.execute(withdrawRequest, { requestId: String(approvalRequest) });
      }
    });

    it('cannot remove or set a rule alone where that needs approval', async () => {
      const { admin, large, rule } = world;
      const [removal, setting] = [newId(), newId()];
      await admin.execute(setRule, { ruleId: setting, operation: setRule.name, approvers: 1 });
      const { approvalRequest: first } = await admin.execute(setRule, { ruleId: removal, operation: removeRule.name, approvers: 1 }, { status: 202 }); // prettier-ignore
      await secondAdmin.execute(approveRequest, { requestId: String(first) }, { version: 1 });
      const { approvalRequest } = await admin.execute(removeRule, { ruleId: large }, { status: 202 });
      await admin.execute(approveRequest, { requestId: String(approvalRequest) }, { version: 1, status: 409 });
      await admin.execute(setRule, rule({ above: '999999999' }), { status: 202 });
      await world.lift(removal, [secondAdmin]);
      await world.lift(setting, [secondAdmin]);
    });

    it('cannot allow delegated access alone where that needs approval, and keeps the address out of the log', async () => {
      const { admin, app } = world;
      const email = app.account('Auditor', 'south').email;
      await ruled(allowDelegatedAccess, async () => {
        const { approvalRequest, id } = await admin.execute(
          allowDelegatedAccess,
          { email, hours: 2, reason: 'Look' },
          { status: 202 },
        );
        await app.settle();
        const helper = await app.client('Auditor', 'south');
        expect((await helper.ask(listDelegatedAccess, {})).items).toEqual([]);
        expect(id).toBe(approvalRequest);
        const shown = await secondAdmin.ask(readApprovalRequest, { requestId: String(approvalRequest) });
        expect(JSON.stringify(shown.input)).not.toContain(email);
        await secondAdmin.execute(approveRequest, { requestId: String(approvalRequest) }, { version: 1 });
        await app.settle();
        expect((await helper.ask(listDelegatedAccess, {})).items).toMatchObject([
          { direction: 'received', status: 'open' },
        ]);
      });
    });

    it('cannot get delegated access approved by the delegate it is for', async () => {
      const { admin } = world;
      await ruled(allowDelegatedAccess, async () => {
        const wanted = { email: 'Second-Admin@north.example', hours: 2, reason: 'Look' };
        const { approvalRequest } = await admin.execute(allowDelegatedAccess, wanted, { status: 202 });
        const requestId = String(approvalRequest);
        const refused = await secondAdmin.execute(approveRequest, { requestId }, { version: 1, status: 409 });
        expect(refused).toMatchObject({
          code: 'approvals.approver-ineligible',
          detail: expect.stringContaining('yourself'),
        });
      });
    });

    it('cannot loosen a policy or release an entry alone where that needs approval', async () => {
      const { admin, books, companyId, sale } = world;
      await ruled(setPolicy, async () => {
        await admin.execute(setPolicy, { mfaRequired: true }, { status: 202 });
      });
      const { id: entryId } = await books.execute(postEntry, sale('10.00', 'Held'));
      await books.post(`/v1/accounting/companies/${companyId}/entries/${entryId}/hold`, { reason: 'Ask' }).expect(200);
      await ruled(releaseEntry, async () => {
        await books.execute(releaseEntry, { companyId, entryId }, { status: 202 });
      });
    });
  });
});
