import {
  ChangeDetectionStrategy,
  Component,
  computed,
  ElementRef,
  inject,
  input,
  output,
  signal,
  viewChildren,
} from '@angular/core';
import type { FilterDeclaration, QueryOperation, ViewDeclaration } from '@daybook/kernel';
import { Api } from '../../core/api';
import { AsOf } from '../../core/as-of';
import { asked } from '../../core/asked';
import { Companies } from '../../core/companies';
import { People } from '../../core/people';
import { Values } from '../../core/values';
import { Icon } from '../../parts/icon';
import { Pop } from '../../parts/pop';
import { type Choice, wordsOf } from './filter-words';
import { FilterEditor } from './filter-editor';
import { fieldsOf, type Query } from './list-state';

type Rows = { items?: readonly Record<string, unknown>[] };

/** Filter chips in words; each opens to change, × removes. "Filter" adds one of those declared. */
@Component({
  selector: 'db-list-filters',
  imports: [Icon, Pop, FilterEditor],
  templateUrl: './list-filters.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ListFilters {
  private readonly api = inject(Api);
  private readonly asOf = inject(AsOf);
  private readonly companies = inject(Companies);
  private readonly people = inject(People);
  private readonly values = inject(Values);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  readonly view = input.required<ViewDeclaration>();
  readonly query = input.required<Query>();
  /** Fields to set; '' removes one. */
  readonly changed = output<Query>();
  protected readonly adding = signal<FilterDeclaration | null>(null);
  private readonly pops = viewChildren(Pop);

  /** Choices that a list query offers, by filter label; asked once when the list opens. */
  private readonly offered = asked(
    () => {
      const companyId = this.companies.current()?.id;
      return companyId === undefined ? null : { view: this.view(), companyId, known: this.asOf.known() };
    },
    async ({ view, companyId, known }, signal) => {
      const answers: Record<string, readonly Choice[]> = {};
      for (const { label, choices } of view.filters) {
        if (choices === undefined || !('query' in choices)) continue;
        const wanted = choices.query.input.shape;
        const input = {
          ...('companyId' in wanted ? { companyId } : {}),
          ...('limit' in wanted ? { limit: 200 } : {}),
        };
        const { items = [] } = (await this.api.ask(choices.query as QueryOperation, input, { signal, known })) as Rows;
        answers[label] = items.map((row) => {
          const value = String(row[choices.value]);
          return { value, label: `${value} ${String(row[choices.label])}` };
        });
      }
      return answers;
    },
  );
  protected choices(filter: FilterDeclaration): readonly Choice[] {
    if (filter.as === 'person') return this.people.all().map(({ id, name }) => ({ value: id, label: name }));
    if (filter.choices === undefined) return [];
    return 'query' in filter.choices ? (this.offered.value()?.[filter.label] ?? []) : filter.choices;
  }
  protected readonly chips = computed(() =>
    this.view()
      .filters.filter((filter) => fieldsOf(filter).some((name) => this.query()[name]))
      .map((filter) => ({
        filter,
        ...wordsOf(filter, this.query(), (value) => this.values.text(value, filter.as), this.choices(filter)),
      })),
  );
  protected readonly rest = computed(() =>
    this.view().filters.filter((filter) => fieldsOf(filter).every((name) => !this.query()[name])),
  );
  protected take(fields: Query): void {
    for (const pop of this.pops()) pop.close();
    this.adding.set(null);
    this.changed.emit(fields);
  }
  protected remove(filter: FilterDeclaration): void {
    this.changed.emit(Object.fromEntries(fieldsOf(filter).map((name) => [name, ''])));
  }
  /** F */
  add(): void {
    this.host.querySelector<HTMLElement>('#filter-add')?.togglePopover();
  }
}
