import { guardsIn, type Operation, readAllOf, type RecordType } from '@daybook/kernel';
import { isOwn } from '../roles.js';
import { nounWords as words } from './role.view.js';

/* All permissions, sorted by name, with the operations each allows; and the fields a role may hide. */
export interface PermissionNode {
  readonly permission: string;
  readonly operations: { name: string; title: string; writes: boolean; sensitive: boolean }[];
  readonly writes: boolean;
  readonly everybody: boolean;
}
export interface PermissionBranch {
  readonly context: string;
  readonly title: string;
  readonly nouns: { noun: string; permissions: PermissionNode[] }[];
}

type Permitted = Pick<Operation, 'name' | 'title' | 'kind' | 'sensitive' | 'permission'>;
/** What permissions allow: operations, and to see the records that name somebody else. */
export const permittedBy = ({
  operations,
  records,
}: {
  readonly operations: readonly Operation[];
  readonly records: readonly RecordType[];
}): readonly Permitted[] => [
  ...operations,
  ...records
    .filter(({ seenBy }) => seenBy.length > 0)
    .map((record) => {
      const [name, title] = [readAllOf(record), `See all ${record.many}, not only their own`];
      return { name, title, permission: name, kind: 'query' as const, sensitive: false };
    }),
];

/** Titles are those of the contexts; what no context has, like files, is called by its name. */
export function permissionTree(
  declared: readonly string[],
  operations: readonly Permitted[],
  contexts: readonly { readonly name: string; readonly title: string }[],
): PermissionBranch[] {
  const titles = new Map(contexts.map(({ name, title }) => [name, title]));
  const tree = new Map<string, Map<string, PermissionNode[]>>();
  for (const permission of [...new Set(declared)].sort()) {
    const [context = '', noun = ''] = permission.split('.');
    const nouns = tree.get(context) ?? new Map<string, PermissionNode[]>();
    tree.set(context, nouns);
    const permitted = operations.filter((operation) => operation.permission === permission);
    const node: PermissionNode = {
      permission,
      operations: permitted.map(({ name, title, kind, sensitive }) => ({
        name,
        title,
        writes: kind === 'command',
        sensitive,
      })),
      writes: permitted.length === 0 ? !permission.endsWith('.read') : permitted.some(({ kind }) => kind === 'command'),
      everybody: isOwn(permission),
    };
    nouns.set(noun, [...(nouns.get(noun) ?? []), node]);
  }
  return [...tree].map(([context, nouns]) => ({
    context,
    title: titles.get(context) ?? words(context),
    nouns: [...nouns].map(([noun, permissions]) => ({ noun, permissions })),
  }));
}

const found = new WeakMap<readonly Operation[], { field: string; title: string }[]>();

/** All guarded fields of all answers, without duplicates, sorted by name. */
export function guardedFields(operations: readonly Operation[]): readonly { field: string; title: string }[] {
  const known = found.get(operations);
  if (known) return known;
  const titles = new Map(operations.flatMap(({ output }) => guardsIn(output)).map(({ name, title }) => [name, title]));
  const fields = [...titles].sort(([a], [b]) => (a < b ? -1 : 1)).map(([field, title]) => ({ field, title }));
  found.set(operations, fields);
  return fields;
}

/** The title of a permission: the titles of the operations it allows. */
export function permissionTitle(permission: string, operations: readonly Permitted[]): string {
  const titles = operations.filter((operation) => operation.permission === permission).map(({ title }) => title);
  return titles.length > 0 ? titles.join(', ') : permission;
}
