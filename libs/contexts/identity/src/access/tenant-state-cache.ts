import { publishedState, streamName } from '@daybook/kernel';
import type { AskedState, States } from '@daybook/server';
import { tenantDecider } from '../tenant/tenant.decider.js';
import type { TenantState } from '../tenant/tenant.state.js';
import { tenantEvents } from '../tenant/tenant.stream.js';

export const tenantStream = (tenant: string): string => streamName('identity.tenant', tenant, tenant);

/** The state that commands on rights are decided on: rights follow from the same fold. */
export const tenantState = publishedState<TenantState, typeof tenantEvents>('identity.tenant-state', {
  of: 'identity.tenant',
  events: tenantEvents,
  initial: tenantDecider.initial,
  evolve: (state, event, at) => tenantDecider.evolve(state, event, at),
});

/** The current state of tenants, in the cache that all contexts share (docs/adr/0014). */
export abstract class TenantStateCache implements States<TenantState> {
  abstract current(tenant: string): Promise<TenantState>;
  abstract asked(tenant: string): Promise<AskedState<TenantState>>;
  abstract cached(tenant: string): TenantState | null;
}
