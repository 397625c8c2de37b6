import { isRejection, recordNotFound } from '@daybook/kernel';
import { anyOf, inOneTrip } from '@daybook/projections';
import { answer, answerJoined, type ContextPart, type QueryContext } from '@daybook/server';
import { grantTable, roleTable } from '../access/access.projection.js';
import { holderNames } from '../access/holder-names.js';
import { isBuiltIn, permissionsOf } from '../roles.js';
import { type Deps, deps } from '../injected.js';
import { decidedByTenant } from '../tenant/decided.js';
import { guardedFields, permissionTitle, permissionTree, permittedBy } from './permission-tree.js';
import { listPermissions, listRoles, readRole, roleCommands } from './role.operations.js';
import { roleRecord } from './role.record.js';

export const rolePart: ContextPart = {
  bindings: [
    decidedByTenant(roleCommands),
    answerJoined(
      listRoles,
      roleTable,
      deps('bindings'),
      async (_ids, read) => {
        const [roles, counts] = await inOneTrip(
          read.db,
          read.db.selectFrom(read.rows(roleTable).as('r')).select('r.roleId'),
          read.db
            .selectFrom(read.rows(grantTable).as('g'))
            .select(({ fn }) => ['g.role', fn.countAll<string>().as('holders')])
            .groupBy('g.role'),
        );
        const holders = new Map(counts.map((one) => [one.role, Number(one.holders)]));
        return new Map(roles.map(({ roleId }) => [roleId, { holders: holders.get(roleId) ?? 0 }]));
      },
      // Those of a built-in role are as the contexts of this program say.
      (row, { bindings }) =>
        isBuiltIn(row.roleId) ? { ...row, permissions: permissionsOf(row.roleId, bindings.declared) } : row,
    ),
    answer(readRole, deps('bindings', 'memberships', 'tenantStates'), async ({ roleId }, read, given) => {
      const [found, [grants, names]] = await Promise.all([
        read.ask(listRoles, { roleId: [roleId] }),
        heldBy(roleId, read, given),
      ]);
      if (isRejection(found)) return found;
      const [row] = found.items;
      if (!row) return recordNotFound(roleRecord);
      const { declared } = given.bindings;
      const operations = permittedBy(given.bindings);
      const titles = (of: readonly string[]) => [...new Set(of.map((one) => permissionTitle(one, operations)))];
      return {
        ...row,
        can: titles(row.permissions),
        cannot: titles([...new Set(declared.permissions)].filter((one) => !row.permissions.includes(one)).sort()),
        heldBy: grants.map(({ grantId, holderId }) => ({ grantId, holderId, holderName: names.get(holderId) ?? null })),
      };
    }),
    answer(listPermissions, deps('bindings'), async (_input, _read, { bindings }) => ({
      contexts: permissionTree(bindings.permissions, permittedBy(bindings), bindings.contexts),
      fields: [...guardedFields(bindings.operations)],
    })),
  ],
};

/** The grants of the role, and the names of those who hold it. */
async function heldBy(roleId: string, read: QueryContext, given: Deps<'memberships' | 'tenantStates'>) {
  const grants = await read.db
    .selectFrom(read.rows(grantTable).as('g'))
    .selectAll('g')
    .where('g.role', '=', anyOf([roleId]))
    .orderBy('g.givenAt')
    .orderBy('g.grantId')
    .execute();
  return [grants, await holderNames(given, read, grants)] as const;
}
