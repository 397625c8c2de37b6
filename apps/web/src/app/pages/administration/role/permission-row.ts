import { ChangeDetectionStrategy, Component, computed, input, output } from '@angular/core';
import { Icon } from '../../../parts/icon';
import type { checkedOf, TreeRow } from './role-model';

/**
 * A row of the permission tree. It is ticked, not selected: `aria-checked` says it with its third state, and ARIA 1.2 asks
 * a treeitem for nothing else. The mouse is handled here; the keys are handled by the tree.
 */
@Component({
  selector: 'li[dbPermissionRow]',
  imports: [Icon],
  template: `<span class="twist" aria-hidden="true" (click)="branch() && turned.emit()">
      @if (branch()) {
        <svg class="i-12" [icon]="row().open ? 'chevron-down' : 'chevron-right'"></svg>
      }</span
    ><span class="tick" [class.on]="state() !== 'false'" aria-hidden="true" (click)="ticked.emit()">
      @if (state() !== 'false') {
        <svg class="i-12" [icon]="whole() ? 'check' : 'minus'"></svg>
      }</span
    ><span class="what" (click)="branch() ? turned.emit() : ticked.emit()">{{ row().node.label }}</span
    ><ng-content />`,
  host: {
    role: 'treeitem',
    '[attr.aria-level]': 'row().node.level',
    '[attr.aria-setsize]': 'row().size',
    '[attr.aria-posinset]': 'row().place',
    '[attr.aria-expanded]': 'branch() ? row().open : null',
    '[attr.aria-checked]': 'state()',
  },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class PermissionRow {
  readonly row = input.required<TreeRow>();
  readonly state = input.required<ReturnType<typeof checkedOf>>();
  readonly ticked = output();
  /** A branch is opened or closed. */
  readonly turned = output();
  protected readonly whole = computed(() => this.state() === 'true');
  protected readonly branch = computed(() => this.row().node.children.length > 0);
}
