import { type CommandResult, reject, type Rejection } from '@daybook/kernel';
import { executeApproved } from './execution.js';
import { executionIdOf } from './load-request.js';
import { completeRequest, failRequest } from './request.internal.js';
import { requestId, approved, changed, companyId, submitted, ruleId } from './testing/given.js';
import { Memory, postSale, rightsOf, tenant } from './testing/memory.js';

const result = { id: ruleId(7), version: 1, position: '41' };
const closed = reject('accounting.period-closed', 'March 2026 is closed.');
const busy = reject('platform.busy', 'Try again.', { status: 503 });

function given(run: () => CommandResult | Rejection, known?: []) {
  const memory = new Memory(run, known);
  return {
    memory,
    events: (...events: Parameters<Memory['append']>[0][]) => {
      for (const event of events) memory.append(event);
      return executeApproved(tenant, requestId, memory, rightsOf);
    },
    again: () => executeApproved(tenant, requestId, memory, rightsOf),
  };
}

describe('an approved request', () => {
  it('is carried out as the requester submitted it, with the rights and duties they have now', async () => {
    const { memory, events } = given(() => result);
    const { state } = await events(submitted({ expectedVersion: 3 }), approved());
    expect(state).toMatchObject({ status: 'completed', version: 3 });
    const [first, second] = memory.ran;
    expect(first).toMatchObject({
      operation: postSale.name,
      commandId: ruleId(900),
      expectedVersion: 3,
      caller: {
        tenant,
        actor: { kind: 'person', id: 'kari' },
        companies: [companyId],
        incompatible: new Map([[postSale.name, ['accounting.entry.hold']]]),
        channel: 'console',
        address: '127.0.0.1',
        correlationId: 'trace',
        reason: 'Year end',
      },
    });
    expect(second).toMatchObject({ operation: completeRequest.name, caller: { actor: { kind: 'system' } } });
  });

  it('is left alone in every other status, and carried out once', async () => {
    const { memory, events, again } = given(() => result);
    expect((await events(submitted())).state.status).toBe('pending');
    expect(memory.ran).toEqual([]);
    await events(approved());
    expect((await again()).state).toMatchObject({ status: 'completed', version: 3 });
    expect(memory.ran).toHaveLength(2);
  });

  it('goes on after a crash before its outcome was recorded, under the same ids', async () => {
    const { memory, events } = given(() => result);
    await events(submitted(), approved());
    const before = memory.ran.map(({ commandId }) => commandId);
    memory.all.pop();
    memory.ran.length = 0;
    expect((await executeApproved(tenant, requestId, memory, rightsOf)).state.status).toBe('completed');
    expect(memory.ran.map(({ commandId }) => commandId)).toEqual(before);
  });

  it('has failed when the domain refuses it', async () => {
    const { memory, events } = given(() => closed);
    expect((await events(submitted(), approved())).state.status).toBe('failed');
    expect(memory.all.at(-1)?.data).toMatchObject({ problem: { code: closed.code, message: closed.message } });
  });

  it('fails without effect when the requester lost the right between the last approval and its repetition', async () => {
    for (const lost of [async () => null, async () => ({ grants: [], incompatible: new Map<string, string[]>() })]) {
      const memory = new Memory(() => result);
      for (const event of [submitted(), approved()]) memory.append(event);
      expect((await executeApproved(tenant, requestId, memory, lost)).state.status).toBe('failed');
      expect(memory.ran.map(({ operation }) => operation)).toEqual([failRequest.name]);
      expect(memory.all.at(-1)?.data).toMatchObject({ problem: { code: 'approvals.initiator-not-permitted' } });
    }
  });

  it('stays approved while something stands in its way only for now', async () => {
    const { memory, events, again } = given(() => (memory.ran.length > 1 ? result : busy));
    expect((await events(submitted(), approved())).state.status).toBe('approved');
    expect((await again()).state.status).toBe('completed');
  });

  it('has failed when nobody can read any more what was asked for, or nothing knows how to do it', async () => {
    const erased = given(() => result);
    expect((await erased.events(submitted({ input: null }), approved())).state.status).toBe('failed');
    expect(erased.memory.all.at(-1)?.data).toMatchObject({ problem: { code: 'approvals.content-erased' } });
    const gone = given(() => result, []);
    expect((await gone.events(submitted(), approved())).state.status).toBe('failed');
    expect(gone.memory.all.at(-1)?.data).toMatchObject({ problem: { code: 'approvals.operation-not-found' } });
  });

  it('is another command once it was changed', async () => {
    const { memory, events } = given(() => result);
    await events(submitted(), changed(), approved('ola', true, 2));
    const [first] = memory.ran;
    expect(first?.commandId).toBe(executionIdOf({ commandId: ruleId(900), contentVersion: 2 }));
    expect(first?.commandId).not.toBe(ruleId(900));
  });
});
