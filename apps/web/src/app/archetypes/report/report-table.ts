import { ChangeDetectionStrategy, Component, computed, ElementRef, inject, input, model, output } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { ReportDeclaration } from '@daybook/kernel';
import { copyText } from '../../core/clipboard';
import { fill, Links } from '../../core/links';
import { Values } from '../../core/values';
import { Figure } from '../../parts/figure';
import { Icon } from '../../parts/icon';
import { type Difference, figuresOf, type ReportGroup, type ReportRow } from './report-model';

/** The figure a person points at: `6700` and `debit`; a group is `class:asset`, a column total `total`. */
export interface FigurePoint {
  readonly account: string;
  readonly column: string;
}
interface Line {
  readonly id: string;
  readonly name: string;
  readonly link: string | null;
  readonly row: ReportRow;
  readonly difference: Difference | undefined;
}

/**
 * The table of a report: one tab stop, arrow keys from figure to figure, Left and Right fold a group, Enter explains.
 * Comparing two moments replaces the figure columns by then, now and difference of the declared last column.
 */
@Component({
  selector: 'db-report-table',
  imports: [Figure, Icon, RouterLink],
  templateUrl: './report-table.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ReportTable {
  private readonly links = inject(Links);
  private readonly values = inject(Values);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);
  readonly report = input.required<ReportDeclaration>();
  readonly groups = input.required<readonly ReportGroup[]>();
  readonly totals = input.required<ReportRow>();
  readonly compared = input<ReadonlyMap<string, Difference> | null>(null);
  readonly open = input<FigurePoint | null>(null);
  readonly folded = model<ReadonlySet<string>>(new Set());
  readonly explain = output<FigurePoint>();

  protected readonly columns = computed(() =>
    Object.entries(this.report().figures).map(([name, figure]) => ({ name, ...figure })),
  );
  protected readonly lastColumn = computed(() => figuresOf(this.report()).at(-1) ?? '');
  protected readonly sections = computed(() =>
    this.groups().map((group) => ({ ...group, lines: group.rows.map((row) => this.line(row)) })),
  );
  protected readonly isBalanced = computed(() => {
    const rule = this.report().balanced;
    return rule !== undefined && this.totals()[rule.columns[0]] === this.totals()[rule.columns[1]];
  });

  private line(row: ReportRow): Line {
    const id = row[this.report().id] ?? '';
    const opens = this.report().opens;
    const link = opens !== undefined && /\d/.test(id) ? this.links.company(fill(opens, row)) : null;
    return { id, name: row[this.report().name] ?? '', link, row, difference: this.compared()?.get(id) };
  }
  protected isOpen(account: string, column: string): boolean {
    const open = this.open();
    return open?.account === account && open.column === column;
  }
  protected words(name: string, column: string, value: string): string {
    return `${name}, ${(this.report().figures[column]?.label ?? column).toLowerCase()}: ${this.values.money(value)}, explain`;
  }
  protected changed(difference: Difference | undefined): boolean {
    return difference !== undefined && !/^-?0(\.0*)?$/.test(difference.difference);
  }
  protected toggle(key: string, closed = !this.folded().has(key)): void {
    const next = new Set(this.folded());
    if (closed) next.add(key);
    else next.delete(key);
    this.folded.set(next);
  }

  protected onKey(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    const cell = target.closest<HTMLTableCellElement>('td, th');
    if (cell === null || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key === 'Home' || event.key === 'End') this.focusEnd(event, event.key === 'Home');
      if (event.key === 'c' && getSelection()?.isCollapsed !== false) this.copy(event, cell);
      return;
    }
    const group = target.dataset['group'];
    if (group !== undefined && (event.key === 'ArrowLeft' || event.key === 'ArrowRight')) {
      const close = event.key === 'ArrowLeft';
      if (close !== this.folded().has(group)) {
        event.preventDefault();
        return this.toggle(group, close);
      }
    }
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (step !== undefined) this.move(event, cell, step[0] ?? 0, step[1] ?? 0);
    if (event.key === 'Home' || event.key === 'End') this.moveToEdge(event, cell, event.key === 'Home');
  }
  /** Skips cells without a control. A head row spans two columns: columns count from the right. */
  private move(event: KeyboardEvent, from: HTMLTableCellElement, down: number, right: number): void {
    const rows = [...this.host.nativeElement.querySelectorAll('tr')];
    let row = rows.indexOf(from.parentElement as HTMLTableRowElement);
    let column = from.cellIndex - (rows[row]?.cells.length ?? 0);
    for (;;) {
      row += down;
      column += right;
      const cell = rows[row]?.cells[(rows[row]?.cells.length ?? 0) + column];
      if (cell === undefined || column >= 0) return;
      const next = cell.querySelector<HTMLElement>('a, button');
      if (next !== null) return this.focus(event, next);
    }
  }
  private moveToEdge(event: KeyboardEvent, from: HTMLTableCellElement, first: boolean): void {
    const found = [...(from.parentElement?.querySelectorAll<HTMLElement>('a, button') ?? [])];
    const next = first ? found[0] : found.at(-1);
    if (next !== undefined) this.focus(event, next);
  }
  private focusEnd(event: KeyboardEvent, first: boolean): void {
    const found = [...this.host.nativeElement.querySelectorAll<HTMLElement>('tbody a, tbody button, tfoot button')];
    const next = first ? found[0] : found.at(-1);
    if (next !== undefined) this.focus(event, next);
  }
  private focus(event: KeyboardEvent, next: HTMLElement): void {
    event.preventDefault();
    this.host.nativeElement.querySelectorAll('[tabindex="0"]').forEach((el) => el.setAttribute('tabindex', '-1'));
    next.setAttribute('tabindex', '0');
    next.focus();
  }
  private copy(event: KeyboardEvent, cell: HTMLTableCellElement): void {
    const value = cell.querySelector('data')?.getAttribute('value');
    if (!value) return;
    event.preventDefault();
    void copyText(value);
  }
}
