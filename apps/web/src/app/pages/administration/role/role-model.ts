import { nounWords, permissionWords, type PermissionTree, readsIn, readsTitle } from '@daybook/identity';
import { readsOf } from '@daybook/kernel';

/*
 * The permissions as the editor shows them: context, noun, permission. Pure. What everybody may do with their own account is
 * not up to a role and is in no node.
 */
export interface TreeNode {
  /** Of a context and of its reading: the pattern, `accounting.*` and `accounting.*.read`. */
  readonly id: string;
  readonly level: 1 | 2 | 3;
  readonly label: string;
  /** Its permissions, from the leaves. */
  readonly permissions: readonly string[];
  readonly children: readonly TreeNode[];
  /** Of a leaf: lets something be changed, and by how many operations. */
  readonly writes: boolean;
  /** Of a leaf: needs a recent sign-in. */
  readonly sensitive: boolean;
}
export type Chosen = ReadonlySet<string>;

export function treeOf(answer: Pick<PermissionTree, 'contexts'>): TreeNode[] {
  const none = { writes: false, sensitive: false };
  return answer.contexts.flatMap((of) => {
    const { context, title, nouns } = of;
    const children = nouns.flatMap(({ noun, permissions }) => {
      const leaves = permissions
        .filter(({ everybody }) => !everybody)
        .map(({ permission, operations, writes }): TreeNode => {
          const label = permissionWords(permission, operations);
          const sensitive = operations.some((operation) => operation.sensitive);
          return { id: permission, level: 3, label, permissions: [permission], children: [], writes, sensitive };
        });
      const held = leaves.flatMap(({ permissions: of }) => of);
      const node: TreeNode = { id: `${context}.${noun}`, level: 2, label: nounWords(noun), permissions: held, children: leaves, ...none };
      return leaves.length === 0 ? [] : [node];
    }); // prettier-ignore
    const permissions = children.flatMap((child) => child.permissions);
    const held = readsIn(of);
    const reads: TreeNode = {
      id: readsOf(context),
      level: 2,
      label: readsTitle,
      permissions: held,
      children: [],
      ...none,
    };
    const below = held.length === 0 ? children : [reads, ...children];
    const node: TreeNode = { id: `${context}.*`, level: 1, label: title, permissions, children: below, ...none };
    return children.length === 0 ? [] : [node];
  });
}

export const checkedOf = (node: TreeNode, chosen: Chosen): 'true' | 'false' | 'mixed' => {
  const held = node.permissions.filter((permission) => chosen.has(permission)).length;
  return held === 0 ? 'false' : held === node.permissions.length ? 'true' : 'mixed';
};
/** A node that is whole is emptied; one that is not is filled. */
export function toggled(node: TreeNode, chosen: Chosen): Set<string> {
  const next = new Set(chosen);
  const fill = checkedOf(node, chosen) !== 'true';
  for (const permission of node.permissions) {
    if (fill) next.add(permission);
    else next.delete(permission);
  }
  return next;
}

/** A node as it is drawn: flat, with its place among its siblings. */
export interface TreeRow {
  readonly node: TreeNode;
  readonly parent: string | null;
  readonly open: boolean;
  readonly size: number;
  readonly place: number;
}
/** The rows in sight: under open nodes, or all that match what is looked for, with what leads to them. */
export function rowsOf(tree: readonly TreeNode[], open: ReadonlySet<string>, text: string): TreeRow[] {
  const wanted = text.trim().toLowerCase();
  const fits = (node: TreeNode): boolean =>
    node.label.toLowerCase().includes(wanted) || node.id.includes(wanted) || node.children.some(fits);
  const walk = (nodes: readonly TreeNode[], parent: TreeNode | null, whole: boolean): TreeRow[] => {
    const shown = whole ? nodes : nodes.filter(fits);
    return shown.flatMap((node, index) => {
      const isOpen = node.children.length > 0 && (wanted === '' ? open.has(node.id) : true);
      const named = wanted !== '' && (node.label.toLowerCase().includes(wanted) || node.id.includes(wanted));
      const row = { node, parent: parent?.id ?? null, open: isOpen, size: shown.length, place: index + 1 };
      return [row, ...(isOpen ? walk(node.children, node, whole || named) : [])];
    });
  };
  return walk(tree, null, wanted === '');
}

/** What a role means, in the titles of operations, by part of the program. */
export interface Meaning {
  readonly part: string;
  readonly titles: readonly string[];
}
export interface Words {
  readonly changes: readonly Meaning[];
  readonly sees: readonly Meaning[];
  readonly cannot: readonly Meaning[];
}
export function inWords(tree: readonly TreeNode[], chosen: Chosen): Words {
  const leaves = (context: TreeNode): TreeNode[] => context.children.flatMap((noun) => noun.children);
  const of = (fits: (leaf: TreeNode) => boolean): Meaning[] =>
    tree.flatMap((context) => {
      const titles = leaves(context)
        .filter(fits)
        .map((leaf) => leaf.label);
      return titles.length === 0 ? [] : [{ part: context.label, titles }];
    });
  return {
    changes: of((leaf) => leaf.writes && chosen.has(leaf.id)),
    sees: of((leaf) => !leaf.writes && chosen.has(leaf.id)),
    cannot: of((leaf) => !chosen.has(leaf.id)),
  };
}
/** What saving would add and take away, in titles. */
export function difference(
  tree: readonly TreeNode[],
  before: Chosen,
  after: Chosen,
): { added: string[]; taken: string[] } {
  const leaves = tree.flatMap((context) => context.children.flatMap((noun) => noun.children));
  const titles = (from: Chosen, to: Chosen): string[] =>
    leaves.filter(({ id }) => to.has(id) && !from.has(id)).map(({ label }) => label);
  return { added: titles(before, after), taken: titles(after, before) };
}
