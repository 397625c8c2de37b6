import type { OutputOf } from '@daybook/kernel';
import type { listPermissions } from './role.operations.js';

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
/** How people call a part of the program. */
export const contextWords = (context: string): string => contexts[context] ?? words(context);
export const nounWords = words;

/** The permissions in one list, headed by their part of the program, for a field that asks for some of them. */
export const permissionChoices = ({ contexts: tree }: PermissionTree) => [
  { permission: '*.read', title: '*.read', group: 'All that reads' },
  ...permissionRows({ contexts: tree }),
];
export const permissionRows = ({ contexts: tree }: Pick<PermissionTree, 'contexts'>) =>
  tree.flatMap(({ context, nouns }) =>
    nouns.flatMap(({ noun, permissions }) =>
      permissions
        .filter(({ everybody }) => !everybody)
        .map(({ permission, operations }) => ({
          permission,
          title: operations.map(({ title }) => title).join(', '),
          group: `${contextWords(context)}: ${nounWords(noun).toLowerCase()}`,
        })),
    ),
  );
