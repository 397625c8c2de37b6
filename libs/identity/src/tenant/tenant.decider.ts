import {
  accept,
  assertNever,
  checkVersion,
  type DecideContext,
  type Decider,
  type Decision,
  reject,
} from '@daybook/kernel';
import type { Role } from '../role.schema.js';
import { membershipGranted, roleChanged, tenantCreated, type TenantEvent } from './tenant.events.js';
import type { TenantCommand } from './tenant.operations.js';

/*
 * Invariants: a tenant is created once; a person has at most one membership in it; a tenant that had an Admin keeps one.
 */
interface Member {
  readonly role: Role;
  readonly version: number;
}
export type TenantState =
  { readonly status: 'absent' } | { readonly status: 'open'; readonly members: ReadonlyMap<string, Member> };

type OpenTenant = Extract<TenantState, { status: 'open' }>;

const noTenant = () =>
  reject('identity.tenant-missing', 'There is no such tenant yet. Create it first.', { status: 404 });

function change(
  command: Extract<TenantCommand, { name: 'identity.membership.change' }>,
  state: OpenTenant,
  context: DecideContext,
): Decision<TenantEvent> {
  const { personId, role } = command.input;
  const member = state.members.get(personId);
  if (!member) return reject('identity.member-missing', 'This person is not a member.', { status: 404 });
  const stale = checkVersion(context, member.version);
  if (stale) return stale;
  if (member.role === role) return reject('identity.role-same', `The role is ${role} already.`);
  const admins = [...state.members.values()].filter((m) => m.role === 'Admin').length;
  if (member.role === 'Admin' && admins === 1) {
    return reject('identity.last-admin', 'This is the last Admin. Make somebody else Admin first.');
  }
  const changed = roleChanged.of({ tenantId: context.tenant, personId, role, before: member.role });
  return accept(personId, member.version + 1, changed);
}

export const tenantDecider: Decider<TenantState, TenantCommand, TenantEvent> = {
  initial: { status: 'absent' },

  decide(command, state, context) {
    switch (command.name) {
      case 'identity.tenant.create':
        return state.status === 'absent'
          ? accept(context.tenant, 1, tenantCreated.of({ tenantId: context.tenant, name: command.input.name }))
          : reject('identity.tenant-exists', 'The tenant exists already.');
      case 'identity.membership.grant': {
        if (state.status === 'absent') return noTenant();
        const { personId, role } = command.input;
        return state.members.has(personId)
          ? reject('identity.member-exists', 'This person is a member already. Change the role instead.')
          : accept(personId, 1, membershipGranted.of({ tenantId: context.tenant, personId, role }));
      }
      case 'identity.membership.change':
        return state.status === 'absent' ? noTenant() : change(command, state, context);
      default:
        return assertNever(command);
    }
  },

  evolve(state, event) {
    switch (event.type) {
      case 'identity.tenant-created':
        return { status: 'open', members: new Map() };
      case 'identity.membership-granted':
      case 'identity.role-changed': {
        if (state.status === 'absent') return state;
        const { personId, role } = event.data;
        const version = (state.members.get(personId)?.version ?? 0) + 1;
        return { ...state, members: new Map(state.members).set(personId, { role, version }) };
      }
      default:
        return assertNever(event);
    }
  },
};
