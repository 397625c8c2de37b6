import { executionIdOf } from './load-request.js';
import { type CommandOperation, reject, type Rejection } from '@daybook/kernel';
import type { Caller, PerformContext } from '@daybook/server';
import type { Approvables } from './approvables.js';
import { changeBinding } from './change.js';

import { recordChange } from './request.internal.js';
import { requestId, companyId, submitted, ruleId } from './testing/given.js';
import { Memory, postSale, rightsOf, tenant } from './testing/memory.js';

const input = { companyId, description: 'Another sale' };
const answer = { id: requestId, version: 2, position: '8' };
const kari: Partial<Caller> = { actor: { kind: 'person', id: 'kari' }, authenticatedAt: new Date().toISOString() };

interface Told {
  readonly change?: Rejection | 'repeat' | null;
  readonly itself?: Rejection | null;
  readonly operation?: CommandOperation;
  readonly by?: Partial<Caller>;
}
/** Changes a held sale; `change` and `itself` are what rehearsing the one and the other tells. */
async function changed({ change = null, itself = null, operation = postSale, by = kari }: Told = {}) {
  const memory = new Memory(() => answer);
  memory.append(submitted({ expectedVersion: 3 }));
  const rehearsed: { operation: string; caller: Caller; commandId: string; expectedVersion: number | null }[] = [];
  const ran: string[] = [];
  const context = {
    events: memory.events,
    commandId: ruleId(60),
    expectedVersion: 1,
    caller: { tenant, channel: 'rest', address: null, correlationId: 'now', reason: null, ...by },
    rehearseAs: async (caller: Caller, asked: CommandOperation, _input: unknown, options: object) => {
      rehearsed.push({ operation: asked.name, caller, ...(options as { commandId: string; expectedVersion: number }) });
      return asked.name === recordChange.name ? change : itself;
    },
    executeAs: async (
      _caller: Caller,
      asked: CommandOperation,
      _input: unknown,
      { commandId }: { commandId: string },
    ) => {
      ran.push(`${asked.name} ${commandId}`);
      return answer;
    },
  } as unknown as PerformContext;
  const approvables = {
    people: { rightsOf },
    operation: () => operation,
    ruledAs: (name: string) => name,
  } as unknown as Approvables;
  const outcome = await changeBinding.handler({ requestId, input }, context, { approvables });
  return { outcome, rehearsed, ran };
}
const closed = reject('accounting.period-closed', 'March 2026 is closed.', {
  errors: [{ pointer: '/date', code: 'closed', message: 'March 2026 is closed.' }],
});

describe('a change of an approval request', () => {
  it('that the books would refuse is refused at once, and nothing is changed', async () => {
    const { outcome, ran } = await changed({ itself: closed });
    expect(outcome).toMatchObject({ code: 'accounting.period-closed', errors: [{ pointer: '/input/date' }] });
    expect(ran).toEqual([]);
  });

  it('is dry-run as it would be carried out: as the requester, with the version they pinned, under the id of its content', async () => {
    const { outcome, rehearsed, ran } = await changed();
    expect(outcome).toEqual(answer);
    expect(rehearsed).toMatchObject([
      { operation: recordChange.name, caller: { correlationId: 'now' }, expectedVersion: 1 },
      {
        operation: postSale.name,
        caller: { actor: { id: 'kari' }, companies: [companyId], correlationId: 'trace', reason: 'Year end' },
        commandId: executionIdOf({ commandId: ruleId(900), contentVersion: 2 }),
        expectedVersion: 3,
      },
    ]);
    expect(ran).toEqual([`${recordChange.name} ${rehearsed[0]?.commandId}`]);
  });

  it('that cannot be made is refused before the command itself is looked at', async () => {
    const { outcome, rehearsed } = await changed({ change: reject('approvals.not-initiator', 'Only the requester.') });
    expect(outcome).toMatchObject({ code: 'approvals.not-initiator' });
    expect(rehearsed).toHaveLength(1);
  });

  it('is answered as before when it is repeated, also when the books would refuse it now', async () => {
    expect(await changed({ change: 'repeat', itself: closed })).toMatchObject({
      outcome: answer,
      ran: [expect.any(String)],
    });
  });

  it('takes a recent sign-in where asking for it took one, and no key', async () => {
    const operation = { ...postSale, sensitive: true };
    expect((await changed({ operation })).outcome).toEqual(answer);
    const long = { ...kari, authenticatedAt: '2026-01-01T08:00:00Z' };
    const old = await changed({ operation, by: long });
    expect(old).toMatchObject({ outcome: { code: 'identity.confirmation-required' }, ran: [] });
    const key = { actor: { kind: 'api-key', id: 'k' }, onBehalfOf: { kind: 'person', id: 'kari' } } as const;
    expect((await changed({ operation, by: key })).outcome).toMatchObject({ code: 'identity.person-required' });
    expect((await changed({ by: key })).outcome).toEqual(answer);
  });
});
