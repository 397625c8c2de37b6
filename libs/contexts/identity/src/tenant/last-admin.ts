import { reject, type Rejection } from '@daybook/kernel';
import type { Grant, TenantState } from './tenant.state.js';

/** The built-in Admin, in the whole tenant, without an end; a role of the tenant's own never counts, whatever it allows. */
export const isFullAdmin = ({ holder, role, companyId, party, until }: Grant): boolean =>
  holder === 'person' && role === 'Admin' && companyId === null && party === null && until === null;

/** Somebody could still put everything right: an active member who is Admin for good. */
export const keepsAdmin = (state: TenantState): boolean =>
  [...state.grants.values()].some(
    (grant) => isFullAdmin(grant) && state.members.get(grant.holderId)?.status === 'active',
  );

/** A tenant that has an Admin keeps one; before the first there is nothing to keep. */
export const losesAdmin = (before: TenantState, after: TenantState): boolean =>
  keepsAdmin(before) && !keepsAdmin(after);

export const lastAdmin = (): Rejection =>
  reject('identity.last-admin', 'This is the last Admin. Make somebody else Admin first, without an end.');
