import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  ElementRef,
  inject,
  input,
  linkedSignal,
  output,
  signal,
} from '@angular/core';
import type { ActionDeclaration, ViewDeclaration } from '@daybook/kernel';
import type { Choice } from '../../core/choices';
import { Records, searchRecords } from '../../core/records';
import { Rights } from '../../core/rights';
import { Icon } from '../../parts/icon';
import { Marked } from '../../parts/marked';

/** A record that is not there yet: how to create it. */
export interface Wanted {
  readonly view: ViewDeclaration;
  readonly action: ActionDeclaration;
  /** What was typed to find it, in the field that says it. */
  readonly start: Readonly<Record<string, string>>;
}
const shown = 8;

/** Chooses a record by what it is called: finds while one types, and creates a new one where there is none yet. */
@Component({
  selector: 'db-record-picker',
  imports: [Icon, Marked],
  templateUrl: './record-picker.html',
  host: { class: 'picker' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RecordPicker {
  private readonly records = inject(Records);
  private readonly rights = inject(Rights);
  /** The type of the record. */
  readonly to = input.required<string>();
  readonly field = input.required<string>();
  readonly name = input.required<string>();
  readonly value = input.required<string>();
  readonly problem = input('');
  readonly picked = output<string>();
  /** Whether a new one can be created from here. */
  readonly creates = input(false);
  readonly wanted = output<Wanted>();

  protected readonly open = signal(false);
  /** What the record that is chosen is called. */
  private readonly held = computed(() => (this.value() === '' ? '' : this.records.name(this.to(), this.value())));
  protected readonly typed = linkedSignal(() => this.held());
  /** Nothing is searched for while the field says what it holds: all are offered. */
  protected readonly searched = computed(() => (this.typed() === this.held() ? '' : this.typed().trim()));
  private readonly screen = computed(() => this.records.screen(this.to()));
  protected readonly search = searchRecords(
    () => (this.open() ? { to: this.to(), text: this.searched() } : null),
    shown,
  );
  protected readonly options = this.search.found;
  private readonly last = computed(() => this.options().length - (this.create() === null ? 1 : 0));
  /** -1 until something is searched for and found: Enter takes nothing that was not asked for. */
  protected readonly here = linkedSignal<number>(() =>
    this.searched() !== '' && this.search.answered() && this.last() >= 0 ? 0 : -1,
  );
  /** An empty box says nothing: it comes with the first thing in it. */
  protected readonly drops = computed(
    () => this.open() && (this.options().length > 0 || this.create() !== null || this.search.said() !== null),
  );
  /** The way to a new one, for those who may; below what was found, so that it does not move under a finger. */
  protected readonly create = computed(() => {
    if (!this.search.answered() && this.search.problem() === null) return null;
    const action = this.creates() ? this.screen()?.view.actions.create?.action : undefined;
    return action !== undefined && this.rights.may(action.operation) ? action : null;
  });

  constructor() {
    const host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
    effect(() => {
      const id = `${this.field()}-choice-${this.here()}`;
      queueMicrotask(() => host.querySelector(`[id="${id}"]`)?.scrollIntoView?.({ block: 'nearest' }));
    });
  }
  protected type(text: string): void {
    this.typed.set(text);
    this.open.set(true);
    if (text.trim() === '' && this.value() !== '') this.picked.emit('');
  }
  /** What was typed and not chosen is not kept. */
  protected leave(): void {
    this.open.set(false);
    this.typed.set(this.held());
  }
  protected key(event: KeyboardEvent): void {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (!this.open()) return this.open.set(true);
      this.here.update((at) => Math.min(this.last(), Math.max(0, at + (event.key === 'ArrowDown' ? 1 : -1))));
    } else if (event.key === 'Enter' && this.open() && (this.here() >= 0 || this.searched() !== '')) {
      event.preventDefault();
      const option = this.options()[this.here()];
      if (option) this.choose(option);
      else if (this.here() >= 0) this.add();
    } else if (event.key === 'Tab' && this.open() && this.searched() !== '') {
      // As in the lines of an entry: who goes on takes what the search chose.
      const option = this.options()[this.here()];
      if (option) this.choose(option);
    } else if (event.key === 'Escape' && this.open()) {
      event.preventDefault();
      event.stopPropagation();
      this.leave();
    }
  }
  protected choose(option: Choice): void {
    const screen = this.screen();
    if (screen !== null) this.records.learn(screen, [option]);
    this.typed.set(option.label);
    this.open.set(false);
    this.picked.emit(option.value);
  }
  protected add(): void {
    const [action, screen, text] = [this.create(), this.screen(), this.searched()];
    this.leave();
    if (action === null || screen === null) return;
    // Those that have a number are found by that too.
    const said = /^\d/.test(text) ? screen.record.id : screen.record.calledBy;
    this.wanted.emit({ view: screen.view, action, start: said in (action.ask ?? {}) ? { [said]: text } : {} });
  }
}
