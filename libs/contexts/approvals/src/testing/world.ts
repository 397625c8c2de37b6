import { addAccount, addJournal, createCompany, listEntries, postEntry } from '@daybook/accounting';
import type { InitialIdentity } from '@daybook/identity/set-up';
import { type CallOf, newId } from '@daybook/kernel';
import { startApp, TestClient, type TestRole, testTenants } from '@daybook/testing/app';
import { approveRequest, readApprovalRequest, removeRule, setRule } from '../index.js';

const tenant = testTenants.north;
export const plain = (text: string): string => text.replaceAll(/\s/g, ' ');
export type World = Awaited<ReturnType<typeof approvalsWorld>>;

/** One product with a company in which an Accountant posts, another Accountant and an Admin approve. */
export async function approvalsWorld() {
  const app = await startApp();
  const admin = await app.client('Admin');
  const books = await app.client('Accountant');
  const setUp = (people: InitialIdentity['people']) => app.api.identitySetUp.run({ tenants: [], people });

  /** Another member of the tenant, signed in. */
  async function member(name: string, role: TestRole): Promise<TestClient & { personId: string }> {
    const [email, password] = [`${name}@north.example`, `a long password of ${name}`];
    const { people } = await setUp([{ email, password, name, memberships: [{ tenant, role }] }]);
    await app.settle();
    const { body } = await app.anonymous.post('/v1/identity/session').send({ email, password, tenant }).expect(200);
    return Object.assign(new TestClient(app.app, body.accessToken, tenant), { personId: people[0]!.id });
  }
  const second = await member('Second', 'Accountant');
  const companyId = (await books.execute(createCompany, { name: 'Fjord AS', currency: 'NOK' })).id;
  await books.execute(addAccount, { companyId, number: '1920', name: 'Bank', class: 'asset' });
  await books.execute(addAccount, { companyId, number: '3000', name: 'Sales', class: 'income' });
  await books.execute(addJournal, { companyId, code: 'GL', name: 'General' });

  const large = newId();
  const rule = (more: Partial<CallOf<typeof setRule>> = {}): CallOf<typeof setRule> => ({
    ruleId: large,
    operation: postEntry.name,
    above: '100000',
    role: null,
    approvers: 1,
    approverRole: null,
    ...more,
  });
  const sale = (amount: string, description = 'Sale'): CallOf<typeof postEntry> => ({
    companyId,
    journal: 'GL',
    date: '2026-03-31',
    description,
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
    const { approvalRequest } = await books.execute(postEntry, sale(amount, text), { status: 202 });
    await app.settle();
    return approvalRequest!;
  };
  /** The record, its summary with plain spaces. */
  const read = async (client: TestClient, requestId: string) => {
    await app.settle();
    const record = await client.ask(readApprovalRequest, { requestId });
    return { ...record, summary: plain(record.summary) };
  };
  /** A rule is lifted, or weakened, by as many others as it asks for. */
  const withOthers = async (
    ask: (how: { status: number }) => Promise<{ approvalRequest?: string | null }>,
    others: readonly TestClient[],
  ) => {
    const requestId = String((await ask({ status: 202 })).approvalRequest);
    for (const [given, other] of others.entries()) {
      const { status } = await other.execute(approveRequest, { requestId }, { version: given + 1 });
      if (status === 'completed') return;
    }
    throw new Error('The rule is as it was.');
  };
  const lift = (ruleId: string, others: readonly TestClient[] = [second, books]) =>
    withOthers((how) => admin.execute(removeRule, { ruleId }, how), others);
  const weaken = (changed: CallOf<typeof setRule>) =>
    withOthers((how) => admin.execute(setRule, changed, how), [second, books]);
  return { lift, weaken, app, admin, books, second, companyId, large, member, rule, sale, numberOf, held, read, setUp };
}
