import { ChangeDetectionStrategy, Component, computed, ElementRef, inject, input, model, signal } from '@angular/core';
import { Icon } from '../../../parts/icon';
import { PermissionRow } from './permission-row';
import { checkedOf, type Chosen, rowsOf, toggled, type TreeNode, type TreeRow } from './role-model';

/**
 * The permission tree: one tab stop; arrows move, open and close, Space ticks, Home and End go to the ends (the tree
 * pattern of the ARIA practices). A node above ticks all below it, and shows a dash where only some are.
 */
@Component({
  selector: 'db-permission-tree',
  imports: [Icon, PermissionRow],
  templateUrl: './permission-tree.html',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class PermissionTreeView {
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  readonly tree = input.required<readonly TreeNode[]>();
  readonly readOnly = input(false);
  readonly chosen = model.required<Chosen>();
  protected readonly text = signal('');
  private readonly open = signal<ReadonlySet<string>>(new Set());
  private readonly here = signal('');
  protected readonly rows = computed(() => rowsOf(this.tree(), this.open(), this.text()));
  /** The one tab stop: where the reader was, else the first row. */
  protected readonly stop = computed(() => {
    const rows = this.rows();
    return (rows.find(({ node }) => node.id === this.here()) ?? rows[0])?.node.id ?? '';
  });

  protected checked(node: TreeNode) {
    return checkedOf(node, this.chosen());
  }
  protected count(node: TreeNode): string {
    const held = node.permissions.filter((permission) => this.chosen().has(permission)).length;
    return `${held} of ${node.permissions.length}`;
  }
  protected tick(node: TreeNode): void {
    this.here.set(node.id);
    if (!this.readOnly()) this.chosen.set(toggled(node, this.chosen()));
  }
  protected unfold(row: TreeRow, on = !row.open): void {
    this.here.set(row.node.id);
    const next = new Set(this.open());
    if (on) next.add(row.node.id);
    else next.delete(row.node.id);
    this.open.set(next);
  }
  protected foldAll(on: boolean): void {
    const above = this.tree().flatMap((context) => [context.id, ...context.children.map(({ id }) => id)]);
    this.open.set(new Set(on ? above : []));
  }
  protected focused(row: TreeRow): void {
    this.here.set(row.node.id);
  }

  protected onKey(event: KeyboardEvent, row: TreeRow, index: number): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const branch = row.node.children.length > 0;
    const last = this.rows().length - 1;
    const moves: Readonly<Record<string, () => void>> = {
      ArrowDown: () => this.focus(index + 1),
      ArrowUp: () => this.focus(index - 1),
      Home: () => this.focus(0),
      End: () => this.focus(last),
      ' ': () => this.tick(row.node),
      ArrowRight: () => (branch && !row.open ? this.unfold(row, true) : branch ? this.focus(index + 1) : undefined),
      ArrowLeft: () =>
        branch && row.open
          ? this.unfold(row, false)
          : this.focus(this.rows().findIndex(({ node }) => node.id === row.parent)),
    };
    const move = moves[event.key];
    if (move === undefined) return;
    // The page's own keys (J, K, Space) do not see what the tree took.
    event.preventDefault();
    event.stopPropagation();
    move();
  }
  private focus(index: number): void {
    this.host.querySelectorAll<HTMLElement>('[role="treeitem"]')[index]?.focus();
  }
}
