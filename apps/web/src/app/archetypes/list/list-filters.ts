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
import { type FilterDeclaration, me, type ViewDeclaration } from '@daybook/kernel';
import { AsOf } from '../../core/as-of';
import { asked } from '../../core/asked';
import { type Choice, Choices, fixedChoices, isOffered } from '../../core/choices';
import { Companies } from '../../core/companies';
import { People } from '../../core/people';
import { Records } from '../../core/records';
import { Values } from '../../core/values';
import { Icon } from '../../parts/icon';
import { Pop } from '../../parts/pop';
import { wordsOf } from './filter-words';
import { FilterEditor } from './filter-editor';
import { fieldsOf, type Query } from './list-state';

/** Filter chips in words; each opens to change, × removes. "Filter" adds one of those declared. */
@Component({
  selector: 'db-list-filters',
  imports: [Icon, Pop, FilterEditor],
  templateUrl: './list-filters.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ListFilters {
  private readonly asOf = inject(AsOf);
  private readonly companies = inject(Companies);
  private readonly people = inject(People);
  private readonly values = inject(Values);
  private readonly offered = inject(Choices);
  private readonly records = inject(Records);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  readonly view = input.required<ViewDeclaration>();
  readonly query = input.required<Query>();
  /** Fields to set; '' removes one. */
  readonly changed = output<Query>();
  protected readonly adding = signal<FilterDeclaration | null>(null);
  private readonly pops = viewChildren(Pop);

  /** Choices that a list query offers, by filter label; asked once when the list opens. */
  private readonly loaded = asked(
    () => ({ list: this.view().list.name, companyId: this.companies.current()?.id ?? null, known: this.asOf.known() }),
    async ({ known }, signal) => {
      const answers: Record<string, readonly Choice[]> = {};
      for (const { label, choices } of this.view().filters)
        if (isOffered(choices)) answers[label] = await this.offered.of(choices, { signal, known });
      return answers;
    },
  );
  protected choices(filter: FilterDeclaration): readonly Choice[] {
    if (filter.as === 'person') {
      const people = this.people.choices();
      // The list of a record knows who asks.
      return 'of' in this.view().list ? [{ value: me, label: 'Me' }, ...people] : people;
    }
    // Others are found while one types.
    if (filter.as === 'record') {
      const chosen = fieldsOf(filter).flatMap((name) => (this.query()[name] ?? '').split(',').filter(Boolean));
      return chosen.map((value) => ({ value, label: this.records.name(filter.to ?? '', value) }));
    }
    return isOffered(filter.choices) ? (this.loaded.value()?.[filter.label] ?? []) : fixedChoices(filter.choices);
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
