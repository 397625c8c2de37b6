import { ChangeDetectionStrategy, Component, computed, inject, input, model, output } from '@angular/core';
import { type ActionDeclaration, type CsvFormName, decimals, type ViewDeclaration } from '@daybook/kernel';
import { ExportMenu } from '../../parts/export-menu';
import { Figure } from '../../parts/figure';
import { Icon } from '../../parts/icon';
import { Actions, isForMany } from '../form/actions';
import type { Row } from './list-state';

/** What is selected, its sum, and what can be done with it. */
@Component({
  selector: 'db-list-bulk',
  imports: [ExportMenu, Figure, Icon],
  template: `<div class="bulk" role="region" aria-label="Selection">
    <b>{{ everything() ? 'All that match' : rows().length + ' selected' }}</b><span class="bar"></span>
    @if (more() && !everything()) {
      <button class="btn btn-text" type="button" (click)="everything.set(true)">All that match</button
      ><span class="bar"></span>
    }
    @if (!everything() && sum(); as total) {
      <span class="quiet">Sum</span><data class="strong" db-figure [value]="total"></data><span class="bar"></span>
    }
    @if (!everything()) {
      <db-export-menu look="btn-text" (chosen)="exported.emit($event)" />
    }
    @for (action of everything() ? forAll() : possible(); track action.label) {
      <button class="btn btn-text" type="button" (click)="act.emit(action)">
        <svg [icon]="action.icon ?? 'chevron-right'"></svg>{{ action.label }}…
      </button>
    }
    <span class="bar"></span>
    <button class="btn btn-text" type="button" (click)="cleared.emit()">Clear <kbd aria-hidden="true">Esc</kbd></button>
  </div>`,
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ListBulk {
  private readonly actions = inject(Actions);
  readonly view = input.required<ViewDeclaration>();
  readonly rows = input.required<readonly Row[]>();
  /** The whole page is selected, and there are others. */
  readonly more = input(false);
  /** Not only these rows: all that the filters match. */
  readonly everything = model(false);
  readonly act = output<ActionDeclaration>();
  readonly exported = output<CsvFormName>();
  readonly cleared = output();
  protected readonly sum = computed(() => {
    const name = Object.entries(this.view().columns).find(([, column]) => column.sum === true)?.[0];
    return name === undefined ? null : decimals.sum(this.rows().map((row) => String(row[name] ?? '0')));
  });
  /** Commands of the record of the list: the server finds the rows. */
  protected readonly forAll = computed(() => this.view().actions.bulk.filter(({ operation }) => isForMany(operation)));
  /** Actions that at least one of the rows allows; the others are left out by the action itself, and said. */
  protected readonly possible = computed(() =>
    this.view().actions.bulk.filter((action) =>
      this.rows().some((row) => this.actions.possible([action], row).length > 0),
    ),
  );
}
