import { type OutputOf, view } from '@daybook/kernel';
import { listGrants } from '../grant/grant.operations.js';
import { defineRole, type listPermissions, listRoles } from './role.operations.js';

/** The list of roles. One role has a page of its own. */
export const roleView = view(listRoles, {
  path: 'roles',
  title: 'Roles',
  one: 'role',
  icon: 'shield',
  key: 'R',
  id: 'roleId',
  opens: 'roles/{roleId}',
  channels: ['access'],
  beside: [{ title: 'All grants', path: 'roles/grants', icon: 'shield-check', needs: listGrants }],
  columns: {
    name: { as: 'text', drill: 'record', pin: true },
    description: { as: 'text', grow: true },
    holders: { as: 'count', label: 'Given' },
    builtIn: { as: 'status', label: 'Kind', words: { true: { label: 'Built in', icon: 'lock' }, false: { label: 'Own', tone: 'good', icon: 'pencil' } } },
  },
  actions: { create: { label: 'New role', path: 'roles/new', needs: defineRole } },
  empty: 'There are no roles.',
}); // prettier-ignore

// ── titles of permissions, for the editor and for fields that take several ───────────────────────────
export type PermissionTree = OutputOf<typeof listPermissions>;

const contexts: Readonly<Record<string, string>> = {
  accounting: 'Books',
  audit: 'Audit trail',
  identity: 'People and rights',
  platform: 'System',
};
const words = (code: string): string => {
  const text = code.replaceAll('-', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
};
/** The name of a context in the console. */
export const contextWords = (context: string): string => contexts[context] ?? words(context);
export const nounWords = words;

/** Routes that are not operations and so have no title. */
const routes: Readonly<Record<string, string>> = {
  'files.file.read': 'Read uploaded files',
  'files.file.upload': 'Upload files',
};
/** What a permission allows, by the titles of its operations. */
export const permissionWords = (permission: string, operations: readonly { readonly title: string }[]): string =>
  operations.map(({ title }) => title).join(', ') || (routes[permission] ?? permission);

/** All permissions in one list, grouped by context, for a field that takes several. */
export const permissionChoices = ({ contexts: tree }: PermissionTree) => [
  { permission: '*.read', title: 'All read permissions', group: 'Bundles' },
  ...permissionRows({ contexts: tree }),
];
export const permissionRows = ({ contexts: tree }: Pick<PermissionTree, 'contexts'>) =>
  tree.flatMap(({ context, nouns }) =>
    nouns.flatMap(({ noun, permissions }) =>
      permissions
        .filter(({ everybody }) => !everybody)
        .map(({ permission, operations }) => ({
          permission,
          title: permissionWords(permission, operations),
          group: `${contextWords(context)}: ${nounWords(noun).toLowerCase()}`,
        })),
    ),
  );
