import { accept, checkVersion, type EventsOf, reject } from '@daybook/kernel';
import type { tenantCommands } from './tenant.operations.js';
import type { tenantSteps } from './tenant.internal.js';
import { policySet, tenantCreated, type tenantOwnEvents, tenantRenamed } from './tenant.events.js';
import { type TenantFolds, type TenantRules, type TenantState } from './tenant.state.js';

/* The tenant itself and its policy. */
export const tenantRules: TenantRules<readonly [...typeof tenantSteps, ...typeof tenantCommands]> = {
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

export const tenantFolds: TenantFolds<EventsOf<typeof tenantOwnEvents>> = {
  'identity.tenant-created': (state, { tenantId, name }) => ({ ...state, tenant: { id: tenantId, name, version: 1 } }),
  'identity.tenant-renamed': (state, { name }) => ({ ...state, tenant: changed(state.tenant, { name }) }),
  'identity.policy-set': (state, { mfaRequired }) => ({
    ...state,
    tenant: changed(state.tenant, {}),
    policy: { mfaRequired },
  }),
};

const changed = (tenant: TenantState['tenant'], to: { name?: string }): TenantState['tenant'] =>
  tenant && { ...tenant, ...to, version: tenant.version + 1 };
