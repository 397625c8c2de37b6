import { command, oneLine, plainTextOrEmpty, query } from '@daybook/kernel';
import * as z from 'zod';
import { roleField, roleRef } from '../role.schema.js';

const roleInput = {
  name: oneLine(60, 'Give the role a name.'),
  description: plainTextOrEmpty(500).default(''),
  permissions: z
    .array(z.string().max(100))
    .max(500)
    .describe('Names of permissions, as GET /v1/identity/permissions lists them'),
  fields: z.array(roleField).max(100).default([]).describe('Fields that the role hides or masks'),
};

export const defineRole = command('identity.role.define', {
  title: 'Define a role',
  http: 'POST /v1/identity/roles',
  says: 'defined the role {name}',
  sensitive: true,
  approvable: { widens: true, summary: ({ name }) => `New role ${String(name)}` },
  input: z.object(roleInput),
});
export const changeRole = command('identity.role.change', {
  title: 'Change a role',
  description: 'Applies to everybody who has the role, from the next request on. Fields you leave out stay unchanged.',
  http: 'PUT /v1/identity/roles/{roleId}',
  says: 'changed the role {name}',
  sensitive: true,
  // It affects every holder at once, so changing a role must not bypass an approval rule on giving roles.
  approvable: {
    widens: true,
    summary: ({ name }) => (name === undefined ? 'Change of a role' : `Change of the role ${String(name)}`),
  },
  ifMatch: 'optional',
  input: z.object({
    roleId: roleRef,
    name: roleInput.name.optional(),
    description: plainTextOrEmpty(500).optional(),
    permissions: roleInput.permissions.optional(),
    fields: z.array(roleField).max(100).optional().describe('Fields that the role hides or masks'),
  }),
});
export const removeRole = command('identity.role.remove', {
  title: 'Remove a role',
  description: 'Only a role that nobody holds can be removed.',
  http: 'POST /v1/identity/roles/{roleId}/removal',
  says: 'removed the role {name}',
  sensitive: true,
  input: z.object({ roleId: roleRef }),
});

export const roleRow = z
  .object({
    roleId: z.string(),
    name: z.string(),
    description: z.string(),
    builtIn: z.boolean(),
    holders: z.int().describe('Number of grants of this role that are not revoked'),
    version: z.int(),
  })
  .meta({ id: 'RoleSummary' });
export const roleInFull = roleRow
  .extend({
    permissions: z.array(z.string()),
    fields: z.array(roleField),
    can: z.array(z.string()).describe('What the role allows, by titles of operations'),
    cannot: z.array(z.string()).describe('What the role does not allow, by titles of operations'),
    heldBy: z.array(
      z.object({ grantId: z.uuid(), holderId: z.uuid(), holderName: z.string().nullable() }).meta({ id: 'RoleHolder' }),
    ),
  })
  .meta({ id: 'RoleInFull' });

export const listRoles = query('identity.role.list', {
  title: 'List the roles',
  http: 'GET /v1/identity/roles',
  delegated: true,
  permission: 'identity.role.read',
  input: z.object({}),
  output: z.object({ items: z.array(roleRow) }),
  rows: 'items',
});
export const readRole = query('identity.role.read', {
  title: 'Read a role',
  http: 'GET /v1/identity/roles/{roleId}',
  delegated: true,
  permission: 'identity.role.read',
  input: z.object({ roleId: roleRef }),
  output: roleInFull,
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

export const roleCommands = [defineRole, changeRole, removeRole] as const;
