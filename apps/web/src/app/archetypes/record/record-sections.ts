import { NgComponentOutlet } from '@angular/common';
import { ChangeDetectionStrategy, Component, computed, inject, input, output } from '@angular/core';
import { RouterLink } from '@angular/router';
import {
  type ColumnDeclaration,
  decimals,
  type RecordDeclaration,
  type SectionDeclaration,
  type ViewDeclaration,
} from '@daybook/kernel';
import { Links } from '../../core/links';
import { Cell } from '../../parts/cell';
import { Icon } from '../../parts/icon';
import { slots } from '../../slots/slots';
import { isFigure, labelOf, type Row } from '../list/list-state';
import { RecordRows } from './record-rows';

type Lines = Extract<SectionDeclaration, { kind: 'lines' }>;
/** A line's own number counts nothing. */
const right = (column: ColumnDeclaration): boolean => isFigure(column) && column.as !== 'count';

/** The body of a record as its view declares it: lines with their totals, fields, and slots for what is special. */
@Component({
  selector: 'db-record-sections',
  imports: [NgComponentOutlet, RouterLink, Cell, Icon, RecordRows],
  templateUrl: './record-sections.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RecordSections {
  private readonly links = inject(Links);
  readonly view = input.required<ViewDeclaration>();
  readonly record = input.required<RecordDeclaration>();
  readonly row = input.required<Row>();
  /** Something was done in a section that the record may show too. */
  readonly changed = output();

  protected readonly sections = computed(() =>
    this.record().sections.map((section) =>
      section.kind === 'lines'
        ? { ...section, heads: this.heads(section.columns), rows: this.linesOf(section), sums: this.sums(section) }
        : section.kind === 'fields'
          ? { ...section, heads: this.heads(section.fields) }
          : section.kind === 'rows'
            ? section
            : { ...section, component: slots[section.slot] ?? null },
    ),
  );
  protected readonly slotInputs = computed(() => ({ row: this.row() }));

  private heads(columns: Readonly<Record<string, ColumnDeclaration>>) {
    return Object.entries(columns).map(([name, column]) => ({
      name,
      column,
      label: labelOf(name, column),
      look: `c-${column.as}${right(column) ? ' n fl' : ''}${column.grow ? ' c-grow wide' : ''}${column.as === 'count' ? ' wide' : ''}`,
    }));
  }
  private linesOf(section: Lines): readonly Row[] {
    const lines = this.row()[section.field];
    const currency = this.row()['currency'];
    return Array.isArray(lines) ? (lines as Row[]).map((line) => ({ currency, ...line })) : [];
  }
  /** Totals of the declared columns, and whether the first two are equal: a ledger says so. */
  private sums(section: Lines): Row | null {
    const { total } = section;
    if (total === undefined) return null;
    const sum = (name: string): string => decimals.sum(this.linesOf(section).map((line) => String(line[name] ?? '0')));
    const sums = Object.fromEntries(total.map((name) => [name, sum(name)]));
    const [first = '', second = ''] = total.map((name) => sums[name]);
    return {
      ...sums,
      currency: this.row()['currency'],
      balanced: total.length === 2 && decimals.cmp(first, second) === 0,
    };
  }
  protected account(line: Row, name: string): string {
    return this.links.company(`accounts/${encodeURIComponent(String(line[name]))}`);
  }
}
