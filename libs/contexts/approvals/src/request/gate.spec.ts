import { type CommandResult, reject, type Rejection } from '@daybook/kernel';
import { type Caller, neverProven, type PerformContext } from '@daybook/server';
import { statesOver } from '@daybook/server/testing/states';
import { ruleSet } from '../rule/rule.events.js';
import { rulesInForce, rulesStream } from '../rule/rules-in-force.js';
import { RuleApprovalGate } from './gate.js';
import { requestIdOf, requestStream } from './load-request.js';
import { submitRequest } from './request.internal.js';
import { companyId, submitted, ruleId } from './testing/given.js';
import { Memory, postSale, tenant } from './testing/memory.js';

const commandId = ruleId(900);
const requestId = requestIdOf(commandId);
const input = { companyId, description: 'Sale' };
const rule = ruleSet.of({ ruleId: ruleId(1), operation: postSale.name, above: null, role: null, approvers: 2, approverRole: null }); // prettier-ignore

const kari: Partial<Caller> = { actor: { kind: 'person', id: 'kari' }, authenticatedAt: '2026-04-01T08:00:00Z' };

function given(rehearsed: Rejection | 'repeat' | null = null, by: Partial<Caller> = kari) {
  const memory = new Memory(() => ({ id: requestId, version: 1, position: '1' }));
  const holds: { operation: string; input: unknown }[] = [];
  const context = {
    events: memory.events,
    revisionOf: () => null,
    commandId,
    caller: { tenant, ...by },
    execute: async ({ name }: { name: string }, asked: unknown): Promise<CommandResult> => {
      holds.push({ operation: name, input: asked });
      return { id: requestId, version: 1, position: '7' };
    },
  } as unknown as PerformContext;
  const gate = new RuleApprovalGate(
    statesOver(memory.events).of(rulesInForce),
    {
      custodiansOf: async (_, ids) => ids.map((id) => `issuer of ${id}`),
      rightsOf: async () => null,
      holdersOf: async () => [],
    },
    () => null,
  );
  const ask = (of: Record<string, unknown> = input) =>
    gate.ask(
      {
        operation: postSale,
        ruledAs: postSale.name,
        input: of,
        expectedVersion: 4,
        roles: [],
        rehearse: async () => rehearsed,
      },
      context,
    );
  return { memory, holds, ask };
}

describe('the gate', () => {
  it('lets everything pass while there is no rule', async () => {
    expect(await given().ask()).toBeNull();
  });

  it('holds what a rule names, from the next command on', async () => {
    const { memory, holds, ask } = given();
    expect(await ask()).toBeNull();
    memory.append(rule, rulesStream(tenant));
    expect(await ask()).toEqual({ id: requestId, version: 1, position: '7', approvalRequest: requestId });
    expect(holds).toMatchObject([
      {
        operation: submitRequest.name,
        input: { requestId, commandId, input, companyId, expectedVersion: 4, requirements: [{ approvers: 2 }] },
      },
    ]);
  });

  it('holds nothing for people who signed in through SSO alone, and says how to confirm', async () => {
    const { memory, holds, ask } = given(null, { ...kari, authenticatedAt: neverProven });
    expect(await ask()).toBeNull();
    memory.append(rule, rulesStream(tenant));
    expect(await ask()).toMatchObject({
      code: 'identity.confirmation-required',
      status: 403,
      message: expect.stringContaining('your own password, passkey or authenticator app'),
    });
    expect(holds).toEqual([]);
  });

  it('records the custodians of the requesting API key', async () => {
    const { memory, holds, ask } = given(null, { actor: { kind: 'api-key', id: 'feed' }, authenticatedAt: null });
    memory.append(rule, rulesStream(tenant));
    await ask();
    expect(holds).toMatchObject([{ input: { custodians: ['issuer of feed'] } }]);
  });

  it('answers a repeat as before, and refuses its key for something else', async () => {
    const { memory, holds, ask } = given();
    memory.append(rule, rulesStream(tenant));
    memory.append(submitted({ requestId, input }), requestStream(tenant, requestId));
    expect(await ask()).toEqual({ id: requestId, version: 1, position: '2', approvalRequest: requestId });
    expect(await ask({ ...input, description: 'Other' })).toMatchObject({
      code: 'platform.idempotency-key-reused',
      status: 422,
    });
    expect(holds).toEqual([]);
  });

  it('says at once what is refused anyway, and lets a command pass that ran before', async () => {
    const closed = reject('accounting.period-closed', 'March 2026 is closed.');
    for (const [rehearsed, answer] of [
      [closed, closed],
      ['repeat', null],
    ] as const) {
      const { memory, holds, ask } = given(rehearsed);
      memory.append(rule, rulesStream(tenant));
      expect(await ask()).toEqual(answer);
      expect(holds).toEqual([]);
    }
  });
});
