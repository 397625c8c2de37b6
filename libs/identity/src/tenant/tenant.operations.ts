import { command, type CommandOf } from '@daybook/kernel';
import * as z from 'zod';
import { role } from '../role.schema.js';

/*
 * The tenant is the caller's own: it is never part of an address or an input (DECISIONS 10). Creating it and granting
 * memberships are steps of setting up, bound as internal commands: their routes are names only and never served.
 */
export const createTenant = command('identity.tenant.create', {
  title: 'Create the tenant',
  http: 'POST /v1/identity/tenant',
  says: 'created the tenant {name}',
  input: z.object({ name: z.string().trim().min(1).max(100) }),
});
export const grantMembership = command('identity.membership.grant', {
  title: 'Grant a membership',
  http: 'POST /v1/identity/members',
  says: 'granted the role {role}',
  input: z.object({ personId: z.uuid(), role }),
});
export const changeRole = command('identity.membership.change', {
  title: 'Change the role of a member',
  http: 'PUT /v1/identity/members/{personId}',
  says: 'changed the role from {before} to {role}',
  ifMatch: 'optional',
  input: z.object({ personId: z.uuid(), role }),
});

export const tenantSteps = [createTenant, grantMembership] as const;
export type TenantCommand = CommandOf<(typeof tenantSteps)[number] | typeof changeRole>;
