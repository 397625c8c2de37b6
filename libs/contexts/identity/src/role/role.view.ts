import { matchesPermission, type OutputOf, readsOf, viewOf } from '@daybook/kernel';
import { listGrants } from '../grant/grant.operations.js';
import { defineRole, type listPermissions, listRoles } from './role.operations.js';

/** The list of roles. One role has a page of its own. */
export const roleView = viewOf(listRoles, {
  opens: 'roles/{roleId}',
  channels: ['access'],
  beside: [{ title: 'All grants', path: 'roles/grants', icon: 'shield-check', needs: listGrants }],
  columns: ['name', 'description', 'holders', 'builtIn'],
  saved: [
    { name: 'Own', where: { builtIn: 'false' } },
    { name: 'Built in', where: { builtIn: 'true' } },
  ],
  actions: { create: { label: 'New role', path: 'roles/new', needs: defineRole } },
  empty: 'There are no roles.',
});

// ── titles of permissions, for the editor and for fields that take several ───────────────────────────
export type PermissionTree = OutputOf<typeof listPermissions>;

/** `trial-balance` is "Trial balance". */
export const nounWords = (code: string): string => {
  const text = code.replaceAll('-', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
};

/** Routes that are not operations and so have no title. */
const routes: Readonly<Record<string, string>> = {
  'files.file.read': 'Read uploaded files',
  'files.file.upload': 'Upload files',
};
/** What a permission allows, by the titles of its operations. */
export const permissionWords = (permission: string, operations: readonly { readonly title: string }[]): string =>
  operations.map(({ title }) => title).join(', ') || (routes[permission] ?? permission);

export const readsTitle = 'Everything that only reads';
/** What a context lets read, by the pattern that names it: `accounting.*.read`. */
export const readsIn = ({ context, nouns }: PermissionTree['contexts'][number]): string[] =>
  nouns
    .flatMap(({ permissions }) => permissions)
    .filter(({ permission, everybody }) => !everybody && matchesPermission(readsOf(context), permission))
    .map(({ permission }) => permission);

/** All permissions in one list, grouped by context, for a field that takes several. */
export const permissionChoices = ({ contexts: tree }: PermissionTree) => [
  ...tree
    .filter((context) => readsIn(context).length > 0)
    .map(({ context, title }) => ({ permission: readsOf(context), title: readsTitle, group: title })),
  ...permissionRows({ contexts: tree }),
];
export const permissionRows = ({ contexts: tree }: Pick<PermissionTree, 'contexts'>) =>
  tree.flatMap(({ title: context, nouns }) =>
    nouns.flatMap(({ noun, permissions }) =>
      permissions
        .filter(({ everybody }) => !everybody)
        .map(({ permission, operations }) => ({
          permission,
          title: permissionWords(permission, operations),
          group: `${context}: ${nounWords(noun).toLowerCase()}`,
        })),
    ),
  );
