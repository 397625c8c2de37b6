import {
  ChangeDetectionStrategy,
  Component,
  computed,
  type ElementRef,
  inject,
  input,
  linkedSignal,
  output,
  signal,
  viewChild,
} from '@angular/core';
import { mentionsIn } from '@daybook/collaboration';
import { Leaving } from '../../core/leaving';
import { People } from '../../core/people';
import type { Problem } from '../../core/problem';
import { Icon } from '../../parts/icon';
import { Said } from '../../parts/said';
import { matching, type Named, shownText, soughtAt, storedText } from './mention-text';

/** Where a comment is written: `@` finds people, Ctrl Enter sends. */
@Component({
  selector: 'db-comment-field',
  imports: [Icon, Said],
  templateUrl: './comment-field.html',
  host: { class: 'comment-field picker' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class CommentField {
  private readonly people = inject(People);
  readonly field = input.required<string>();
  readonly label = input.required<string>();
  readonly verb = input.required<string>();
  /** What is edited; empty for a new comment. */
  readonly text = input('');
  readonly busy = input(false);
  readonly problem = input<Problem | null>(null);
  /** An edit can be left. */
  readonly leaves = input(false);
  readonly sent = output<string>();
  readonly left = output();

  private readonly box = viewChild.required<ElementRef<HTMLTextAreaElement>>('box');
  private readonly start = computed(() => shownText(this.text(), (id) => this.people.label(id)));
  protected readonly typed = linkedSignal(() => this.start());
  private readonly chosen = linkedSignal<readonly Named[]>(() =>
    mentionsIn(this.text()).map((id) => ({ id, name: this.people.label(id) })),
  );
  private readonly named = computed(() => this.people.choices().map(({ value: id, label: name }) => ({ id, name })));
  private readonly caret = signal(-1);
  private readonly sought = computed(() => soughtAt(this.typed(), this.caret()));
  protected readonly options = computed(() => {
    const sought = this.sought();
    return sought === null ? [] : matching(this.named(), sought.words);
  });
  protected readonly here = linkedSignal<number>(() => (this.options().length > 0 ? 0 : -1));

  constructor() {
    inject(Leaving).guard(() => this.typed() !== this.start());
  }
  focus(): void {
    this.box().nativeElement.focus();
  }
  protected type(): void {
    const { value, selectionStart } = this.box().nativeElement;
    this.typed.set(value);
    this.caret.set(selectionStart);
  }
  protected key(event: KeyboardEvent): void {
    const open = this.options().length > 0;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.send();
    } else if (open && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      this.here.update((at) => (at + step + this.options().length) % this.options().length);
    } else if (open && (event.key === 'Enter' || event.key === 'Tab')) {
      event.preventDefault();
      this.choose(this.options()[this.here()]!);
    } else if (event.key === 'Escape' && (open || this.leaves())) {
      event.preventDefault();
      event.stopPropagation();
      if (open) this.caret.set(-1);
      else this.left.emit();
    }
  }
  protected choose(person: Named): void {
    const sought = this.sought();
    if (sought === null) return;
    const before = `${this.typed().slice(0, sought.from)}@${person.name} `;
    const text = before + this.typed().slice(this.caret());
    this.chosen.update((known) => [...known.filter(({ name }) => name !== person.name), person]);
    this.typed.set(text);
    this.caret.set(-1);
    const box = this.box().nativeElement;
    box.value = text;
    box.setSelectionRange(before.length, before.length);
    box.focus();
  }
  protected leave(): void {
    this.caret.set(-1);
  }
  protected send(): void {
    const text = storedText(this.typed(), this.chosen()).trim();
    if (text !== '' && !this.busy()) this.sent.emit(text);
  }
  /** After it was sent. */
  clear(): void {
    this.typed.set('');
    this.chosen.set([]);
  }
}
