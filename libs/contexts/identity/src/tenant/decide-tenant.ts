import { accept, checkVersion, type EventsOf, reject } from '@daybook/kernel';
import type { tenantCommands, tenantSteps } from './tenant.operations.js';
import { policySet, tenantCreated, type tenantOwnEvents, tenantRenamed } from './tenant.events.js';
import { type FoldsOf, type RulesOf, type TenantState, withKey } from './tenant.state.js';

/* The tenant itself and its policy; and how events older than grants are read. */
export const tenantRules: RulesOf<readonly [...typeof tenantSteps, ...typeof tenantCommands]> = {
  'identity.tenant.record': ({ name }, { tenant }, context) =>
    tenant
      ? reject('identity.tenant-exists', 'The tenant already exists.')
      : accept(context.tenant, 1, tenantCreated.of({ tenantId: context.tenant, name })),

  'identity.tenant.rename': ({ name }, { tenant }, context) =>
    checkVersion(context, tenant.version) ??
    (tenant.name === name
      ? reject('identity.tenant-name-unchanged', `The tenant is already called ${name}.`)
      : accept(tenant.id, tenant.version + 1, tenantRenamed.of({ tenantId: tenant.id, name }))),

  'identity.policy.set': ({ mfaRequired }, { tenant, policy }, context) =>
    checkVersion(context, tenant.version) ??
    (policy.mfaRequired === mfaRequired
      ? reject('identity.policy-unchanged', 'The policy already has this value.')
      : accept(tenant.id, tenant.version + 1, policySet.of({ tenantId: tenant.id, mfaRequired }))),
};

export const tenantFolds: FoldsOf<EventsOf<typeof tenantOwnEvents>> = {
  'identity.tenant-created': (state, { tenantId, name }) => ({ ...state, tenant: { id: tenantId, name, version: 1 } }),
  'identity.tenant-renamed': (state, { name }) => ({ ...state, tenant: changed(state.tenant, { name }) }),
  'identity.policy-set': (state, { mfaRequired }) => ({
    ...state,
    tenant: changed(state.tenant, {}),
    policy: { mfaRequired },
  }),
  'identity.membership-granted': withLegacyRole,
  'identity.role-changed': withLegacyRole,
};

const changed = (tenant: TenantState['tenant'], to: { name?: string }): TenantState['tenant'] =>
  tenant && { ...tenant, ...to, version: tenant.version + 1 };

/** A member with one role in the whole tenant, as a grant with the person's own id. */
function withLegacyRole(state: TenantState, { personId, role }: { personId: string; role: string }): TenantState {
  const version = (state.members.get(personId)?.version ?? 0) + 1;
  const everywhere = { companyId: null, party: null, until: null, mitigation: null };
  return {
    ...state,
    members: withKey(state.members, personId, { personId, status: 'active', version }),
    grants: withKey(state.grants, personId, {
      grantId: personId,
      holder: 'person',
      holderId: personId,
      role,
      ...everywhere,
    }),
  };
}
