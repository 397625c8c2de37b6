import { reject, type Rejection } from '@daybook/kernel';
import type { Grant, TenantState } from './tenant.state.js';

/** The built-in Admin role in the whole tenant, without a last day. Roles of the tenant's own never count. */
export const isFullAdmin = ({ holder, role, companyId, party, until }: Grant): boolean =>
  holder === 'person' && role === 'Admin' && companyId === null && party === null && until === null;

/** Is there an active member with a permanent Admin grant? */
export const keepsAdmin = (state: TenantState): boolean =>
  [...state.grants.values()].some(
    (grant) => isFullAdmin(grant) && state.members.get(grant.holderId)?.status === 'active',
  );

/** A tenant that has an Admin must keep one; a new tenant has none yet. */
export const losesAdmin = (before: TenantState, after: TenantState): boolean =>
  keepsAdmin(before) && !keepsAdmin(after);

export const lastAdmin = (): Rejection =>
  reject('identity.last-admin', 'This is the last Admin. Make another person Admin first, without a last day.');
