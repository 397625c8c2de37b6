import type { CommandOperation } from '@daybook/kernel';
import { type Companies, decide, type DecideBinding } from '@daybook/server';
import { tenantStream } from '../access/tenant-state-cache.js';
import { reactivateMember } from '../member/member.operations.js';
import { addMember } from '../member/member.internal.js';
import { isErasedIn } from '../privacy/tenant-memberships.js';
import { guardedFields } from '../role/permission-tree.js';
import { deps } from '../injected.js';
import { tenantDecider } from './tenant.decider.js';
import { tenantEvents } from './tenant.stream.js';

/** Commands that add or reactivate a member. */
const addingMembers: ReadonlySet<string> = new Set([addMember.name, reactivateMember.name]);

export const companyExists = async (
  companies: Companies,
  tenant: string,
  input: { readonly companyId?: string | undefined } | object,
): Promise<boolean> =>
  !('companyId' in input) || input.companyId === undefined || companies.has(tenant, input.companyId);

/** Binds operations that are decided on the tenant's stream. */
export const decidedByTenant = (bound: readonly CommandOperation[]): DecideBinding =>
  decide({
    inject: deps('bindings', 'companies'),
    operations: bound,
    decider: tenantDecider,
    events: tenantEvents,
    stream: (_, caller) => tenantStream(caller.tenant),
    // A change of a record to its current values records nothing.
    mayChangeNothing: true,
    facts: {
      declared: { binding: (_, { bindings }) => bindings.declared },
      guarded: { binding: (_, { bindings }) => guardedFields(bindings.operations).map(({ field }) => field) },
      giver: {
        binding: ({ state, caller: { actor, onBehalfOf } }) => {
          const user = onBehalfOf ?? actor;
          const key = user.kind === 'api-key' ? state.keys.get(user.id) : undefined;
          if (key) return { holder: key.holder, id: key.holderId };
          return user.kind === 'person' ? { holder: 'person', id: user.id } : null;
        },
      },
      erased: {
        binding: async ({ command, input, caller, events }) =>
          addingMembers.has(command.name) &&
          'personId' in input &&
          (await isErasedIn({ events }, caller.tenant, input.personId)),
      },
      companyExists: {
        binding: ({ input, caller }, { companies }) => companyExists(companies, caller.tenant, input),
      },
    },
  });
