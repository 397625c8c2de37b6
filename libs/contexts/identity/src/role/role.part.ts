import { reject } from '@daybook/kernel';
import { answer, type ContextPart } from '@daybook/server';
import { type AccessRows, accessRows } from '../access/access-rows.js';
import { holderNames } from '../access/holder-names.js';
import { builtInRoles, isBuiltIn, descriptionOf } from '../roles.js';
import { deps } from '../injected.js';
import { decidedByTenant } from '../tenant/decided.js';
import { guardedFields, permissionTitle, permissionTree, permittedBy } from './permission-tree.js';
import { rolePermissions } from './role-permissions.js';
import { listPermissions, listRoles, readRole, roleCommands } from './role.operations.js';

export const rolePart: ContextPart = {
  bindings: [
    decidedByTenant(roleCommands),
    answer(listRoles, async (_, read) => {
      const rows = await accessRows(read);
      return { items: [...builtInRoles, ...rows.roles.keys()].flatMap((role) => rowOf(role, rows) ?? []) };
    }),
    answer(readRole, deps('bindings', 'memberships', 'tenantStates'), async ({ roleId }, read, given) => {
      const rows = await accessRows(read);
      const row = rowOf(roleId, rows);
      if (row === null) return reject('identity.role-not-found', 'There is no such role.', { status: 404 });
      const { declared } = given.bindings;
      const operations = permittedBy(given.bindings);
      const held = rolePermissions(roleId, rows, declared);
      const names = await holderNames(given, read, rows.grants);
      const titles = (of: readonly string[]) => [...new Set(of.map((one) => permissionTitle(one, operations)))];
      return {
        ...row,
        permissions: [...held].sort(),
        fields: rows.roles.get(roleId)?.fields ?? [],
        can: titles([...held].sort()),
        cannot: titles([...new Set(declared.permissions)].filter((permission) => !held.has(permission)).sort()),
        heldBy: [...rows.grants.values()]
          .filter(({ role }) => role === roleId)
          .map(({ grantId, holderId }) => ({ grantId, holderId, holderName: names.get(holderId) ?? null })),
      };
    }),
    answer(listPermissions, deps('bindings'), async (_input, _read, { bindings }) => ({
      contexts: permissionTree(bindings.permissions, permittedBy(bindings), bindings.contexts),
      fields: [...guardedFields(bindings.operations)],
    })),
  ],
};

function rowOf(roleId: string, { roles, grants }: AccessRows) {
  const holders = [...grants.values()].filter(({ role }) => role === roleId).length;
  if (isBuiltIn(roleId)) {
    return { roleId, name: roleId, description: descriptionOf(roleId), builtIn: true, holders, version: 0 };
  }
  const own = roles.get(roleId);
  if (!own) return null;
  const { name, description, version } = own;
  return { roleId, name, description, builtIn: false, holders, version };
}
