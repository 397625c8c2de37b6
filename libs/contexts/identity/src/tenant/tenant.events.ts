import { event } from '@daybook/kernel';
import * as z from 'zod';

/*
 * A tenant and who may do what in it: `identity.tenant-{tenant}-{tenant}`. Members, roles, grants, rules and the policy
 * are in this one stream, so that "there is always an Admin" and "nobody holds both" are decided in one place, and the
 * rights of a request are folded from one stream (docs/adr/0014). The events of each noun are in its own folder.
 */
const tenant = (data: { tenantId: string }) => ({ type: 'identity.tenant', id: data.tenantId });

export const tenantCreated = event('identity.tenant-created', {
  data: z.object({ tenantId: z.uuid(), name: z.string() }),
  record: tenant,
});
export const tenantRenamed = event('identity.tenant-renamed', {
  data: z.object({ tenantId: z.uuid(), name: z.string() }),
  record: tenant,
});
/** Applies to everybody in the tenant. */
export const policySet = event('identity.policy-set', {
  data: z.object({ tenantId: z.uuid(), mfaRequired: z.boolean() }),
  record: tenant,
});

export const tenantOwnEvents = [tenantCreated, tenantRenamed, policySet] as const;
