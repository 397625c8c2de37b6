import { act, change, create, listOf, query, rowOf } from '@daybook/kernel';
import * as z from 'zod';
import { roleRef } from '../role.schema.js';
import { roleRecord } from './role.record.js';

export const defineRole = create(roleRecord, {
  verb: 'define',
  title: 'Define a role',
  says: 'defined the role {name}',
  sensitive: true,
  approvable: { widens: true, summary: ({ name }) => `New role ${String(name)}` },
});
export const changeRole = change(roleRecord, {
  description: 'Applies to everybody who has the role, from the next request on. Fields you leave out stay unchanged.',
  http: 'PUT /v1/identity/roles/{roleId}',
  sensitive: true,
  // It affects every holder at once, so changing a role must not bypass an approval rule on giving roles.
  approvable: {
    widens: true,
    summary: ({ name }) => (name === undefined ? 'Change of a role' : `Change of the role ${String(name)}`),
  },
  ifMatch: 'optional',
});
export const removeRole = act(roleRecord, 'remove', {
  description: 'Only a role that nobody holds can be removed.',
  http: 'POST /v1/identity/roles/{roleId}/removal',
  says: 'removed',
  sensitive: true,
  destructive: true,
  icon: 'trash',
});
export const roleCommands = [defineRole, changeRole, removeRole] as const;

export const listRoles = listOf(roleRecord, {
  text: ['name', 'description'],
  filters: ['builtIn', 'holders'],
  sorts: ['name', 'holders', 'builtIn'],
  whole: true,
  delegated: true,
});
export const readRole = query('identity.role.read', {
  title: 'Read a role',
  http: 'GET /v1/identity/roles/{roleId}',
  delegated: true,
  permission: 'identity.role.read',
  input: z.object({ roleId: roleRef }),
  output: rowOf(roleRecord)
    .extend({
      can: z.array(z.string()).describe('What the role allows, by titles of operations'),
      cannot: z.array(z.string()).describe('What the role does not allow, by titles of operations'),
      heldBy: z.array(
        z
          .object({ grantId: z.uuid(), holderId: z.uuid(), holderName: z.string().nullable() })
          .meta({ id: 'RoleHolder' }),
      ),
    })
    .meta({ id: 'RoleInFull' }),
});

const permissionNode = z
  .object({
    permission: z.string(),
    operations: z.array(
      z
        .object({ name: z.string(), title: z.string(), writes: z.boolean(), sensitive: z.boolean() })
        .meta({ id: 'PermittedOperation' }),
    ),
    writes: z.boolean().describe('Allows changes'),
    everybody: z.boolean().describe('Every member holds it, for their own account'),
  })
  .meta({ id: 'Permission' });
export const listPermissions = query('identity.permission.list', {
  title: 'List the permissions',
  description: 'A tree of contexts and nouns, and the fields that a role may hide or mask.',
  http: 'GET /v1/identity/permissions',
  delegated: true,
  permission: 'identity.role.read',
  input: z.object({}),
  output: z.object({
    contexts: z.array(
      z
        .object({
          context: z.string(),
          title: z.string(),
          nouns: z.array(
            z.object({ noun: z.string(), permissions: z.array(permissionNode) }).meta({ id: 'PermissionNoun' }),
          ),
        })
        .meta({ id: 'PermissionContext' }),
    ),
    fields: z.array(z.object({ field: z.string(), title: z.string() }).meta({ id: 'GuardedField' })),
  }),
});
