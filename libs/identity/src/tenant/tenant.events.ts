import { event, type EventsOf } from '@daybook/kernel';
import * as z from 'zod';
import { role } from '../role.schema.js';

/*
 * A tenant and who works in it: `identity.tenant-{tenant}-{tenant}`. All memberships of a tenant stand in its one
 * stream, so that "somebody stays Admin" is decided there. A membership names the person by id only; the person is
 * global and has a stream of his own.
 */
const membership = (data: { tenantId: string; personId: string }) => ({
  type: 'identity.membership',
  id: `${data.tenantId}/${data.personId}`,
});

export const tenantCreated = event('identity.tenant-created', {
  data: z.object({ tenantId: z.uuid(), name: z.string() }),
  record: (data) => ({ type: 'identity.tenant', id: data.tenantId }),
});
export const membershipGranted = event('identity.membership-granted', {
  data: z.object({ tenantId: z.uuid(), personId: z.uuid(), role }),
  record: membership,
});
export const roleChanged = event('identity.role-changed', {
  data: z.object({ tenantId: z.uuid(), personId: z.uuid(), role, before: role }),
  record: membership,
});

export const tenantEvents = [tenantCreated, membershipGranted, roleChanged] as const;
export type TenantEvent = EventsOf<typeof tenantEvents>;
