import { event } from '@daybook/kernel';
import * as z from 'zod';

/*
 * A tenant and who may do what in it: `identity.tenant-{tenant}-{tenant}`. Members, roles, grants, segregation of duties rules and the
 * policy stand in its one stream, so that "somebody stays Admin" and "nobody holds both" are decided there, and so that
 * the rights of a request are folded from one stream (docs/adr/0014). Each noun has its events in its own folder.
 */
const tenant = (data: { tenantId: string }) => ({ type: 'identity.tenant', id: data.tenantId });
const membership = (data: { tenantId: string; personId: string }) => ({
  type: 'identity.membership',
  id: `${data.tenantId}/${data.personId}`,
});

export const tenantCreated = event('identity.tenant-created', {
  data: z.object({ tenantId: z.uuid(), name: z.string() }),
  record: tenant,
});
export const tenantRenamed = event('identity.tenant-renamed', {
  data: z.object({ tenantId: z.uuid(), name: z.string() }),
  record: tenant,
});
/** What holds for everybody in the tenant. */
export const policySet = event('identity.policy-set', {
  data: z.object({ tenantId: z.uuid(), mfaRequired: z.boolean() }),
  record: tenant,
});

/*
 * Of the time before grants: a member had one role in the whole tenant. Nobody writes these any more; they are read as
 * a member and a grant whose id is the person's.
 */
const roleThen = z.enum(['Admin', 'Accountant', 'Auditor']);
export const membershipGranted = event('identity.membership-granted', {
  data: z.object({ tenantId: z.uuid(), personId: z.uuid(), role: roleThen }),
  record: membership,
});
export const roleChanged = event('identity.role-changed', {
  data: z.object({ tenantId: z.uuid(), personId: z.uuid(), role: roleThen, before: roleThen }),
  record: membership,
});

export const tenantOwnEvents = [tenantCreated, tenantRenamed, policySet, membershipGranted, roleChanged] as const;
