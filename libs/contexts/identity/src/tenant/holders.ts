import { reject, type Rejection } from '@daybook/kernel';
import { serviceIsDeactivated, serviceNotFound } from './decide-service.js';
import { type Grant, notFound, type TenantState } from './tenant.state.js';

/** Why somebody cannot hold a grant; null if they can. */
export function holderRejection({ holder, holderId }: Grant, state: TenantState): Rejection | null {
  if (holder === 'service') {
    const service = state.services.get(holderId);
    if (!service) return serviceNotFound();
    return service.active ? null : serviceIsDeactivated(service);
  }
  const member = state.members.get(holderId);
  if (!member) return notFound('member', 'identity.member-not-found');
  return member.status === 'active'
    ? null
    : reject('identity.member-deactivated', 'This member is deactivated. Reactivate them first.');
}
