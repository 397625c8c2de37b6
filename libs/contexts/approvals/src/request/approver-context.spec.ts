import { type CommandOperation, guarded } from '@daybook/kernel';
import type { Caller, RightsOf } from '@daybook/server';
import * as z from 'zod';
import { approverContextOf } from './approver-context.js';
import type { Approvables } from './approvables.js';
import { loadRequest } from './load-request.js';
import { recordChange } from './request.internal.js';
import { requestId, companyId, submitted } from './testing/given.js';
import { Memory, postSale, rightsOf, tenant } from './testing/memory.js';

const told = (operation: CommandOperation, rights: RightsOf = rightsOf, ruled: string | null = null): Approvables =>
  ({
    people: {
      rightsOf: rights,
      custodiansOf: async () => [],
      rolesIn: async () => new Map(),
      holdersOf: async () => [],
    },
    rules: { current: async () => null },
    operation: () => operation,
    subjectOf: () => null,
    ruledAs: (name: string) => ruled ?? name,
  }) as unknown as Approvables;
const caller = { tenant, actor: { kind: 'person', id: 'kari' } } as Caller;
async function changed(input: object, approvables: Approvables, by: Caller = caller) {
  const memory = new Memory(() => ({ id: requestId, version: 2, position: '2' }));
  memory.append(submitted({ initiator: by.actor, onBehalfOf: by.onBehalfOf ?? null }));
  const { state } = await loadRequest(memory.events, tenant, requestId);
  return approverContextOf(
    { name: recordChange.name, input: { requestId, input: { ...input } } },
    by,
    { state, events: memory.events, read: () => Promise.reject(new Error('No record of the kit')) },
    approvables,
  );
}

describe('the new content of an approval request', () => {
  it('is checked like a request, and what is wrong is named where it stands in the change', async () => {
    expect(await changed({ companyId, description: null }, told(postSale))).toMatchObject({
      code: 'platform.invalid-input',
      errors: [{ pointer: '/input/description' }],
    });
    expect(await changed({ companyId, description: 'Sale' }, told(postSale))).toMatchObject({ changed: { companyId } });
  });

  it('is refused where the requester is not permitted to do it', async () => {
    const elsewhere = '0199f3a0-0000-7000-8000-0000000000c9';
    expect(await changed({ companyId: elsewhere, description: 'Sale' }, told(postSale))).toMatchObject({
      code: 'platform.company-not-found',
    });
  });

  it('may set a field that is hidden from the requester, because writing reveals nothing', async () => {
    const description = guarded(z.string(), 'accounting.entry.description', 'Descriptions of entries');
    const operation = { ...postSale, input: z.object({ companyId: z.string(), description: description.optional() }) };
    const blind: RightsOf = async (...of) => {
      const rights = await rightsOf(...of);
      return rights && { ...rights, grants: rights.grants.map((one) => ({ ...one, fields: { 'accounting.entry.description': 'hide' } })) }; // prettier-ignore
    };
    const around = told(operation, blind);
    expect(await changed({ companyId, description: 'Sale' }, around)).toMatchObject({ changed: { companyId } });
  });

  it('is refused for a step, which the command it is one of has checked', async () => {
    const step = told(postSale, rightsOf, 'identity.api-key.issue');
    expect(await changed({ companyId, description: 'Sale' }, step)).toMatchObject({ code: 'approvals.not-changeable' });
  });

  it('is refused when the requester changes it with a key that could not submit it itself', async () => {
    const lessByKey: RightsOf = async (of, actor) =>
      actor.kind === 'api-key' ? { grants: [], incompatible: new Map() } : rightsOf(of, actor);
    const key = { tenant, actor: { kind: 'api-key', id: 'k' }, onBehalfOf: { kind: 'person', id: 'kari' } } as Caller;
    expect(await changed({ companyId, description: 'Sale' }, told(postSale, lessByKey), key)).toMatchObject({
      code: 'platform.forbidden',
    });
  });

  it('is refused to a delegate for a command that is closed to delegated access', async () => {
    const delegate = {
      tenant,
      actor: { kind: 'person', id: 'd' },
      onBehalfOf: { kind: 'person', id: 'kari' },
    } as Caller;
    const content = { companyId, description: 'Sale' };
    expect(await changed(content, told({ ...postSale, delegated: false }), delegate)).toMatchObject({
      code: 'platform.closed-to-delegated-access',
    });
    expect(await changed(content, told({ ...postSale, delegated: true }), delegate)).toMatchObject({
      changed: { companyId },
    });
  });
});
