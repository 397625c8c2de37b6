import { ChangeDetectionStrategy, Component, computed, ElementRef, inject, input, model, output } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { ColumnDeclaration, ViewDeclaration } from '@daybook/kernel';
import { customName, isCustomName } from '../../core/custom-fields';
import { Layout } from '../../core/layout';
import { Links } from '../../core/links';
import { Cell } from '../../parts/cell';
import { Icon } from '../../parts/icon';
import { isFigure, labelOf, placeOf, type Row } from './list-state';

/** The rows: one tab stop, J and K or arrows move, the selection is a set of ids. At most 200 rows. */
@Component({
  selector: 'db-list-table',
  imports: [RouterLink, Cell, Icon],
  templateUrl: './list-table.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ListTable {
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  private readonly links = inject(Links);
  private readonly layout = inject(Layout);
  readonly view = input.required<ViewDeclaration>();
  readonly rows = input.required<readonly Row[]>();
  readonly columns = input.required<readonly [string, ColumnDeclaration][]>();
  /** The active order, as the address writes it; '' is the declared one. */
  readonly order = input('');
  /** The custom field that is sorted by before that, as the address writes it. */
  readonly customSort = input('');
  readonly selectable = input(false);
  readonly dim = input(false);
  /** Index of the current row. */
  readonly here = model(0);
  readonly selected = model<ReadonlySet<string>>(new Set());
  /** The name of a custom field; '' for the declared order. */
  readonly turn = output<string>();
  /** A tap on the row in the narrow layout, where the whole row is the target. */
  readonly tapped = output<Row>();

  protected readonly heads = computed(() => {
    const places = placeOf(this.view(), this.columns());
    return this.columns().map(([name, column]) => ({
      name,
      column,
      label: labelOf(name, column),
      sort: this.sortOf(name, column),
      look: `c-${column.as}${isFigure(column) ? ' n' : ''}${column.grow ? ' c-grow' : ''}${column.pin ? ' no' : ''} at-${places[name] ?? 'none'}`,
    }));
  });
  /** By which field the heading sorts, and how the rows are sorted by it now; null where it does not. */
  private sortOf(name: string, column: ColumnDeclaration): { by: string; down: boolean | null } | null {
    const now = this.customSort();
    if (isCustomName(name)) {
      const by = name.slice(customName('').length);
      return { by, down: now.replace(/^-/, '') === by ? now.startsWith('-') : null };
    }
    if (column.sort === undefined || this.view().order === undefined) return null;
    return { by: '', down: now === '' ? this.descending() : null };
  }
  private readonly descending = computed(() => {
    const { order, columns } = this.view();
    const declared = Object.values(columns).find((column) => column.sort !== undefined)?.sort;
    return this.order() === '' ? declared === 'desc' : this.order() === order?.desc;
  });
  protected readonly all = computed(() => this.rows().length > 0 && this.selected().size >= this.rows().length);

  protected id(row: Row): string {
    return String(row[this.view().id]);
  }
  /** What a reader hears a row called. */
  protected title(row: Row): string {
    const [pin, column] = this.columns().find(([, one]) => one.pin === true) ?? [this.view().id];
    return String(row[pin] ?? column?.none ?? this.id(row));
  }
  protected link(row: Row): string | null {
    return this.links.row(this.view(), row);
  }
  protected tap(row: Row, event: Event): void {
    const onControl = event.target instanceof Element && event.target.closest('a, button, label, input') !== null;
    if (this.layout.narrow() && !onControl) this.tapped.emit(row);
  }
  toggle(row: Row): void {
    const next = new Set(this.selected());
    if (!next.delete(this.id(row))) next.add(this.id(row));
    this.selected.set(next);
  }
  selectAll(on: boolean): void {
    this.selected.set(on ? new Set(this.rows().map((row) => this.id(row))) : new Set());
  }
  /** Moves the current row and the focus with it; past the edges nothing happens. */
  move(step: number, extend = false): void {
    const to = Math.max(0, Math.min(this.rows().length - 1, this.here() + step));
    if (extend) {
      const rows = [this.rows()[this.here()], this.rows()[to]].filter((row) => row !== undefined);
      this.selected.set(new Set([...this.selected(), ...rows.map((row) => this.id(row))]));
    }
    this.here.set(to);
    this.focus(to);
  }
  focus(index = this.here()): void {
    const row = this.host.querySelectorAll<HTMLElement>('tbody tr')[index];
    row?.querySelector<HTMLElement>('a, button')?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: 'nearest' });
  }
}
