import { ChangeDetectionStrategy, Component, computed, DestroyRef, inject, input, output } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { ActionDeclaration, ViewDeclaration } from '@daybook/kernel';
import { Layout } from '../../core/layout';
import { Links } from '../../core/links';
import { Cell } from '../../parts/cell';
import { Icon } from '../../parts/icon';
import { labelOf, type Row } from './list-state';

/** Space: the whole row beside the list, without leaving it. */
@Component({
  selector: 'db-list-peek',
  imports: [RouterLink, Cell, Icon],
  template: `<aside class="drawer" [attr.aria-label]="view().one + ' ' + title()">
    <div class="drawer-head">
      <h2>{{ title() }}</h2>
      <span class="grow"></span>
      @if (link(); as target) {
        <a class="btn btn-text btn-small" [routerLink]="target">Open</a>
      }
      <button class="btn btn-icon btn-small" type="button" aria-label="Close" (click)="left.emit()">
        <svg icon="x"></svg>
      </button>
    </div>
    <div class="drawer-body">
      <dl class="pairs peek-pairs">
        @for (field of fields(); track field.name) {
          <dt>{{ field.label }}</dt>
          <dd><db-cell [column]="field.column" [row]="row()" [name]="field.name" [full]="true" /></dd>
        }
      </dl>
      @if (actions().length > 0) {
        <div class="row">
          @for (action of actions(); track action.label) {
            <button class="btn btn-line btn-small" type="button" (click)="act.emit(action)">
              @if (action.icon; as sign) {
                <svg [icon]="sign"></svg>
              }
              {{ action.label }}…
            </button>
          }
        </div>
      }
    </div>
  </aside>`,
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ListPeek {
  private readonly links = inject(Links);
  readonly view = input.required<ViewDeclaration>();
  readonly row = input.required<Row>();
  readonly actions = input<readonly ActionDeclaration[]>([]);
  readonly act = output<ActionDeclaration>();
  readonly left = output();
  protected readonly link = computed(() => this.links.row(this.view(), this.row()));
  protected readonly fields = computed(() =>
    Object.entries(this.view().columns).map(([name, column]) => ({ name, column, label: labelOf(name, column) })),
  );
  protected readonly title = computed(() => {
    const [pin, column] = Object.entries(this.view().columns).find(([, one]) => one.pin === true) ?? [this.view().id];
    return String(this.row()[pin] ?? column?.none ?? '');
  });

  constructor() {
    const layout = inject(Layout);
    layout.drawer.set(true);
    inject(DestroyRef).onDestroy(() => layout.drawer.set(false));
  }
}
