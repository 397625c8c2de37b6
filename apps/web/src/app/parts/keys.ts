import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import { keyWords } from '../core/commands';

/** The keys of a command as small caps beside its button. Hidden from readers: the name says what it does. */
@Component({
  selector: 'db-keys',
  template: `@for (word of words(); track $index) {
    <kbd>{{ word }}</kbd>
  }`,
  host: { class: 'keys-hint', 'aria-hidden': 'true' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Keys {
  readonly of = input.required<string>();
  protected readonly words = computed(() => keyWords(this.of()));
}
