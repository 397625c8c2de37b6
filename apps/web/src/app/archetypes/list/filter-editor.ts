import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  ElementRef,
  inject,
  input,
  linkedSignal,
  output,
  signal,
} from '@angular/core';
import type { FilterDeclaration } from '@daybook/kernel';
import type { Choice } from '../../core/choices';
import { Companies } from '../../core/companies';
import { today } from '../../core/dates';
import { Preferences } from '../../core/preferences';
import { Records, searchRecords } from '../../core/records';
import { Values } from '../../core/values';
import { isRange, readRange, readTyped } from './filter-words';
import { fieldsOf, isFigure, type Query } from './list-state';

const shown = 60;

/** One filter: a list to tick, a range of two fields, or one field. Operators come from the format. */
@Component({
  selector: 'db-filter-editor',
  templateUrl: './filter-editor.html',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class FilterEditor {
  private readonly preferences = inject(Preferences);
  private readonly companies = inject(Companies);
  private readonly values = inject(Values);
  private readonly records = inject(Records);
  readonly filter = input.required<FilterDeclaration>();
  readonly query = input.required<Query>();
  readonly choices = input<readonly Choice[]>([]);
  readonly done = output<Query>();
  protected readonly wrong = signal('');
  protected readonly narrow = signal('');
  /** Nothing is searched for by an editor that nobody opened. */
  protected readonly opened = signal(false);
  private readonly fields = computed(() => fieldsOf(this.filter()));
  protected readonly range = computed(() => isRange(this.filter()));
  private readonly held = computed(() => this.fields().map((name) => this.query()[name] ?? ''));
  protected readonly typed = linkedSignal(() =>
    (this.range() ? this.held() : [this.held().find(Boolean) ?? '']).map((value) =>
      this.values.text(value, this.filter().as).replaceAll('\u00a0', ' '),
    ),
  );
  protected readonly ticked = linkedSignal<ReadonlySet<string>>(
    () => new Set((this.held().find(Boolean) ?? '').split(',').filter(Boolean)),
  );
  protected readonly excludes = linkedSignal(() => this.held()[0] === '' && (this.held()[1] ?? '') !== '');
  private readonly ofRecords = computed(() => this.filter().as === 'record');
  protected readonly search = searchRecords(
    () => (this.ofRecords() && this.opened() ? { to: this.filter().to ?? '', text: this.narrow().trim() } : null),
    shown,
  );
  protected readonly ticks = computed(() => this.ofRecords() || this.choices().length > 0);
  protected readonly narrows = computed(() => this.ofRecords() || this.choices().length > 8);
  protected readonly offered = computed(() => {
    if (this.ofRecords()) return this.recordsOffered();
    const wanted = this.narrow().toLowerCase();
    return this.choices()
      .filter((choice) => this.ticked().has(choice.value) || choice.label.toLowerCase().includes(wanted))
      .slice(0, shown);
  });
  /** What is ticked stays in sight, whatever is searched for. */
  private recordsOffered(): readonly Choice[] {
    const found = this.search.found();
    const others = [...this.ticked()].filter((id) => !found.some(({ value }) => value === id));
    return [...others.map((value) => ({ value, label: this.records.name(this.filter().to ?? '', value) })), ...found];
  }
  protected readonly labels = computed(() => (this.range() ? ['From', 'To'] : [this.filter().label]));
  protected readonly placeholder = computed(() => {
    const { as } = this.filter();
    if (as === 'date') return '31 Mar 2026, 153, m, q1';
    return isFigure({ as }) ? '10000, >10000, 1000..2000' : '';
  });

  constructor() {
    const host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
    afterNextRender(() => host.querySelector<HTMLElement>('input')?.focus());
  }
  protected type(index: number, text: string): void {
    this.typed.update((typed) => typed.map((held, at) => (at === index ? text : held)));
  }
  protected tick(value: string): void {
    const next = new Set(this.ticked());
    if (!next.delete(value)) next.add(value);
    this.ticked.set(next);
    const screen = this.records.screen(this.filter().to ?? '');
    if (screen !== null) this.records.learn(screen, this.search.found());
  }
  /** The words between label and values, where what is ticked can be left out instead. */
  protected readonly ways = computed(() => (this.filter().not === undefined ? [] : ['is', 'is not']));
  protected apply(): void {
    const [first = '', second = ''] = this.fields();
    if (this.ticks()) return this.done.emit(this.chosen([...this.ticked()].join(',')));
    const day = today(this.companies.zone());
    const read = (text: string): string | null => readTyped(this.filter(), text, day, this.preferences.numberForm());
    const [from = '', to = ''] = this.typed();
    const both = this.range() ? readRange(from, read) : null;
    const values = both ?? [read(from), this.range() ? read(to) : ''];
    if (values.some((value) => value === null)) {
      this.wrong.set(
        this.filter().as === 'date'
          ? 'Not a date. Write it like 31 Mar 2026.'
          : 'Not a figure. Write it like 1\u00a0234,50.',
      );
      return;
    }
    this.done.emit(
      this.range() ? { [first]: values[0] ?? '', [second]: values[1] ?? '' } : this.chosen(values[0] ?? ''),
    );
  }
  /** What is chosen, or what is left out. */
  private chosen(values: string): Query {
    const [is = '', isNot = ''] = this.fields();
    if (isNot === '') return { [is]: values };
    return this.excludes() ? { [is]: '', [isNot]: values } : { [is]: values, [isNot]: '' };
  }
}
