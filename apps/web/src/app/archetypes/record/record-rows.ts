import { ChangeDetectionStrategy, Component, computed, inject, input, output } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { ActionDeclaration, QueryOperation, SectionDeclaration, ViewDeclaration } from '@daybook/kernel';
import type * as z from 'zod';
import { Api } from '../../core/api';
import { AsOf } from '../../core/as-of';
import { asked } from '../../core/asked';
import { Links } from '../../core/links';
import { Live } from '../../core/live';
import { Rights } from '../../core/rights';
import { isList } from '../../core/schema';
import { Cell } from '../../parts/cell';
import { Icon } from '../../parts/icon';
import { Pop } from '../../parts/pop';
import { ProblemState } from '../../parts/problem-state';
import { Actions } from '../form/actions';
import { isScoped } from '../../views';
import { isFigure, labelOf, type Row } from '../list/list-state';

interface Answer {
  readonly items: readonly Row[];
  readonly next?: string | null;
}
type RowsSection = Extract<SectionDeclaration, { kind: 'rows' }>;
let sections = 0;

/** Rows of another view that belong to a record, with their deeds: the roles and the keys of a person. */
@Component({
  selector: 'db-record-rows',
  imports: [Cell, Icon, Pop, ProblemState, RouterLink],
  templateUrl: './record-rows.html',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RecordRows {
  private readonly api = inject(Api);
  private readonly asOf = inject(AsOf);
  private readonly actions = inject(Actions);
  private readonly rights = inject(Rights);
  readonly section = input.required<RowsSection>();
  /** Of the record, whose name a dialog says. */
  readonly view = input.required<ViewDeclaration>();
  readonly row = input.required<Row>();
  readonly changed = output();
  private readonly links = inject(Links);
  protected readonly id = `rows-${(sections += 1)}`;

  protected readonly allowed = computed(() => this.rights.may(this.section().view.list));
  protected readonly read = asked(
    () => {
      if (!this.allowed()) return null;
      const { where, view, most = 200 } = this.section();
      const shape = view.list.input.shape as Record<string, z.ZodType>;
      const input = Object.fromEntries(
        Object.entries(where).map(([field, from]) => {
          const value = this.row()[from];
          return [field, isList(shape[field]) ? [value] : value];
        }),
      );
      const limit = 'limit' in shape ? { limit: most } : {};
      return { input: { ...input, ...limit }, known: this.asOf.known() };
    },
    async ({ input, known }, signal) => {
      const list = this.section().view.list as QueryOperation;
      return (await this.api.ask(list, input, { signal, known })) as Answer;
    },
  );
  protected readonly heads = computed(() =>
    this.section().columns.map((name) => {
      const column = this.section().view.columns[name];
      if (column === undefined) throw new Error(`The view ${this.section().view.path} has no column ${name}.`);
      return { name, column, label: labelOf(name, column), look: `c-${column.as}${isFigure(column) ? ' n' : ''}` };
    }),
  );
  protected readonly rows = computed(() =>
    (this.read.value()?.items ?? []).map((row) => ({
      row,
      deeds: this.deeds(row),
      name: this.nameOf(row),
      link: this.links.row(this.section().view, row),
    })),
  );
  /** The list itself, narrowed to these rows: there they page and filter. */
  protected readonly all = computed(() => {
    const { where: all, view } = this.section();
    // The address says the company.
    const where = Object.entries(all).filter(([field]) => field !== 'companyId' || !isScoped(view));
    const filters = view.filters.map(({ field }) => field);
    if (!this.read.value()?.next || !where.every(([field]) => filters.includes(field))) return null;
    const query = where.map(([field, from]) => [field, String(this.row()[from])]);
    return { path: this.links.list(view), query: Object.fromEntries(query) as Record<string, string> };
  });
  protected readonly create = computed(() => {
    const { create } = this.section();
    return create !== undefined && this.actions.possible([create], this.row()).length > 0 ? create : null;
  });

  constructor() {
    const live = inject(Live);
    // The section is an input: its names are known when a hint comes.
    live.on('*', (hint) => {
      const { channels = [], path } = this.section().view;
      if (hint === null || [path, ...channels].includes(hint.channel)) this.read.reload();
    });
  }
  private deeds(row: Row): readonly ActionDeclaration[] {
    return this.actions.possible(this.section().view.actions.row, row);
  }
  private nameOf(row: Row): string {
    const pin = Object.entries(this.section().view.columns).find(([, column]) => column.pin === true)?.[0];
    return pin === undefined ? '' : String(row[pin] ?? '');
  }
  protected async add(action: ActionDeclaration): Promise<void> {
    if (await this.actions.perform(this.view(), action, [this.row()])) this.done();
  }
  protected async act(action: ActionDeclaration, row: Row): Promise<void> {
    if (await this.actions.perform(this.section().view, action, [row])) this.done();
  }
  private done(): void {
    this.read.reload();
    this.changed.emit();
  }
}
