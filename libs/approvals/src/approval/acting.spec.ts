import type { Caller, RightsOf } from '@daybook/server';
import { actingIn, type Surroundings } from './acting.js';
import { approvalId, companyId, held } from './testing/given.js';
import { Memory, postSale, rightsOf, tenant } from './testing/memory.js';

/** Kari may do all she could; her key is kept to less. */
const rights: RightsOf = async (of, actor) =>
  actor.kind === 'key' ? { grants: [], conflicts: new Map() } : rightsOf(of, actor);
const around = {
  people: { rightsOf: rights },
  operation: () => postSale,
  rules: { of: async () => null },
} as unknown as Surroundings;

const changed = (by: Partial<Caller>) => {
  const memory = new Memory(() => ({ id: approvalId, version: 1, position: '1' }));
  memory.append(held());
  const input = { approvalId, input: { companyId, text: 'Another sale' } };
  const caller = { tenant, channel: 'rest', address: null, correlationId: 'now', reason: null, ...by } as Caller;
  return actingIn({ name: 'approvals.command.amend', input } as never, caller, memory.events, around);
};

describe('what waits for approval', () => {
  it('gets nothing from a key of whoever asked that the key could not ask for itself', async () => {
    const kari = { kind: 'person', id: 'kari' } as const;
    expect(await changed({ actor: kari })).toMatchObject({ changed: { companyId } });
    expect(await changed({ actor: { kind: 'key', id: 'k' }, onBehalfOf: kari })).toMatchObject({
      kind: 'rejection',
      code: 'platform.forbidden',
    });
  });
});
